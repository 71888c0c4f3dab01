/** When a deploy is refused, and what the refusal says. */

import { stripVTControlCharacters } from "node:util";
import { valuesIn } from "../serve/dev-vars.mjs";

/** @typedef {{ status: number | null, stdout: string, stderr: string }} Listing */
/** @typedef {{ message: string, next?: string, output?: string }} Reason */

const NOT_FOUND = /Worker ".*" .*not found/s;
const NOT_LOGGED_IN =
  /CLOUDFLARE_API_TOKEN|wrangler login|not authenticated|Authentication error|Invalid access token/i;
const NO_NETWORK = /Unable to resolve|fetch failed|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|network/i;

/**
 * Decides whether a deploy must stop.
 * @param {object} facts
 * @param {Listing} facts.listing how `wrangler secret list --format json` ended
 * @param {string | undefined} facts.secretsFile the text of the file given as --secrets-file
 * @param {string[]} facts.which the options that say which Worker is meant, for the commands to paste
 * @returns {Reason | undefined}
 */
export function refusal({ listing, secretsFile, which }) {
  const said = stripVTControlCharacters(`${listing.stdout}\n${listing.stderr}`).trim();
  const isNew = NOT_FOUND.test(said);
  const listed = listing.status === 0 ? parsed(listing.stdout) : undefined;
  if (!isNew && !Array.isArray(listed)) return unanswered(said);
  if (secretsFile !== undefined && fileHasSecret(secretsFile)) return undefined;
  if (listed?.some((/** @type {{ name?: string }} */ { name }) => name === "BROADCAST_SECRET"))
    return undefined;
  const command = ["npx wrangler secret put BROADCAST_SECRET", ...which].join(" ");
  return {
    message: isNew
      ? "This Worker has never been deployed and has no BROADCAST_SECRET yet: it would refuse every broadcast."
      : "The deployed Worker has no BROADCAST_SECRET: it would refuse every broadcast.",
    next: `${command}\n      Give it a long random value (openssl rand -base64 32), give your backend the same one, then deploy again.`,
  };
}

/**
 * @param {string} said
 * @returns {Reason}
 */
function unanswered(said) {
  if (NO_NETWORK.test(said)) {
    return {
      message: "Cloudflare cannot be reached.",
      next: "Check the network, then deploy again.",
    };
  }
  if (NOT_LOGGED_IN.test(said)) {
    return {
      message: "You are not logged in to Cloudflare.",
      next: "npx wrangler login   (in CI set CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID instead)",
    };
  }
  return { message: "wrangler could not list the secrets of the Worker.", output: said };
}

/**
 * The names of the secrets of a Worker. One that has never been deployed has none.
 * @param {Listing} listing
 * @returns {string[]}
 */
export function secretNames({ status, stdout }) {
  const listed = status === 0 ? parsed(stdout) : undefined;
  return Array.isArray(listed) ? listed.map(({ name }) => String(name)) : [];
}

/**
 * @param {string} json
 * @returns {any} undefined if it is not JSON
 */
function parsed(json) {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** @param {string} text either JSON or lines of NAME=value */
function fileHasSecret(text) {
  const secrets = text.trimStart().startsWith("{") ? parsed(text) : valuesIn(text);
  return Boolean(secrets?.BROADCAST_SECRET);
}
