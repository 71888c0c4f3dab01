/**
 * React Native has no `MessageEvent`, no `crypto`, no page and no `reportError`, before 0.74 no `atob`,
 * and before 0.80 a `URLSearchParams` of its own kind.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { documentOf, joined } from "./support/document-socket.ts";
import {
  connect,
  FakeSocket,
  online,
  pass,
  socket,
  tokenWith,
  withFakeClock,
} from "./support/fake-socket.ts";

const LACKING = [
  "MessageEvent",
  "crypto",
  "reportError",
  "navigator",
  "atob",
  "TextDecoder",
] as const;
const OTHER = "URLSearchParams";
const own = [...LACKING, OTHER].map(
  (name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const,
);

/** It takes a list of pairs for an object. */
class OldSearchParams {
  readonly #pairs: [string, string][] = [];

  constructor(init: object = {}) {
    for (const [name, value] of Object.entries(init)) this.append(name, value);
  }

  append(name: string, value: unknown): void {
    this.#pairs.push([name, String(value)]);
  }

  toString(): string {
    return this.#pairs.map((pair) => pair.map(encodeURIComponent).join("=")).join("&");
  }
}

withFakeClock();

before(() => {
  for (const name of LACKING) Reflect.deleteProperty(globalThis, name);
  Object.assign(globalThis, { [OTHER]: OldSearchParams });
});

after(() => {
  for (const [name, descriptor] of own)
    if (descriptor) Object.defineProperty(globalThis, name, descriptor);
});

test("events arrive, and the connection has a name that it keeps", async () => {
  assert.equal(typeof MessageEvent, "undefined");
  const project = connect();
  const first = await socket();
  const types: string[] = [];
  project.on("*", ({ type }) => types.push(type));
  first.accepts();
  first.says([{ type: "TASK_UPDATED", payload: { taskId: "t" }, timestamp: 1, seq: 1 }]);
  assert.deepEqual(types, ["CONNECTED", "resync", "TASK_UPDATED"]);
  first.ends();
  await pass(3_000);
  const names = FakeSocket.queried("_pk");
  assert.equal(names.length, 2);
  assert.match(names[0] ?? "", /^\w{9,}$/);
  assert.equal(names[0], names[1]);
});

test("the server is told who connects, and from which position", async () => {
  assert.equal(String(new OldSearchParams([["a", "b"]])), "0=a%2Cb");
  connect({ user: { id: "ann", name: "Ann Lee" }, since: "e:5" });
  const { _pk, ...query } = Object.fromEntries((await socket()).url.searchParams);
  const who = { userId: "ann", userName: "Ann Lee" };
  assert.deepEqual(query, { ...who, frames: "batch", since: "e:5" });
});

test("a token is refreshed, whatever script its claims are in", async () => {
  const getToken = () => tokenWith({ sub: "ann", name: "Zoë 李 🙂", exp: Date.now() / 1_000 + 60 });
  const { first } = await online({}, { getToken });
  await pass(48_000);
  assert.equal(first.count("AUTH"), 1);
});

test("a document is brought over, written, sent at once where the app asks, and saved", async () => {
  const server = documentOf("Hello");
  const { provider, first, text } = await joined(server);
  assert.equal(text.toString(), "Hello");
  text.insert(5, "!");
  provider.flush();
  const [update] = first.updates;
  assert.ok(update);
  first.keeps(server, update);
  assert.equal(provider.saved, true);
  provider.check();
  assert.equal(first.count("PING"), 1);
});
