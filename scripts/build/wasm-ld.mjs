#!/usr/bin/env node
/**
 * The linker of the Worker: the real one, without the exports of other crates.
 *
 * What a crate exports through wasm-bindgen is linked, whether anything calls it or not. `worker`, and `wasm-streams` below
 * it, export classes and a start function that this Worker has no use for: 25 KB of WebAssembly. rustc can't be told to
 * leave an export out, so it calls this program, which does (scripts/setup/toolchain.ts).
 */

import { spawnSync } from "node:child_process";
import { readFileSync, realpathSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The variable with the path of the real linker. */
export const REAL_LINKER = "VALIDIANT_WASM_LD";

/** An export of a crate has a hash of that crate at its end. Those of wasm-bindgen's own runtime have none. */
const EXPORT = /_([0-9a-f]{16})$/;
/** An export that is certainly ours: the handler at the edge (src/lib.rs), or the document (crates/document-room). */
const OWN = /^(?:fetch|document_new)_([0-9a-f]{16})$/;
/** The function that describes an export to wasm-bindgen. Imports have one as well, and need it. */
const DESCRIPTION = "__wbindgen_describe_";

/**
 * The arguments of the linker without the exports of other crates.
 * @param {string[]} args
 */
export function withoutExportsOfOthers(args) {
  const own = args.map((arg) => OWN.exec(arg)?.[1]).find((hash) => hash !== undefined);
  const others = new Set(args.filter((arg) => isForeign(arg, own)));
  const described = (/** @type {string} */ arg) => arg.slice(DESCRIPTION.length);
  const isDropped = (/** @type {string | undefined} */ arg = "") =>
    others.has(arg.startsWith(DESCRIPTION) ? described(arg) : arg);
  return args.filter((arg, at) =>
    arg === "--export" ? !isDropped(args[at + 1]) : args[at - 1] !== "--export" || !isDropped(arg),
  );
}

/** @param {string} name @param {string | undefined} own the hash of the Worker's crate */
function isForeign(name, own) {
  const hash = EXPORT.exec(name)?.[1];
  return hash !== undefined && hash !== own && !name.startsWith(DESCRIPTION);
}

/**
 * Windows has a limit for the length of a command, so there rustc writes the arguments to a file, one per line.
 * @param {string} file
 */
function rewrite(file) {
  const lines = readFileSync(file, "utf8").split("\n");
  writeFileSync(file, withoutExportsOfOthers(lines).join("\n"));
}

if (realpathSync(process.argv[1] ?? "") === fileURLToPath(import.meta.url)) {
  const args = process.argv.slice(2);
  for (const arg of args) if (arg.startsWith("@")) rewrite(arg.slice(1));
  const linker = process.env[REAL_LINKER] ?? "rust-lld";
  const { status, error } = spawnSync(linker, withoutExportsOfOthers(args), { stdio: "inherit" });
  if (error) console.error(`${linker}: ${error.message}`);
  process.exit(status ?? 1);
}
