/** One publication, repeated until it is answered, a bounded number of times. */

import { BroadcastError, type BroadcastErrorCode } from "./error.ts";

/** Where and how to deliver. */
export interface Delivery {
  /** Where the server is, without a slash at its end. */
  server: string;
  path: string;
  secret: string;
  /** By which the server tells a repeat from another event. */
  id: string;
  /** JSON. */
  body: string;
  /** For each attempt. */
  timeoutMs: number;
  /** Attempts after the first. */
  retries: number;
  /** No attempt begins after this time, in milliseconds since 1970. */
  deadline: number;
}

const FIRST_PAUSE_MS = 200;
/** A pause is up to so many times as long, at random. */
const LONGEST_PAUSE = 1.5;
const PASSING_STATUSES = new Set([429, 500, 502, 503, 504]);
/** These come with a status that passes, but last until somebody changes a setting of the server. */
const LASTING_CODES = new Set<BroadcastErrorCode>(["not_configured", "misconfigured"]);

/**
 * How long a delivery takes at most, in milliseconds, where the server asks for no longer pauses.
 * It is no limit: it tells one that is slow from one that was cut off.
 */
export function longestDelivery(tries: Pick<Delivery, "timeoutMs" | "retries">): number {
  const { timeoutMs, retries } = tries;
  const pauses = FIRST_PAUSE_MS * (2 ** retries - 1) * LONGEST_PAUSE;
  return (retries + 1) * timeoutMs + pauses;
}

/** The server's answer. Fails with a {@link BroadcastError} when nothing is left to try. */
export async function deliver(delivery: Delivery): Promise<unknown> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await post(delivery);
    } catch (error) {
      const failure = asFailure(error);
      const pause = pauseAfter(failure, attempt);
      const isLast = attempt >= delivery.retries || Date.now() + pause > delivery.deadline;
      if (isLast || !mayPass(failure)) throw failure;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

async function post(delivery: Delivery): Promise<unknown> {
  const { server, path, secret, id, body, timeoutMs } = delivery;
  const response = await fetch(server + path, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${secret}`,
      "Content-Type": "application/json",
      "Idempotency-Key": id,
    },
    body,
    signal: AbortSignal.timeout(timeoutMs),
  });
  const answer = readAnswer(await response.text());
  const refused = answer?.success === true ? undefined : worstOf(answer, response.status);
  if (refused) throw refusal(refused, response.headers.get("Retry-After"), server);
  return answer;
}

interface Refusal {
  status: number;
  code?: BroadcastErrorCode;
  error?: string;
  retryAfterMs?: number;
  projectId?: string;
}

interface Answer extends Partial<Refusal> {
  success?: boolean;
  results?: Refusal[];
}

/** Nothing if it is none of the server's, as when the URL leads elsewhere. */
function readAnswer(text: string): Answer | undefined {
  try {
    return Object(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** What was refused; of many projects one that may yet succeed before one that will not. */
function worstOf(answer: Answer | undefined, status: number): Refusal {
  const refused = answer?.results?.filter((result) => result.status !== 200) ?? [];
  const passing = refused.find((result) => PASSING_STATUSES.has(result.status));
  return passing ?? refused[0] ?? { ...answer, status };
}

function refusal(
  { status, ...answer }: Refusal,
  retryAfter: string | null,
  server: string,
): BroadcastError {
  const { code = "unreachable" } = answer;
  const seconds = Number(retryAfter ?? Number.NaN);
  const fromHeader = Number.isFinite(seconds) ? seconds * 1_000 : undefined;
  const retryAfterMs = answer.retryAfterMs ?? fromHeader;
  const words = wordsOf(answer, server) ?? `What answers (${status}) is no realtime server`;
  const message = answer.projectId === undefined ? words : `${answer.projectId}: ${words}`;
  return new BroadcastError(code, message, { status, retryAfterMs });
}

/** The server's own, but where they name a path alone: these are read in the log of another machine. */
function wordsOf({ code, error }: Omit<Refusal, "status">, server: string): string | undefined {
  if (code !== "misconfigured") return error;
  return `A setting of the server is wrong: GET ${server}/health names it`;
}

function asFailure(error: unknown): BroadcastError {
  if (error instanceof BroadcastError) return error;
  const { name, message } = error as Error;
  const why = name === "TimeoutError" ? "it did not answer in time" : message;
  return new BroadcastError("unreachable", `The realtime server can't be reached: ${why}`, {
    cause: error,
  });
}

function mayPass({ status, code }: BroadcastError): boolean {
  return (status === undefined || PASSING_STATUSES.has(status)) && !LASTING_CODES.has(code);
}

/** What the server asks for, and some more at random, so that many who failed together do not repeat together. */
function pauseAfter({ retryAfterMs = 0 }: BroadcastError, attempt: number): number {
  return retryAfterMs + FIRST_PAUSE_MS * 2 ** attempt * (LONGEST_PAUSE - Math.random());
}
