/** Why a document's connection ends, and what to do about it. */

import { adviceOf, type CloseAdvice } from "../codes.ts";
import type { Cause, CloseReason, RealtimeStatus } from "../core/status.ts";
import { inWords as inWordsOfProject } from "../core/words.ts";

/** The document is too busy for this client's changes: it may come back, and nothing is lost. */
const TOO_BUSY = 4029;

export const READ_ONLY: Cause = {
  reason: "This user may read this document, but not change it.",
  code: "not_allowed",
};

/** The token is for another user, in whose name nothing of this document may be sent. */
export const OTHER_USER: RealtimeStatus = {
  state: "stopped",
  reason: "Another user has signed in.",
  check: "user",
};

/** By the limit or the failed check. The rest is as for a project. */
const REASONS: Record<string, string> = {
  documentBytes: "The document has become larger than the server allows.",
  permissions: "This user may not open this document (`permissions`).",
  docId: "The server does not accept this document's id (`docId`).",
  message: "The server could not read a change (`message`).",
  encryption: "This document is encrypted: open it with `encryption: { keys }` (`encryption`).",
};

/** Puts the server's reason into words, where `more` has other ones than a plain document. */
export function inWords(said: CloseReason, more?: Record<string, string>): string {
  const what = `${said.limit ?? said.reason}`;
  const reasons = { ...REASONS, ...more };
  const words = Object.hasOwn(reasons, what) ? reasons[what] : undefined;
  return words ?? inWordsOfProject(said);
}

/** What to do about a close code. */
export function advice(code: number): CloseAdvice | undefined {
  return code === TOO_BUSY ? "later" : adviceOf(code);
}
