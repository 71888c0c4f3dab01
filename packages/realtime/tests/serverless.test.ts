/** Broadcasts of a function that is frozen as soon as it has answered. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { fakeServer, TAKEN } from "./support/fake-server.ts";

const PROGRAM = fileURLToPath(new URL("support/function.ts", import.meta.url));
const server = await fakeServer();

/** Runs the function; answers what it says, line by line. */
function runFunction(args: string[], env: Record<string, string> = {}) {
  const child: ChildProcess = spawn(process.execPath, [PROGRAM, ...args], {
    env: { ...process.env, REALTIME_URL: server.url, BROADCAST_SECRET: "s", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  after(() => child.kill("SIGKILL"));
  const lines: Interface = createInterface({ input: child.stdout as Readable });
  const words = lines[Symbol.asyncIterator]();
  const warned = text(child.stderr as Readable);
  return {
    says: async () => (await words.next()).value,
    async warnings() {
      child.kill("SIGKILL");
      await once(child, "exit");
      return warned;
    },
  };
}

/** The server answers a little late, as over a network. */
function takeSlowly(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.answer = async () => {
    setTimeout(resolve, 100);
    await promise;
    return { body: TAKEN };
  };
  return promise;
}

describe("a function", () => {
  for (const name of ["AWS_LAMBDA_FUNCTION_NAME", "VERCEL", "NETLIFY", "K_SERVICE"])
    test(`on a platform with ${name} answers when its event has been taken`, async () => {
      let taken = false;
      void takeSlowly().then(() => (taken = true));
      const program = runFunction([], { [name]: "1" });
      assert.equal(await program.says(), "answered");
      assert.equal(taken, true);
      assert.equal(await program.says(), "frozen");
    });

  test("on a server that is its own answers at once, as ever", async () => {
    const release = server.holds();
    assert.equal(await runFunction([]).says(), "answered");
    release();
  });

  test("that the platform lets go on answers at once, and its event is taken before it is frozen", async () => {
    const release = server.holds();
    const program = runFunction(["request-context"], { AWS_LAMBDA_FUNCTION_NAME: "1" });
    assert.equal(await program.says(), "answered");
    release();
    assert.equal(await program.says(), "frozen");
    assert.deepEqual(server.types, ["TASK_UPDATED"]);
  });

  test("whose server is silent answers after the time of one attempt, and says what to await", async () => {
    server.answer = () => undefined;
    const program = runFunction(["none", "300"], { VERCEL: "1" });
    assert.equal(await program.says(), "answered");
    assert.equal(await program.says(), "frozen");
    assert.match(await program.warnings(), /longer than 300 ms.*await flush\(\)/);
  });
});
