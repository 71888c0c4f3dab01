/**
 * The secrets and settings of local development, in the file `.dev.vars` that git ignores. It is read by the library
 * that wrangler reads it with, and a line that could be taken for something else is an error.
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
import { Failure } from "./failure.mjs";
import { ROOT } from "./paths.mjs";

/** Where development has its secrets and its data. A test has a folder of its own. */
export const DEV_HOME = process.env.VALIDIANT_DEV_HOME ?? ROOT;
const FILE = join(DEV_HOME, ".dev.vars");
const LOOK_MILLISECONDS = 300;
/** What every reader takes as it stands: a secret in base64url, a word, or `*`. */
const PLAIN = /^[\w*-]+$/;
const COMMENT_OR_NOTHING = /^\s*(#.*)?$/;
const QUOTE_LEFT_OPEN = /^['"`]/;
/** A value without quotes that goes on after a `#`. */
const CUT_SHORT = /^\s*(export\s+)?[\w.-]+\s*[=:]\s*[^'"`\s#][^#]*(?<!\s)#/;

/**
 * Makes sure that `.dev.vars` has a BROADCAST_SECRET, and says who may connect, from which pages, and that the
 * console is served.
 * @returns {string | undefined} the secret if it was made just now
 */
export function ensureDevVars() {
  const before = read();
  const { BROADCAST_SECRET, ...others } = readDevVars();
  const secret = BROADCAST_SECRET ? undefined : randomBytes(32).toString("base64url");
  let text = secret === undefined ? before : withValue(before, "BROADCAST_SECRET", secret);
  // Whoever has set up tokens for development wants them.
  const isDecided = ["CONNECT_AUTH", "JWT_SECRET", "JWKS", "JWKS_URL"].some((name) => others[name]);
  if (!isDecided) text = withValue(text, "CONNECT_AUTH", "open");
  if (valuesIn(text).CONNECT_AUTH === "open" && !others.ALLOWED_ORIGINS)
    text = withValue(text, "ALLOWED_ORIGINS", "*");
  if (!others.CONSOLE) text = withValue(text, "CONSOLE", "on");
  if (text !== before) write(text);
  return secret;
}

/**
 * What the file sets. Fails if wrangler would take a line of it for something else than it looks like.
 * @returns {Record<string, string>}
 */
export function readDevVars() {
  const text = read();
  const [problem] = problemsIn(text);
  if (problem !== undefined) throw new Failure(`${FILE}, ${problem}`);
  return valuesIn(text);
}

/**
 * Waits until the file says something else than now.
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
    // By its time, which every file system and every editor changes.
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
 * What a text of a `.dev.vars` sets.
 * @param {string} text
 * @returns {Record<string, string>}
 */
export function valuesIn(text) {
  return dotenv().parse(text);
}

/** Only setup gets it. @returns {typeof import("dotenv")} */
function dotenv() {
  try {
    return createRequire(import.meta.url)("dotenv");
  } catch {
    throw new Failure("The npm packages are not installed yet.", { next: "npm run setup" });
  }
}

/**
 * The lines that do not say what they seem to say, by number and without what stands in them.
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
    return "it sets nothing. A line is NAME=value, and each name stands once.";
  const changed = Object.keys(values).filter((name) => values[name] !== without[name]);
  if (changed.some((name) => QUOTE_LEFT_OPEN.test(values[name] ?? "")))
    return "a quote is not closed.";
  if (CUT_SHORT.test(line)) return "what follows # is a comment. Put the value in quotes.";
  return undefined;
}

/**
 * The text with a variable in it, and without the empty one that it may have had.
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
  throw new Failure(`${name} can not be added to ${FILE}.`, {
    next: "Is a quote left open in it?",
  });
}
