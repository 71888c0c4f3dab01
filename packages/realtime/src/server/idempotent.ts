/** Requests that are sent again: each takes effect once, and gets the same answer. */

import { answer, inProgress, keyReused } from "./answers.ts";

/** How long a key has to be kept: as long as a client may keep a change that it has not sent. */
export const KEPT_MS = 7 * 24 * 60 * 60 * 1_000;

/** What is kept of a request that has been answered. */
export interface KeptAnswer {
  /** A hash of the request. */
  fingerprint: string;
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Where keys are kept: in the database that the handler writes to. */
export interface IdempotencyStorage<Tx> {
  /**
   * Locks the key without waiting, and runs `work` in a transaction, with what is kept under the key.
   * Answers `undefined`, without running it, if another transaction has the lock.
   */
  hold<T>(
    key: string,
    work: (tx: Tx, kept: KeptAnswer | undefined) => Promise<T>,
  ): Promise<T | undefined>;
  /** Keeps this under the key, in the same transaction, for {@link KEPT_MS}. */
  keep(tx: Tx, key: string, answer: KeptAnswer): Promise<void>;
}

/** A request, and who sent it. */
export interface IdempotentRequest<Tx> {
  request: Request;
  /** Who sent it, as your API knows it: nobody gets the answer to a key of somebody else. */
  user: string;
  storage: IdempotencyStorage<Tx>;
}

/** Answers that say nothing about the request itself: sent again, it may succeed. */
const PASSING = new Set([401, 408, 425, 429]);
const HEADERS = ["content-type", "etag", "location"];

/**
 * Runs a handler once for each `Idempotency-Key`. The key, the answer and what the handler writes by `tx`
 * are in one transaction. A handler that throws, or answers 5xx, has written nothing.
 *
 * - no key: 400, and one longer than 200 characters too
 * - a request with this key is in progress: 409, `{"code": "in_progress"}`
 * - another request had this key: 422, `{"code": "key_reused"}`
 */
export async function idempotent<Tx>(
  { request, user, storage }: IdempotentRequest<Tx>,
  handler: (tx: Tx, request: Request) => Promise<Response>,
): Promise<Response> {
  const given = request.headers.get("idempotency-key");
  if (!given || given.length > 200) {
    const message = "The header Idempotency-Key is missing, or longer than 200 characters.";
    return answer(400, { code: "key_required", message });
  }
  const fingerprint = await fingerprintOf(request);
  const key = JSON.stringify([user, given]);
  let failed: Response | undefined;
  try {
    const result = await storage.hold(key, async (tx, kept) => {
      if (kept) return kept.fingerprint === fingerprint ? replay(kept) : keyReused();
      const response = await handler(tx, request);
      if (response.status >= 500 || PASSING.has(response.status)) {
        failed = response;
        throw new RolledBack();
      }
      await storage.keep(tx, key, { fingerprint, ...(await partsOf(response)) });
      return response;
    });
    return result ?? inProgress();
  } catch (error) {
    if (failed && error instanceof RolledBack) return failed;
    throw error;
  }
}

/** Makes the storage roll back. */
class RolledBack extends Error {}

async function fingerprintOf(request: Request): Promise<string> {
  const { pathname, search } = new URL(request.url);
  const parts = [request.method, pathname + search, await request.clone().text()];
  const bytes = new TextEncoder().encode(JSON.stringify(parts));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function partsOf(response: Response): Promise<Omit<KeptAnswer, "fingerprint">> {
  const headers: Record<string, string> = {};
  for (const name of HEADERS) {
    const value = response.headers.get(name);
    if (value !== null) headers[name] = value;
  }
  return { status: response.status, headers, body: await response.clone().text() };
}

function replay({ status, headers, body }: KeptAnswer): Response {
  return new Response(body === "" ? null : body, { status, headers });
}
