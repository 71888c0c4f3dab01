/** React Native has no `MessageEvent`, no `crypto`, no page and no `reportError`. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { connect, FakeSocket, pass, socket, withFakeClock } from "./support/fake-socket.ts";

const LACKING = ["MessageEvent", "crypto", "reportError", "navigator"] as const;
const own = LACKING.map(
  (name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const,
);

withFakeClock();

before(() => {
  for (const name of LACKING) Reflect.deleteProperty(globalThis, name);
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
