/** Bundles the console (console/src) into console/dist, from which `wrangler.toml` serves it. */

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { Failure } from "../common/failure.ts";
import { withLock } from "../common/lock.mjs";
import { ROOT } from "../common/paths.ts";
import { stayOrThrow } from "../common/processes.ts";
import { already, step } from "../common/steps.ts";
import { kilobytes } from "./size.ts";

const SOURCE = join(ROOT, "console", "src");
const DIST = join(ROOT, "console", "dist");
/** Files that are served unchanged, and where. */
const STATIC = { "index.html": "index.html", _headers: "_headers", "icon.svg": "console/icon.svg" };

/** Builds it. An unchanged file is not written, because wrangler restarts for each file that is. */
export async function buildConsole(): Promise<void> {
  const bundle = async () => {
    const files = await bundled();
    const all = Buffer.concat([...files.values()]);
    const size = `${kilobytes(all.length)} (${kilobytes(gzipSync(all).length)} gzip)`;
    const changed = [...files].filter(
      ([path, content]) => !existsSync(path) || !readFileSync(path).equals(content),
    );
    const orphans = filesIn(DIST).filter((path) => !files.has(path));
    if (changed.length + orphans.length === 0) return already("Console", `${size}, unchanged`);
    await step("Console", async () => {
      for (const path of orphans) rmSync(path);
      for (const [path, content] of changed) {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, content);
      }
      return size;
    });
  };
  await withLock(join(ROOT, "target", "console.lock"), bundle, stayOrThrow);
}

/** The files by path. */
async function bundled(): Promise<Map<string, Buffer>> {
  const { outputFiles } = await build({
    entryPoints: { app: join(SOURCE, "main.ts"), style: join(SOURCE, "style", "main.css") },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    outdir: join(DIST, "console"),
    logLevel: "silent",
  }).catch((error: Error) => {
    throw new Failure("The console failed to build.", { output: error.message });
  });
  return new Map([
    ...Object.entries(STATIC).map(([from, to]): [string, Buffer] => [
      join(DIST, to),
      readFileSync(join(SOURCE, from)),
    ]),
    ...outputFiles.map(({ path, contents }): [string, Buffer] => [path, Buffer.from(contents)]),
  ]);
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
