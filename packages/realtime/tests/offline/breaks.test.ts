/** The simulator finds what is broken: eight copies of the code, each with one break. */

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import type { Code } from "./sim/code.ts";
import { everyHistoryEndsWell } from "./sim/history.ts";

const SOURCE = join(import.meta.dirname, "..", "..", "src");
const HISTORIES = 3_000;

interface Break {
  what: string;
  file: string;
  from: string;
  to: string;
}

const BREAKS: Break[] = [
  {
    what: "each attempt has a key of its own",
    file: "offline/answers.ts",
    from: 'headers.set("Idempotency-Key", key);',
    to: 'headers.set("Idempotency-Key", key + Math.random());',
  },
  {
    what: "an act is forgotten before it is sent",
    file: "offline/queue.ts",
    from: "storage.set(prefix + entry.act.id, entry.stored)",
    to: "storage.set(prefix + entry.act.id, undefined)",
  },
  {
    what: "acts of one scope are not sent one after the other",
    file: "offline/queue.ts",
    from: "?.scope?.(variables) ?? prefix",
    to: "?.scope?.(variables) + id",
  },
  {
    what: "the same key is used for what is sent after a conflict",
    file: "offline/queue.ts",
    from: "key: `$" + "{entry.act.key}~`",
    to: "key: entry.act.key",
  },
  {
    what: "a 5xx is taken for a refusal",
    file: "offline/answers.ts",
    from: "httpStatus >= 500 ||",
    to: "",
  },
  {
    what: "what was sent stays on the screen as if it waited",
    file: "offline/queue.ts",
    from: 'overlay.remove(act.id, outcome.status === "done");',
    to: "",
  },
  {
    what: "the API does not look at what the person saw",
    file: "patch/decide.ts",
    from: "same(current, patch.base?.[field])",
    to: "true",
  },
  {
    what: "the API does not keep its answers",
    file: "server/idempotent.ts",
    from: "await storage.keep(tx, key, { fingerprint, ...(await partsOf(response)) });",
    to: "",
  },
  {
    what: "a client that has merged does not send what it merged with",
    file: "patch/rebase.ts",
    from: "base[field] = current[field] ?? null;",
    to: "base[field] ??= null;",
  },
];

let folder: string;

before(() => {
  folder = mkdtempSync(join(SOURCE, "..", ".broken-"));
});

after(() => rmSync(folder, { recursive: true, force: true }));

/** A copy of the package with one break. */
async function broken({ file, from, to }: Break, at: number): Promise<Code> {
  const copy = join(folder, `${at}`);
  cpSync(SOURCE, copy, { recursive: true });
  const path = join(copy, file);
  const text = readFileSync(path, "utf8");
  assert.equal(text.split(from).length, 2, `${file} has not exactly one ${from}`);
  writeFileSync(
    path,
    text.replace(from, () => to),
  );
  const load = (name: string) => import(pathToFileURL(join(copy, `${name}.ts`)).href);
  const [offline, patch, server] = await Promise.all(["offline", "patch", "server"].map(load));
  return { offline, patch, server };
}

describe("the simulator notices when", () => {
  for (const [at, each] of BREAKS.entries())
    test(each.what, async () => {
      const code = await broken(each, at);
      const found = await fc.check(everyHistoryEndsWell(code), {
        numRuns: HISTORIES,
        endOnFailure: true,
      });
      assert.ok(found.failed, `${HISTORIES} histories have ended well`);
    });
});
