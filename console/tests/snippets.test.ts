import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { clientFor, curlFor } from "../src/snippets.ts";

const ORIGIN = "http://localhost:1999";
const SERVER = new URL(`${ORIGIN}/`);
const ANN = { projectId: "demo", userId: "ann", userName: "Ann", token: "" };
const CALL = { projectId: "p", body: "{}", idempotencyKey: "" };

/** What a shell makes of a command: the arguments that it hands to curl, and what it complains of. */
function run(command: string, env: Record<string, string> = {}) {
  const script = `curl() { printf '%s\\0' "$@"; }\n${command}`;
  const { stdout, stderr } = spawnSync("sh", ["-c", script], {
    env: { PATH: process.env.PATH, ...env },
    encoding: "utf8",
  });
  return { args: stdout.split("\0").slice(0, -1), stderr };
}

test("a shell hands curl the call as it is, whatever is in it", () => {
  for (const text of ["plain", "it's", '$HOME `id` \\ "x"', "a\nb", "!*[]{}~é✓"]) {
    const body = JSON.stringify({ eventType: text });
    const call = { projectId: text.replace("\n", ""), body, idempotencyKey: "k'1" };
    const env = { BROADCAST_SECRET: "s3cret" };
    assert.deepEqual(run(curlFor(SERVER, call), env).args, [
      "-X",
      "POST",
      `${ORIGIN}/parties/main/${encodeURIComponent(call.projectId)}`,
      "-H",
      "Authorization: Bearer s3cret",
      "-H",
      "Content-Type: application/json",
      "-H",
      "Idempotency-Key: k'1",
      "--data-raw",
      body,
    ]);
  }
});

test("where nobody exports the secret, the command asks the project for it", () => {
  const npm = 'npm() { [ "$*" = "run -s secret" ] && echo s-3_t; }';
  const { args } = run(`${npm}\n${curlFor(SERVER, CALL)}`);
  assert.equal(args[4], "Authorization: Bearer s-3_t");
});

test("for a server elsewhere the command says what to set, and calls nobody without it", () => {
  const command = curlFor(new URL("https://rt.example.com/base/"), CALL);
  const { args, stderr } = run(command);
  assert.deepEqual(args, []);
  assert.match(stderr, /Set it to the secret of rt\.example\.com/);
  const set = run(command, { BROADCAST_SECRET: "x" });
  assert.equal(set.args[2], "https://rt.example.com/base/parties/main/p");
});

test("a call without a key has no header for one", () => {
  assert.doesNotMatch(curlFor(SERVER, CALL), /Idempotency-Key/);
});

test("client code says who connects, and a token never stands in it", () => {
  const page = new URL(ORIGIN);
  assert.match(clientFor(page, ANN), /userId: "ann", userName: "Ann", since: position/);
  assert.match(
    clientFor(page, { ...ANN, userId: "", userName: "" }),
    /query: \(\) => \(\{ since: position \}\)/,
  );
  const byToken = clientFor(page, { ...ANN, token: "aaa.bbb.ccc" });
  assert.match(byToken, /token: await fetchToken\(\)/);
  assert.doesNotMatch(byToken, /aaa/);
});

test("client code names the protocol where partysocket would take another", () => {
  const protocol = (url: string) => /protocol: "(\w+)"/.exec(clientFor(new URL(url), ANN))?.[1];
  assert.deepEqual(
    [
      "http://localhost:1999",
      "https://realtime.example.com",
      "http://192.168.1.2:1999",
      "https://localhost:8787",
      "http://localhost",
      "http://realtime.internal:80",
    ].map(protocol),
    [undefined, undefined, "ws", "wss", "ws", "ws"],
  );
});

test("client code encodes a project's id that means something in a URL", () => {
  assert.match(
    clientFor(new URL(ORIGIN), { ...ANN, projectId: "a?b" }),
    /room: encodeURIComponent\("a\?b"\)/,
  );
});

test("P1.11 client code says under which path the server is", () => {
  const prefix = (url: string) => /prefix: "(.+)"/.exec(clientFor(new URL(url), ANN))?.[1];
  assert.equal(prefix("http://localhost:1999/app/realtime/"), "app/realtime/parties");
  assert.equal(prefix(`${ORIGIN}/`), undefined);
});
