/** Sends a request to the server, with a limited number of retries. */

import { BroadcastError, type BroadcastErrorCode } from "./error.ts";
import type { Fetch } from "./server-access.ts";

/** A request, and how often it can be tried. */
export interface Delivery {
  /** The server's address, without a slash at the end. */
  server: string;
  path: string;
  secret: string;
  method: "GET" | "POST" | "PUT" | "DELETE";
  headers?: Record<string, string>;
  body?: string | Uint8Array<ArrayBuffer>;
  /** For each attempt. */
  timeoutMs: number;
  /** Attempts after the first. */
  retries: number;
  /** No attempt starts after this time, in milliseconds since 1970. */
  deadline: number;
  /** Default: the runtime's own `fetch`. */
  fetch?: Fetch | undefined;
}

const FIRST_PAUSE_MS = 200;
/** A pause varies at random, up to this many times its base. */
const LONGEST_PAUSE = 1.5;
/** How much of a redirect's target an error quotes. */
const TARGET_MAX = 200;
/** Cloudflare's answer to a Worker that calls another one of its account by its public address. */
const NO_LOOP = "error code: 1042";
/** A retry can succeed after these. */
const PASSING_STATUSES = new Set([429, 500, 502, 503, 504]);
/** These come with one of those statuses, but last until somebody changes a setting of the server. */
const LASTING_CODES = new Set<BroadcastErrorCode>(["not_configured", "misconfigured"]);

/**
 * How long a delivery takes at most, in milliseconds, unless the server asks for longer pauses. It is
 * not a limit: it tells a slow delivery from one that was cut off.
 */
export function longestDelivery(tries: Pick<Delivery, "timeoutMs" | "retries">): number {
  const { timeoutMs, retries } = tries;
  const pauses = FIRST_PAUSE_MS * (2 ** retries - 1) * LONGEST_PAUSE;
  return (retries + 1) * timeoutMs + pauses;
}

/** Returns the server's answer. Fails with a {@link BroadcastError} when there is nothing left to try. */
export function deliver(delivery: Delivery): Promise<unknown> {
  return deliverAndRead(delivery, () => undefined);
}

/**
 * The same for answers that are not JSON: `read` returns what is in one, or undefined if it is none of
 * them.
 */
export async function deliverAndRead<T>(
  delivery: Delivery,
  read: (response: Response) => Promise<T> | undefined,
): Promise<unknown> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const response = await send(delivery);
      const content = response.ok ? read(response) : undefined;
      return await (content ?? answerIn(response, delivery));
    } catch (error) {
      const failure = asFailure(error);
      const pause = pauseAfter(failure, attempt);
      const isLast = attempt >= delivery.retries || Date.now() + pause > delivery.deadline;
      if (isLast || !mayPass(failure)) throw failure;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

async function send(delivery: Delivery): Promise<Response> {
  const { server, path, secret, method, headers, body, timeoutMs, fetch: given = fetch } = delivery;
  const response = await given(server + path, {
    method,
    // If followed, it could become a GET, and the secret would go wherever it leads.
    redirect: "manual",
    headers: { Authorization: `Bearer ${secret}`, ...headers },
    ...(body !== undefined && { body }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const redirected = redirection(response, server);
  if (redirected) {
    // Otherwise its body would keep the connection.
    await response.text();
    throw redirected;
  }
  return response;
}

async function answerIn(response: Response, { server }: Delivery): Promise<unknown> {
  const text = await response.text();
  if (text.startsWith(NO_LOOP)) throw unbound(response.status, server);
  const answer = readAnswer(text);
  const { status, headers } = response;
  if (answer?.success !== true)
    throw refusal({ ...answer, status }, headers.get("Retry-After"), server);
  return answer;
}

function redirection(response: Response, server: string): BroadcastError | undefined {
  const { status, headers } = response;
  if (status < 300 || status > 399) return undefined;
  const target = targetOf(headers.get("Location"), response.url || server);
  const message = `${server} redirects (${status}) to ${target}, and the secret is not sent there. Set the URL to the server's own address`;
  return new BroadcastError("redirected", message, { status });
}

/** Without the parts that could contain a secret. */
function targetOf(location: string | null, from: string): string {
  try {
    const { origin, pathname } = new URL(location ?? "", from);
    return (origin + pathname).slice(0, TARGET_MAX);
  } catch {
    return "an unreadable address";
  }
}

function unbound(status: number, server: string): BroadcastError {
  const message = `On Cloudflare, a Worker of the same account can't reach ${server} by its address (error 1042): pass the fetch of a service binding to createBroadcaster`;
  return new BroadcastError("unreachable", message, { status });
}

interface Refusal {
  status: number;
  code?: BroadcastErrorCode;
  error?: string;
  retryAfterMs?: number;
  minKeyEpoch?: number;
}

interface Answer extends Partial<Refusal> {
  success?: boolean;
  /** Of an event for many projects. */
  results?: (Refusal & { success?: boolean; projectId: string })[];
}

/** Undefined if it did not come from the server, for example because the URL leads elsewhere. */
export function readAnswer(text: string): Answer | undefined {
  try {
    return Object(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** What a refusal of the server is to the caller. */
export function refusal(
  { status, ...answer }: Refusal,
  retryAfter: string | null,
  server: string,
): BroadcastError {
  const { code = "unreachable" } = answer;
  const seconds = Number(retryAfter ?? Number.NaN);
  const fromHeader = Number.isFinite(seconds) ? seconds * 1_000 : undefined;
  const retryAfterMs = answer.retryAfterMs ?? fromHeader;
  const message = wordsOf(answer, server) ?? `The answer (${status}) is not from a realtime server`;
  const { minKeyEpoch } = answer;
  return new BroadcastError(code, message, { status, retryAfterMs, minKeyEpoch });
}

/**
 * The server's own words. Where they name only a path, the address is added: the log that shows them
 * is on another machine.
 */
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

/** Whether a request that failed like this may succeed when it is sent again. */
export function mayPass({ status, code }: BroadcastError): boolean {
  return (status === undefined || PASSING_STATUSES.has(status)) && !LASTING_CODES.has(code);
}

/** What the server asks for plus a random time. */
function pauseAfter({ retryAfterMs = 0 }: BroadcastError, attempt: number): number {
  return retryAfterMs + pauseBefore(attempt);
}

/** A random time before a retry, so that many that failed together do not retry together. */
export function pauseBefore(attempt: number): number {
  return FIRST_PAUSE_MS * 2 ** attempt * (LONGEST_PAUSE - Math.random());
}
