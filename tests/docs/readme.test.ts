/** The samples in README.md and docs/backends.md for backends work as described: each block is run unchanged. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { promisify } from "node:util";
import { type Block, sectionsWithCode } from "../../scripts/check/readme.ts";
import { ROOT, which } from "../../scripts/common/paths.ts";
import { broadcasts, settle } from "../support/expect.ts";
import { Program } from "../support/program.ts";
import { Readme } from "../support/readme.ts";
import { NEEDS_OWN_RUNTIME, SECRET, startOwnServer } from "../support/target.ts";

const run = promisify(execFile);
const RUN_MS = 20_000;

/** By the language of a block: the file that it goes into, and the program that runs it. */
const PROGRAMS: Record<string, { file: string; program: string; needs: string }> = {
  sh: { file: "block.sh", program: "sh", needs: "curl" },
  ts: { file: "block.mts", program: process.execPath, needs: "node" },
  python: { file: "block.py", program: "python3", needs: "python3" },
};

/** Why a block can't be run on this machine; false if it can. In CI it must. */
function lacks(program: string): string | false {
  return !process.env.CI && which(program) === undefined ? `there is no ${program} here` : false;
}

describe("README.md", { skip: NEEDS_OWN_RUNTIME }, async () => {
  const { server } = await startOwnServer();
  const readme = await Readme.read("README.md", server);
  const page = await Readme.read(join("docs", "backends.md"), server);
  const folder = await mkdtemp(join(tmpdir(), "validiant-readme-"));
  after(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, ".dev.vars"), `OTHER=1\nBROADCAST_SECRET="${SECRET}" # a note\n`);

  /** Runs a block where the README says, with what a backend has in its environment. */
  async function runBlock({ language, code }: Block, url = server.url): Promise<string> {
    const { file, program } = PROGRAMS[language] ?? { file: "", program: "" };
    await writeFile(join(folder, file), code);
    const backend = { REALTIME_URL: url, BROADCAST_SECRET: SECRET, NO_PROXY: "127.0.0.1" };
    const env = { ...process.env, ...backend, VALIDIANT_DEV_HOME: folder };
    const { stdout } = await run(program, [join(folder, file)], {
      cwd: ROOT,
      env,
      timeout: RUN_MS,
    });
    return stdout;
  }

  test("every section with code is run", () => {
    assert.deepEqual(sectionsWithCode(readme.text), [
      "Start", // npm run dev, which has tests of its own
      "A first event",
      "In your app",
      "People at work", // frontend.test.ts
    ]);
    assert.deepEqual(sectionsWithCode(page.text), [
      "The helpers", // this one and the next two are compiled by npm run check:package
      "Options", // and run by the tests of the package
      "Which events",
      ...["Next.js", "Vercel, Netlify", "AWS Lambda"], // serverless.test.ts
      ...["Cloudflare Workers", "A Worker in the same account"], // worker.test.ts of the package
      ...["curl", "TypeScript without the package", "Python"],
      ...["Encrypted, in Python", "Encrypted, in Go"], // languages.test.ts
      "Tokens for people", // tokens.test.ts
    ]);
  });

  const blocks = [
    ...readme.blocks("In your app").filter(({ language }) => language === "sh"),
    ...["curl", "TypeScript without the package", "Python"].flatMap((each) => page.blocks(each)),
  ];
  test("a backend is shown curl, TypeScript and Python", () => {
    const languages = blocks.map(({ language }) => language);
    assert.deepEqual(languages, ["sh", "sh", "ts", "python"]);
  });

  for (const [at, block] of blocks.entries()) {
    const { needs } = PROGRAMS[block.language] ?? { needs: block.language };
    test(`an event from ${needs} (${at + 1}) reaches everybody but the excluded user`, {
      skip: lacks(needs),
    }, async () => {
      const room = server.room("demo");
      const [ann, ben] = [await room.user("ann"), await room.user("ben")];
      await runBlock(block);
      await settle(room, ann, ben);
      const [event] = ben.frames.filter(({ type }) => type === "TASK_UPDATED");
      assert.deepEqual(event?.payload, { taskId: "t1" });
      assert.deepEqual(broadcasts(ann), []);
      for (const client of [ann, ben]) await client.leave();
    });

    for (const status of [301, 308])
      test(`a redirection (${status}) is a failure in ${needs} (${at + 1}), and its target is not called`, {
        skip: lacks(needs),
      }, async () => {
        const asked: string[] = [];
        const elsewhere = await listen((request) => {
          asked.push(`${request.method} ${request.headers.authorization}`);
          return { status: 200 };
        });
        const moved = await listen(({ url }) => ({ status, Location: elsewhere + url }));
        await assert.rejects(runBlock(block, moved));
        assert.deepEqual(asked, []);
      });
  }

  test("the first event is answered and arrives as shown", { skip: lacks("curl") }, async () => {
    const [script, command] = readme.blocks("A first event");
    assert.ok(script && command);
    const { said } = await Program.start(script.code);
    const shown = async () => (await said.next(["logged"])).payload[0];
    assert.equal((await shown()).type, "CONNECTED");
    const answer = JSON.parse(await runBlock(command));
    assert.deepEqual([answer.success, answer.recipients, answer.excluded], [true, 1, 0]);
    const { type, payload } = await shown();
    assert.deepEqual(
      { type, payload },
      { type: "TASK_UPDATED", payload: { taskId: "t1", status: "done" } },
    );
  });
});

/** Answers requests with a status and headers until the tests end. Returns its address. */
async function listen(
  answer: (request: IncomingMessage) => { status: number } & Record<string, string | number>,
): Promise<string> {
  const server = createServer((request, response) => {
    const { status, ...headers } = answer(request);
    response.writeHead(status, headers).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
