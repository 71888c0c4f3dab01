/** `npm run dev` says which settings are wrong, and takes a `.dev.vars` that changes. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { ROOT } from "../../scripts/common/paths.ts";
import { within } from "../support/inbox.ts";
import { freePort } from "../support/ports.ts";
import { NEEDS_OWN_RUNTIME } from "../support/target.ts";

const START_MS = 90_000;

test("P1.8 npm run dev prints problems when it is ready, and again when .dev.vars has changed", {
  skip: NEEDS_OWN_RUNTIME,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), "validiant-dev-"));
  after(() => rm(folder, { recursive: true, force: true }));
  const vars = join(folder, ".dev.vars");
  await writeFile(vars, "BROADCAST_SECRET=s\nCONNECT_AUTH=opne\n");
  const ports = ["--port", `${await freePort()}`, "--inspector-port", `${await freePort()}`];
  const child = spawn(process.execPath, [join(ROOT, "scripts/run.mjs"), "dev", ...ports], {
    env: {
      ...process.env,
      VALIDIANT_DEV_HOME: folder,
      VALIDIANT_RELEASE_BUILD: "1",
      FORCE_COLOR: "",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  after(() => child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const until = (wanted: RegExp) => {
    const read = async () => {
      for (;;) {
        const { value, done } = await lines.next();
        assert.ok(!done, `it ended before ${wanted}`);
        if (wanted.test(value)) return value;
      }
    };
    return within(read(), `${wanted}`, START_MS);
  };

  const ready = await until(/^Ready on http/);
  await until(/^ {2}CONNECT_AUTH: must be jwt or open\.$/);

  await writeFile(vars, (await readFile(vars, "utf8")).replace("opne", "open"));
  await appendFile(vars, "ALLOWED_ORIGINS=*\nHISTORY_SIZE=lots\n");
  await until(/^Ready on .*, with the new \.dev\.vars/);
  await until(/^ {2}HISTORY_SIZE: must be a whole number/);

  await writeFile(vars, (await readFile(vars, "utf8")).replace("lots", "10"));
  await until(/^Ready on .*, with the new \.dev\.vars/);
  const { status } = await fetch(`${/http\S+/.exec(ready)}/health`);
  assert.equal(status, 200);

  child.kill("SIGINT");
  const [code] = await within(once(child, "exit"), "npm run dev to end", START_MS);
  assert.equal(code, 0);
});
