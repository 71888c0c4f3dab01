/** The secrets and settings of local development, in the file `.dev.vars` that git ignores. */

import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./paths.mjs";

/** Where development has its secrets and its data. A test has a folder of its own. */
export const DEV_HOME = process.env.VALIDIANT_DEV_HOME ?? ROOT;
const FILE = join(DEV_HOME, ".dev.vars");

/**
 * Makes sure that `.dev.vars` has a BROADCAST_SECRET, and says who may connect, from which pages, and that the
 * console is served.
 * @returns {string | undefined} the secret if it was made just now
 */
export function ensureDevVars() {
  const before = read();
  const secret = has(before, "BROADCAST_SECRET")
    ? undefined
    : randomBytes(32).toString("base64url");
  let text = secret === undefined ? before : withValue(before, "BROADCAST_SECRET", secret);
  // Whoever has set up tokens for development wants them.
  const isDecided = ["CONNECT_AUTH", "JWT_SECRET", "JWKS", "JWKS_URL"].some((name) =>
    has(text, name),
  );
  if (!isDecided) text = withValue(text, "CONNECT_AUTH", "open");
  if (valuesIn(text).CONNECT_AUTH === "open" && !has(text, "ALLOWED_ORIGINS"))
    text = withValue(text, "ALLOWED_ORIGINS", "*");
  if (!has(text, "CONSOLE")) text = withValue(text, "CONSOLE", "on");
  if (text !== before) write(text);
  return secret;
}

/**
 * What the file sets.
 * @returns {Record<string, string>}
 */
export function readDevVars() {
  return valuesIn(read());
}

/**
 * @param {string} name
 * @param {string} value
 */
export function saveDevVar(name, value) {
  write(withValue(read(), name, value));
}

function read() {
  return existsSync(FILE) ? readFileSync(FILE, "utf8") : "";
}

/** @param {string} text */
function write(text) {
  writeFileSync(FILE, text, { mode: 0o600 });
  chmodSync(FILE, 0o600);
}

/**
 * What a text of a `.dev.vars` sets, quotes taken off.
 * @param {string} text
 * @returns {Record<string, string>}
 */
export function valuesIn(text) {
  const lines = text.matchAll(/^[ \t]*(?:export[ \t]+)?(\w+)[ \t]*=[ \t]*(["']?)(.*?)\2[ \t]*$/gm);
  return Object.fromEntries(Array.from(lines, ([, name, , value]) => [name, value]));
}

/**
 * Whether this text of a `.dev.vars` sets a variable to something.
 * @param {string} text
 * @param {string} name
 */
export function has(text, name) {
  return new RegExp(`^[ \\t]*(export[ \\t]+)?${name}[ \\t]*=[ \\t]*["']?[^\\s"']`, "m").test(text);
}

/**
 * The text with a variable in it, and without the empty one that it may have had.
 * @param {string} text
 * @param {string} name
 * @param {string} value
 */
export function withValue(text, name, value) {
  const isOld = new RegExp(`^\\s*(export\\s+)?${name}\\s*=`);
  const others = text.split("\n").filter((line) => line && !isOld.test(line));
  return `${[...others, `${name}=${value}`].join("\n")}\n`;
}
