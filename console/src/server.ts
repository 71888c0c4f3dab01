/** One request to the server that serves this page, with the secret. */

import { SERVER } from "./base.ts";
import { whyNoAnswer } from "./no-answer.ts";

/** An answer takes less than this, or never comes. */
const PATIENCE_MS = 30_000;

export interface Outcome {
  /** 0 if there was no answer. */
  readonly status: number;
  readonly text: string;
  readonly milliseconds: number;
}

export interface Ask {
  readonly method: "GET" | "POST" | "DELETE";
  /** Below the server's own address. */
  readonly path: string;
  readonly secret: string;
  readonly body?: string;
  readonly idempotencyKey?: string;
}

/** Sends a request with the secret. Never throws: if there is no answer, the text says why. */
export async function ask(what: Ask): Promise<Outcome> {
  const start = performance.now();
  const since = () => Math.round(performance.now() - start);
  const headers = headersOf(what);
  if (headers === undefined) return { status: 0, text: UNFIT, milliseconds: since() };
  try {
    const { method, path, body } = what;
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const init = { method, headers, signal, ...(body === undefined ? {} : { body }) };
    const response = await fetch(new URL(path, SERVER), init);
    return { status: response.status, text: await response.text(), milliseconds: since() };
  } catch (error) {
    // The browser's own message could contain a header's value, which is the secret.
    const milliseconds = since();
    return { status: 0, text: await whyNoAnswer((error as Error).name), milliseconds };
  }
}

const UNFIT =
  "Nothing was sent: the secret or the key contains a character that a header can't carry. Did you copy more than the secret?";

function headersOf({ secret, body, idempotencyKey = "" }: Ask): Headers | undefined {
  try {
    const headers = new Headers({ Authorization: `Bearer ${secret}` });
    if (body !== undefined) headers.set("Content-Type", "application/json");
    if (idempotencyKey !== "") headers.set("Idempotency-Key", idempotencyKey);
    return headers;
  } catch {
    return undefined;
  }
}
