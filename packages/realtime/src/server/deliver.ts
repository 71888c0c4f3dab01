/** One publication, repeated until it is answered, a bounded number of times. */

import { BroadcastError, type BroadcastErrorCode } from "./error.ts";

/** Sends a request: `fetch`, or that of a service binding of a Cloudflare Worker. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

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
  /** Default: the runtime's own `fetch`. */
  fetch?: Fetch | undefined;
}

const FIRST_PAUSE_MS = 200;
/** A pause is up to so many times as long, at random. */
const LONGEST_PAUSE = 1.5;
/** How much of a redirection's target is told. */
const TARGET_MAX = 200;
/** What Cloudflare answers to a Worker that asks another one of its account for its public address. */
const NO_LOOP = "error code: 1042";
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
  const { server, path, secret, id, body, timeoutMs, fetch: send = fetch } = delivery;
  const response = await send(server + path, {
    method: "POST",
    // Followed, it would become a GET, and the secret would go to wherever it leads.
    redirect: "manual",
    headers: {
      Authorization: `Bearer ${secret}`,
      "Content-Type": "application/json",
      "Idempotency-Key": id,
    },
    body,
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = await response.text();
  const redirected = redirection(response, server);
  if (redirected) throw redirected;
  if (text.startsWith(NO_LOOP)) throw unbound(response.status, server);
  const answer = readAnswer(text);
  const refused = answer?.success === true ? undefined : worstOf(answer, response.status);
  if (refused) throw refusal(refused, response.headers.get("Retry-After"), server);
  return answer;
}

function redirection(response: Response, server: string): BroadcastError | undefined {
  const { status, headers } = response;
  if (status < 300 || status > 399) return undefined;
  const target = targetOf(headers.get("Location"), response.url || server);
  const message = `${server} redirects (${status}) to ${target}, where the secret is not sent. Set the URL to where the server is`;
  return new BroadcastError("redirected", message, { status });
}

/** Without what may be secret in it. */
function targetOf(location: string | null, from: string): string {
  try {
    const { origin, pathname } = new URL(location ?? "", from);
    return (origin + pathname).slice(0, TARGET_MAX);
  } catch {
    return "an address that can't be read";
  }
}

function unbound(status: number, server: string): BroadcastError {
  const message = `Cloudflare lets no Worker reach ${server} from the same account by its address (error 1042): give createBroadcaster the fetch of a service binding`;
  return new BroadcastError("unreachable", message, { status });
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
  const { name, message, cause } = error as Error & { cause?: { code?: string; message?: string } };
  const detail = cause?.code ?? cause?.message;
  const words = detail ? `${message} (${detail})` : message;
  const why = name === "TimeoutError" ? "it did not answer in time" : words;
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
