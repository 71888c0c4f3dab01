/** What an answer to an act means. */

import type { Refusal, Sending } from "./types.ts";

const TIMEOUT_MS = 30_000;
/** The reason of an attempt that nobody answered. */
export const NO_ANSWER = "no answer";
/** Answers that say nothing about the act itself. */
const PASSING = [401, 408, 425, 429];

/** There was no answer: no network, no server, or not in time. The act is sent again. */
export class NoAnswer extends Error {}

/** What to do about an answer. */
export type Verdict =
  | { readonly status: "done"; readonly data: unknown }
  | {
      readonly status: "again";
      readonly reason: string;
      readonly afterMs?: number | undefined;
    }
  | (Omit<Refusal, "status"> & { readonly status: "conflict" })
  | Refusal;

/** Makes an attempt, and judges what came of it. */
export async function attempt(send: () => Promise<unknown> | undefined): Promise<Verdict> {
  try {
    return await judge(await send());
  } catch (error) {
    if (error instanceof NoAnswer) return { status: "again", reason: NO_ANSWER };
    // A library that throws for a status has the response in its error.
    const response = (error as { response?: unknown } | undefined)?.response;
    // Anything else is a mistake in the program: again would be for ever.
    return isResponse(response) ? judge(response) : { status: "refused", reason: `${error}` };
  }
}

/** A `fetch` that sends the key, gives up in time, and says so when there was no answer. */
export function fetchWith(key: string, fetcher: typeof fetch): Sending["fetch"] {
  return async (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set("Idempotency-Key", key);
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
    try {
      const response = await fetcher(input, { signal: abort.signal, ...init, headers });
      // It can break off, or hang, after its head.
      await response.clone().text();
      return response;
    } catch (cause) {
      throw new NoAnswer(NO_ANSWER, { cause });
    } finally {
      clearTimeout(timer);
    }
  };
}

async function judge(answer: unknown): Promise<Verdict> {
  if (!isResponse(answer)) return { status: "done", data: answer };
  const { ok, status: httpStatus, headers } = answer;
  let body: unknown = await answer.clone().text();
  try {
    body = JSON.parse(body as string);
  } catch {
    // It is not JSON.
  }
  if (ok) return { status: "done", data: body };
  const reason = `${httpStatus}`;
  const isConflict = httpStatus === 409 || httpStatus === 412;
  const isInProgress = isConflict && (body as { code?: unknown })?.code === "in_progress";
  if (isInProgress || httpStatus >= 500 || PASSING.includes(httpStatus))
    return { status: "again", reason, afterMs: msOf(headers.get("retry-after")) };
  return { status: isConflict ? "conflict" : "refused", reason, httpStatus, body };
}

/** A number of seconds, or a date. Undefined if it is neither. */
function msOf(retryAfter: string | null): number | undefined {
  if (!retryAfter) return undefined;
  return +retryAfter * 1_000 || Date.parse(retryAfter) - Date.now() || undefined;
}

function isResponse(value: unknown): value is Response {
  return typeof (value as Response | undefined)?.clone === "function";
}
