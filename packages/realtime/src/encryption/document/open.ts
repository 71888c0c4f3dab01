/** Opens a document in the way that its project wants. */

import { retryDelay } from "../../core/backoff.ts";
import type { DocumentMode, ModeHooks } from "../../yjs/mode.ts";
import type { Keyring } from "../keyring.ts";

const FIRST_RETRY_MS = 1_000;
const NO_ANSWER = "The keys of this project, or what encrypts with them, could not be loaded.";

/** Undefined if the project is not encrypted, or if the document is no longer wanted. Never fails. */
export async function openDocument(
  keys: Keyring,
  hooks: ModeHooks,
  isWanted: () => boolean,
): Promise<DocumentMode | undefined> {
  for (let tries = 0; isWanted(); tries += 1) {
    try {
      return await encrypted(keys, hooks, isWanted);
    } catch (cause) {
      if (isWanted()) await waited(hooks, cause, tries);
    }
  }
  return undefined;
}

async function encrypted(
  keys: Keyring,
  hooks: ModeHooks,
  isWanted: () => boolean,
): Promise<DocumentMode | undefined> {
  if (!(await keys.current(hooks.options.projectId))) return undefined;
  // A page that encrypts, but has no documents, does not load it.
  const { EncryptedDocument } = await import("./document.ts");
  return isWanted() ? new EncryptedDocument(keys, hooks) : undefined;
}

async function waited(hooks: ModeHooks, cause: unknown, tries: number): Promise<void> {
  const delay = FIRST_RETRY_MS + retryDelay(tries);
  const retryAt = Date.now() + delay;
  hooks.onStatus({ state: "waiting", reason: NO_ANSWER, cause, retryAt });
  await new Promise((resolve) => setTimeout(resolve, delay));
}
