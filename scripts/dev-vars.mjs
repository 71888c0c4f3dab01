/** The secrets of local development, in the file `.dev.vars` that git ignores. */

import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./paths.mjs";

const FILE = join(ROOT, ".dev.vars");

/**
 * Makes sure that `.dev.vars` has a BROADCAST_SECRET.
 * @returns {string | undefined} the secret if it was made just now
 */
export function ensureSecret() {
  const text = existsSync(FILE) ? readFileSync(FILE, "utf8") : "";
  if (hasSecret(text)) return undefined;
  const secret = randomBytes(32).toString("base64url");
  writeFileSync(FILE, addSecret(text, secret), { mode: 0o600 });
  chmodSync(FILE, 0o600);
  return secret;
}

/**
 * Whether this text of a `.dev.vars` sets a BROADCAST_SECRET.
 * @param {string} text
 */
export function hasSecret(text) {
  return /^[ \t]*(export[ \t]+)?BROADCAST_SECRET[ \t]*=[ \t]*["']?[^\s"']/m.test(text);
}

/**
 * The text with the secret in it, and without the empty one that it may have had.
 * @param {string} text
 * @param {string} secret
 */
export function addSecret(text, secret) {
  const others = text
    .split("\n")
    .filter((line) => line && !/^\s*(export\s+)?BROADCAST_SECRET\s*=/.test(line));
  return `${[...others, `BROADCAST_SECRET=${secret}`].join("\n")}\n`;
}
