/** Why a request got no answer, in words: a browser tells a page next to nothing. */

import { look } from "./health.ts";

const DOUBT =
  "Whether the server took it is not known: with an idempotency key you may repeat it safely.";

/** `name`: what the browser calls the failure. */
export async function whyNoAnswer(name: string): Promise<string> {
  if (!navigator.onLine) return "This browser is offline. The console looks again when it is back.";
  if (name === "TimeoutError") return `No answer came within 30 seconds. ${DOUBT}`;
  const { status } = await look();
  return status === "no answer"
    ? `${unreachable()} ${DOUBT}`
    : "The server is there, but this request was blocked on its way: by an extension of the browser, a proxy or a firewall.";
}

/** Nobody answers at the server's address. */
export function unreachable(): string {
  const isLocal = /^(localhost|127\.0\.0\.1|\[::1\])$/.test(location.hostname);
  const hint = isLocal ? "Is npm run dev still running?" : "Is it deployed, and is the network up?";
  return `The server at ${location.host} does not answer. ${hint}`;
}
