/** Bundles the console (console/src) into console/dist, from which `wrangler.toml` serves it. */

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { gzipSync } from "node:zlib";
import { Failure } from "../common/failure.mjs";
import { withLock } from "../common/lock.mjs";
import { ROOT } from "../common/paths.mjs";
import { already, step } from "../common/steps.mjs";

const SOURCE = join(ROOT, "console", "src");
const DIST = join(ROOT, "console", "dist");
/** Files that are served unchanged, and where. */
const STATIC = { "index.html": "index.html", _headers: "_headers", "icon.svg": "console/icon.svg" };
const STEP = "Console";

/** Builds it. An unchanged file is not written, because wrangler restarts for each file that is. */
export async function buildConsole() {
  await withLock(join(ROOT, "target", "console.lock"), async () => {
    const files = await bundled();
    const total = size(files);
    const changed = [...files].filter(([file, content]) => !isWritten(file, content));
    const orphans = filesIn(DIST).filter((file) => !files.has(file));
    if (changed.length + orphans.length === 0) return already(STEP, `${total}, unchanged`);
    await step(STEP, async () => {
      for (const file of orphans) rmSync(join(DIST, file));
      for (const [file, content] of changed) write(join(DIST, file), content);
      return total;
    });
  });
}

/** @returns {Promise<Map<string, Buffer>>} by path below the served folder */
async function bundled() {
  const files = new Map(
    Object.entries(STATIC).map(([from, to]) => [to, readFileSync(join(SOURCE, from))]),
  );
  // On a fresh clone it is not installed yet when this file is loaded.
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: { app: join(SOURCE, "main.ts"), style: join(SOURCE, "style", "main.css") },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    outdir: join(DIST, "console"),
    logLevel: "silent",
  }).catch((/** @type {Error} */ error) => {
    throw new Failure("The console failed to build.", { output: error.message });
  });
  for (const { path, contents } of outputFiles) files.set(nameOf(path), Buffer.from(contents));
  return files;
}

/** @param {Map<string, Buffer>} files */
function size(files) {
  const all = Buffer.concat([...files.values()]);
  const kilobytes = (/** @type {number} */ bytes) => `${(bytes / 1024).toFixed(1)} KB`;
  return `${kilobytes(all.length)} (${kilobytes(gzipSync(all).length)} gzip)`;
}

/** @param {string} file @param {Buffer} content */
function isWritten(file, content) {
  const path = join(DIST, file);
  return existsSync(path) && readFileSync(path).equals(content);
}

/** @param {string} folder */
function filesIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => nameOf(join(entry.parentPath, entry.name)));
}

/**
 * Where a file is below the folder that is served, with slashes on every platform.
 * @param {string} path
 */
function nameOf(path) {
  return relative(DIST, path).split(sep).join("/");
}

/** @param {string} path @param {Buffer} content */
function write(path, content) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
