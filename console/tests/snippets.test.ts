import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { clientFor, curlFor } from "../src/snippets.ts";

const ORIGIN = "http://localhost:1999";
const ANN = { projectId: "demo", userId: "ann", userName: "Ann", token: "" };

/** The arguments that a shell hands to curl. */
function argumentsOf(command: string): string[] {
  const script = `curl() { printf '%s\\0' "$@"; }\n${command}`;
  const { stdout } = spawnSync("sh", ["-c", script], {
    env: { BROADCAST_SECRET: "s3cret" },
    encoding: "utf8",
  });
  return stdout.split("\0").slice(0, -1);
}

test("a shell hands curl the call as it is, whatever is in it", () => {
  for (const text of ["plain", "it's", '$HOME `id` \\ "x"', "a\nb", "!*[]{}~é✓"]) {
    const body = JSON.stringify({ eventType: text });
    const call = { projectId: text.replace("\n", ""), body, idempotencyKey: "k'1" };
    assert.deepEqual(argumentsOf(curlFor(ORIGIN, call)), [
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

test("a call without a key has no header for one", () => {
  const command = curlFor(ORIGIN, { projectId: "p", body: "{}", idempotencyKey: "" });
  assert.doesNotMatch(command, /Idempotency-Key/);
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
