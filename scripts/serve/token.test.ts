import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ROOT } from "../common/paths.ts";

const home = mkdtempSync(join(tmpdir(), "validiant-token-"));
after(() => rmSync(home, { recursive: true }));

const token = (...args: string[]) =>
  spawnSync(process.execPath, [join(ROOT, "scripts/run.mjs"), "token", ...args], {
    env: { ...process.env, VALIDIANT_DEV_HOME: home },
    encoding: "utf8",
  });

test("what is missing or misspelt is one line, and no token is printed", () => {
  for (const [args, line] of [
    [[], "A token needs --sub and --projects."],
    [["--project", "demo"], "A token needs --sub."],
    [["--exp"], "unknown option '--exp' (Did you mean --help?)"],
    [["--sub", "u1", "--projects"], "option '--project, --projects <list>' argument missing"],
    [["--sub", "u1", "--projects", "a,,b"], "--projects: a name is empty."],
    [
      ["--sub", "u1", "--project", "a", "--minutes", "ten"],
      "option '--minutes <n>' argument 'ten' is invalid. It must be a number above 0.",
    ],
  ] as [string[], string][]) {
    const { status, stdout, stderr } = token(...args);
    assert.deepEqual([status, stdout, stderr.split("\n")[0]], [1, "", line], args.join(" "));
    assert.doesNotMatch(stderr, /^ {4}at /m);
  }
});

test("both spellings name the projects", () => {
  for (const option of ["--project", "--projects"]) {
    const { status, stdout } = token("--sub", "u1", option, "p1, p2");
    assert.equal(status, 0);
    const claims = JSON.parse(Buffer.from(stdout.split(".")[1] ?? "", "base64url").toString());
    assert.deepEqual([claims.sub, claims.projects], ["u1", ["p1", "p2"]]);
  }
});
