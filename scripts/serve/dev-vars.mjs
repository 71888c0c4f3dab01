/**
 * The secrets and settings of local development, in the file `.dev.vars`, which git ignores. It is read with the same
 * library as in wrangler, and an ambiguous line is an error.
 */

import { randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  readFileSync,
  unwatchFile,
  watchFile,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { Failure } from "../common/failure.mjs";
import { ROOT } from "../common/paths.mjs";

/** The folder for secrets and data in development. Each test has its own. */
export const DEV_HOME = process.env.VALIDIANT_DEV_HOME ?? ROOT;
const FILE = join(DEV_HOME, ".dev.vars");
const LOOK_MILLISECONDS = 300;
/** A value that every parser reads literally: a secret in base64url, a word, or `*`. */
const PLAIN = /^[\w*-]+$/;
const COMMENT_OR_NOTHING = /^\s*(#.*)?$/;
const QUOTE_LEFT_OPEN = /^['"`]/;
/** A value without quotes that continues after a `#`. */
const CUT_SHORT = /^\s*(export\s+)?[\w.-]+\s*[=:]\s*[^'"`\s#][^#]*(?<!\s)#/;

/**
 * Makes sure that `.dev.vars` sets BROADCAST_SECRET, who may connect and from which pages, and that the console is
 * served.
 * @returns {string | undefined} the secret, if this call made it
 */
export function ensureDevVars() {
  const before = read();
  const { BROADCAST_SECRET, ...others } = readDevVars();
  const secret = BROADCAST_SECRET ? undefined : randomBytes(32).toString("base64url");
  let text = secret === undefined ? before : withValue(before, "BROADCAST_SECRET", secret);
  // If tokens are set up for development, use them.
  const isDecided = ["CONNECT_AUTH", "JWT_SECRET", "JWKS", "JWKS_URL"].some((name) => others[name]);
  if (!isDecided) text = withValue(text, "CONNECT_AUTH", "open");
  if (valuesIn(text).CONNECT_AUTH === "open" && !others.ALLOWED_ORIGINS)
    text = withValue(text, "ALLOWED_ORIGINS", "*");
  if (!others.CONSOLE) text = withValue(text, "CONSOLE", "on");
  if (text !== before) write(text);
  return secret;
}

/**
 * What the file sets. Fails if wrangler would read a line differently from what it looks like.
 * @returns {Record<string, string>}
 */
export function readDevVars() {
  const text = read();
  const [problem] = problemsIn(text);
  if (problem !== undefined) throw new Failure(`${FILE}, ${problem}`);
  return valuesIn(text);
}

/**
 * Waits until the file changes.
 * @param {AbortSignal} signal ends the waiting
 * @returns {Promise<void>}
 */
export function devVarsChange(signal) {
  const before = read();
  return new Promise((resolve) => {
    const look = () => {
      if (read() === before) return;
      unwatchFile(FILE, look);
      resolve();
    };
    // It compares modification times, which every file system and every editor updates.
    watchFile(FILE, { interval: LOOK_MILLISECONDS }, look);
    signal.addEventListener("abort", () => unwatchFile(FILE, look));
  });
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
 * What the text of a `.dev.vars` sets.
 * @param {string} text
 * @returns {Record<string, string>}
 */
export function valuesIn(text) {
  return dotenv().parse(text);
}

/** Only there after setup. @returns {typeof import("dotenv")} */
function dotenv() {
  try {
    return createRequire(import.meta.url)("dotenv");
  } catch {
    throw new Failure("The npm packages are not installed yet.", { next: "npm run setup" });
  }
}

/**
 * The lines that do not mean what they seem to, by number and without their text.
 * @param {string} text
 * @returns {string[]}
 */
export function problemsIn(text) {
  const values = valuesIn(text);
  const lines = text.split(/\r\n?|\n/);
  return lines.flatMap((line, at) => {
    const why = problem(line, values, lines.toSpliced(at, 1));
    return why === undefined ? [] : [`line ${at + 1}: ${why}`];
  });
}

/**
 * @param {string} line
 * @param {Record<string, string>} values of the whole file
 * @param {string[]} others the other lines
 */
function problem(line, values, others) {
  if (COMMENT_OR_NOTHING.test(line)) return undefined;
  const without = valuesIn(others.join("\n"));
  if (isDeepStrictEqual(without, values))
    return "it sets nothing. A line is NAME=value, and each name appears only once.";
  const changed = Object.keys(values).filter((name) => values[name] !== without[name]);
  if (changed.some((name) => QUOTE_LEFT_OPEN.test(values[name] ?? "")))
    return "a quote is not closed.";
  if (CUT_SHORT.test(line)) return "everything after # is a comment. Put the value in quotes.";
  return undefined;
}

/**
 * The text with a variable added, and without an empty line for the same variable.
 * @param {string} text
 * @param {string} name
 * @param {string} value
 */
export function withValue(text, name, value) {
  const isEmpty = new RegExp(`^\\s*(export\\s+)?${name}\\s*=\\s*(''|""|\`\`)?\\s*(#.*)?$`);
  const lines = text.split("\n").filter((line) => !isEmpty.test(line));
  if (lines.at(-1)?.trim() === "") lines.pop();
  const result = `${[...lines, `${name}=${value}`].join("\n")}\n`;
  const wanted = { ...valuesIn(text), [name]: value };
  if (PLAIN.test(value) && isDeepStrictEqual(valuesIn(result), wanted)) return result;
  throw new Failure(`${name} can't be added to ${FILE}.`, {
    next: "Check it for a quote that is not closed.",
  });
}
