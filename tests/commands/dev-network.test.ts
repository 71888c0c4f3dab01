/** `npm run dev` for a phone on the same network: docs/operations.md. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CAN_SEE_PROCESSES, MarkedCommand } from "../support/marked-command.ts";
import { freePort } from "../support/ports.ts";
import { NEEDS_OWN_RUNTIME } from "../support/target.ts";

const SKIP = NEEDS_OWN_RUNTIME || (CAN_SEE_PROCESSES ? false : "needs /proc");
/** An address of every Linux machine that a server on `localhost` does not have. */
const ANOTHER = "127.0.0.2";

for (const { ip, reached } of [
  { ip: [], reached: false },
  { ip: ["--ip", "0.0.0.0"], reached: true },
])
  test(`npm run dev ${ip.join(" ")} ${reached ? "is" : "is not"} there for other devices`, {
    skip: SKIP,
  }, async () => {
    const home = mkdtempSync(join(tmpdir(), "validiant-dev-network-"));
    const [port, inspector] = [await freePort(), await freePort()];
    const args = ["--port", `${port}`, "--inspector-port", `${inspector}`, ...ip];
    const dev = new MarkedCommand(["dev", "--", ...args], {
      VALIDIANT_DEV_HOME: home,
      VALIDIANT_RELEASE_BUILD: "1",
    });
    try {
      await dev.untilPrints("Ctrl-C stops the server");
      assert.match(dev.output, new RegExp(`Ready on http://localhost:${port} `));
      assert.equal(dev.output.includes("Every device on this network"), reached);
      const health = fetch(`http://${ANOTHER}:${port}/health`);
      if (reached) assert.equal((await health).status, 200);
      else await assert.rejects(health);
    } finally {
      dev.signalAll("SIGINT");
      await dev.left();
      dev.remove();
      rmSync(home, { recursive: true, force: true });
    }
  });
