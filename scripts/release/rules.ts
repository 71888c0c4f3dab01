/** When a deploy is refused, and what the refusal says. */

import { stripVTControlCharacters } from "node:util";
import type { Outcome } from "../common/programs.ts";
import { valuesIn } from "../serve/dev-vars.ts";

type Reason = { message: string; next?: string; output?: string };

const NOT_FOUND = /Worker ".*" .*not found/s;
const NOT_LOGGED_IN =
  /CLOUDFLARE_API_TOKEN|wrangler login|not authenticated|Authentication error|Invalid access token/i;
const NO_NETWORK = /Unable to resolve|fetch failed|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|network/i;

interface Facts {
  /** How `wrangler secret list --format json` ended. */
  listing: Outcome;
  /** The text of the file given as --secrets-file. */
  secretsFile: string | undefined;
  /** The options that say which Worker is meant, for the commands to paste. */
  which: string[];
}

/** Decides whether a deploy must stop. */
export function refusal({ listing, secretsFile, which }: Facts): Reason | undefined {
  const said = stripVTControlCharacters(`${listing.stdout}\n${listing.stderr}`).trim();
  const isNew = NOT_FOUND.test(said);
  if (!isNew && !listed(listing)) return unanswered(said);
  if (secretsFile !== undefined && secretsIn(secretsFile)?.BROADCAST_SECRET) return undefined;
  if (secretNames(listing).includes("BROADCAST_SECRET")) return undefined;
  const command = ["npx wrangler secret put BROADCAST_SECRET", ...which].join(" ");
  return {
    message: isNew
      ? "This Worker has never been deployed and has no BROADCAST_SECRET yet: it would refuse every broadcast."
      : "The deployed Worker has no BROADCAST_SECRET: it would refuse every broadcast.",
    next: `${command}\n      Give it a long random value (openssl rand -base64 32), give your backend the same one, then deploy again.`,
  };
}

function unanswered(said: string): Reason {
  if (NO_NETWORK.test(said))
    return {
      message: "Cloudflare cannot be reached.",
      next: "Check the network, then deploy again.",
    };
  if (NOT_LOGGED_IN.test(said))
    return {
      message: "You are not logged in to Cloudflare.",
      next: "npx wrangler login   (in CI set CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID instead)",
    };
  return { message: "wrangler could not list the secrets of the Worker.", output: said };
}

/** The names of the secrets of a Worker. One that has never been deployed has none. */
export function secretNames(listing: Outcome): string[] {
  return (listed(listing) ?? []).map(({ name }) => String(name));
}

function listed({ status, stdout }: Outcome): { name?: string }[] | undefined {
  const list = status === 0 ? parsed(stdout) : undefined;
  return Array.isArray(list) ? list : undefined;
}

/** The secrets in a file: JSON, or lines of NAME=value. Undefined if it is neither. */
export function secretsIn(text: string): Record<string, string> | undefined {
  return text.trimStart().startsWith("{") ? parsed(text) : valuesIn(text);
}

function parsed(json: string) {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
