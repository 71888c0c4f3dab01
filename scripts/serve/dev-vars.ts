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
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import dotenv from "dotenv";
import { Failure } from "../common/failure.ts";
import { ROOT } from "../common/paths.ts";

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
 * Makes sure that `.dev.vars` sets BROADCAST_SECRET, who may connect and from which pages, that the console is served,
 * that clients may talk to each other, and that projects hear of changed documents. Answers the secret if it has made it.
 */
export function ensureDevVars(): string | undefined {
  const before = read();
  const { BROADCAST_SECRET, ...others } = readDevVars();
  const secret = BROADCAST_SECRET ? undefined : randomSecret();
  let text = secret === undefined ? before : withValue(before, "BROADCAST_SECRET", secret);
  // If tokens are set up for development, use them.
  const isDecided = ["CONNECT_AUTH", "JWT_SECRET", "JWKS", "JWKS_URL"].some((name) => others[name]);
  if (!isDecided) text = withValue(text, "CONNECT_AUTH", "open");
  if (valuesIn(text).CONNECT_AUTH === "open" && !others.ALLOWED_ORIGINS)
    text = withValue(text, "ALLOWED_ORIGINS", "*");
  for (const name of ["CONSOLE", "CLIENT_EVENTS", "DOCUMENT_CHANGED_EVENTS"])
    if (!others[name]) text = withValue(text, name, "on");
  if (text !== before) write(text);
  return secret;
}

/** What the file sets. Fails if wrangler would read a line differently from what it looks like. */
export function readDevVars(): Record<string, string> {
  const text = read();
  const [problem] = problemsIn(text);
  if (problem !== undefined) throw new Failure(`${FILE}, ${problem}`);
  return valuesIn(text);
}

/** Waits until the file changes, or for ever once the signal is aborted. */
export function devVarsChange(signal: AbortSignal): Promise<void> {
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

export function saveDevVar(name: string, value: string): void {
  write(withValue(read(), name, value));
}

export function randomSecret(): string {
  return randomBytes(32).toString("base64url");
}

function read(): string {
  return existsSync(FILE) ? readFileSync(FILE, "utf8") : "";
}

function write(text: string): void {
  writeFileSync(FILE, text, { mode: 0o600 });
  chmodSync(FILE, 0o600);
}

/** What the text of a `.dev.vars` sets. */
export function valuesIn(text: string): Record<string, string> {
  return dotenv.parse(text);
}

/** The lines that do not mean what they seem to, by number and without their text. */
export function problemsIn(text: string): string[] {
  const values = valuesIn(text);
  const lines = text.split(/\r\n?|\n/);
  return lines.flatMap((line, at) => {
    const why = problem(line, values, valuesIn(lines.toSpliced(at, 1).join("\n")));
    return why === undefined ? [] : [`line ${at + 1}: ${why}`];
  });
}

type Vars = Record<string, string>;

/** What is wrong with a line, by the values of the file with it and without it. */
function problem(line: string, values: Vars, without: Vars): string | undefined {
  if (COMMENT_OR_NOTHING.test(line)) return undefined;
  if (isDeepStrictEqual(without, values))
    return "it sets nothing. A line is NAME=value, and each name appears only once.";
  const changed = Object.keys(values).filter((name) => values[name] !== without[name]);
  if (changed.some((name) => QUOTE_LEFT_OPEN.test(values[name] ?? "")))
    return "a quote is not closed.";
  if (CUT_SHORT.test(line)) return "everything after # is a comment. Put the value in quotes.";
  return undefined;
}

/** The text with a variable added, and without an empty line for the same variable. */
export function withValue(text: string, name: string, value: string): string {
  const isEmpty = new RegExp(`^\\s*(export\\s+)?${name}\\s*=\\s*(''|""|\`\`)?\\s*(#.*)?$`);
  const lines = text.split("\n").filter((line) => !isEmpty.test(line));
  if (lines.at(-1)?.trim() === "") lines.pop();
  const result = `${[...lines, `${name}=${value}`].join("\n")}\n`;
  const wanted = { ...valuesIn(text), [name]: value };
  if (PLAIN.test(value) && isDeepStrictEqual(valuesIn(result), wanted)) return result;
  const next = "Check it for a quote that is not closed.";
  throw new Failure(`${name} can't be added to ${FILE}.`, { next });
}
