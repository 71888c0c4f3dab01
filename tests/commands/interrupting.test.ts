/**
 * Ctrl-C and other ends of the commands in package.json: nothing is started any more, and nothing is left running.
 */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { CAN_SEE_PROCESSES, MarkedCommand } from "../support/marked-command.ts";
import { freePort } from "../support/ports.ts";
import { NEEDS_OWN_RUNTIME } from "../support/target.ts";

/** macOS shows nobody the environment of a process. */
const SKIP = NEEDS_OWN_RUNTIME || (CAN_SEE_PROCESSES ? false : "needs /proc");
const INTERRUPTED = 130;
const home = mkdtempSync(join(tmpdir(), "validiant-interrupting-"));
const OWN_HOME = { VALIDIANT_DEV_HOME: home, VALIDIANT_RELEASE_BUILD: "1", DATABASE_URL: "" };
const TESTS = ["test", "--", "tests/http/routes.test.ts", "tests/hostile/hostile.test.ts"];

/** The commands with little work, what of it is to run when Ctrl-C is pressed, and the code that they end with. */
const COMMANDS: [args: string[], running: RegExp, code: number][] = [
  [TESTS, /workerd serve/, INTERRUPTED],
  [await dev(), /workerd serve/, 0],
  [await devAll(), /board\/serve\.ts/, 0],
  [["chaos", "--", "--minutes", "1", "--clients", "2"], /workerd serve/, INTERRUPTED],
  [["hostile", "--", "--minutes", "1"], /workerd serve/, INTERRUPTED],
  [["bench", "--", "--quick", "--runs", "1"], /cargo build|workerd serve/, INTERRUPTED],
  [["fuzz", "--", "--seconds", "1"], /cargo-fuzz build|cargo install/, INTERRUPTED],
  [["sim", "--", "--steps", "1000000"], /cargo|validiant-sim/, INTERRUPTED],
  [["check:package"], /npm pack|publint|npm install/, INTERRUPTED],
  [["lint"], /cargo|rustfmt/, INTERRUPTED],
  [["party:check"], /wrangler-dist/, INTERRUPTED],
];

describe("an interrupted command", { skip: SKIP }, () => {
  after(() => rmSync(home, { recursive: true, force: true }));

  for (const [args, running, code] of COMMANDS) {
    test(`npm run ${args[0]}: Ctrl-C ends it, and none of it keeps running or starts`, async () => {
      const command = new MarkedCommand(args, OWN_HOME);
      try {
        await command.untilRuns(running);
        command.signalAll("SIGINT");
        assert.deepEqual(await command.startsUntilGone(), []);
        assert.deepEqual(await command.left(), []);
        assert.equal(await command.end(), code, command.output);
      } finally {
        command.remove();
      }
    });
  }

  test("npm test: Ctrl-C before the first test, and twice, is the same", async () => {
    const command = new MarkedCommand(TESTS, OWN_HOME);
    try {
      await command.untilPrints("Tools and packages");
      command.signalAll("SIGINT");
      command.signalAll("SIGINT");
      assert.deepEqual(await command.left(), []);
      assert.equal(await command.end(), INTERRUPTED, command.output);
      // No test has ended.
      assert.doesNotMatch(command.output, /✔|✖/);
    } finally {
      command.remove();
    }
  });

  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    test(`npm run dev: ${signal} to npm alone leaves nothing running`, async () => {
      const command = new MarkedCommand(await dev(), OWN_HOME);
      try {
        await command.untilRuns(/workerd serve/);
        command.signalNpm(signal);
        assert.deepEqual(await command.left(), []);
      } finally {
        command.remove();
      }
    });
  }

  test("npm run dev: closing the terminal leaves nothing running", async () => {
    const command = new MarkedCommand(await dev(), OWN_HOME);
    try {
      await command.untilRuns(/workerd serve/);
      command.signalAll("SIGHUP");
      assert.deepEqual(await command.left(), []);
    } finally {
      command.remove();
    }
  });
});

/** `npm run dev`, on its own ports. */
async function dev(): Promise<string[]> {
  return ["dev", "--", ...(await ports("port", "inspector-port"))];
}

async function devAll(): Promise<string[]> {
  return ["dev:all", "--", ...(await ports("port", "api-port", "board-port"))];
}

async function ports(...options: string[]): Promise<string[]> {
  const given = await Promise.all(
    options.map(async (option) => [`--${option}`, `${await freePort()}`]),
  );
  return given.flat();
}
