/** Why a request got no answer, in words: a browser tells a page almost nothing. */

import { look } from "./health.ts";

const DOUBT =
  "It is not known whether the server accepted it. With an idempotency key you can safely repeat it.";

/** `name`: the browser's name for the failure. */
export async function whyNoAnswer(name: string): Promise<string> {
  if (!navigator.onLine)
    return "This browser is offline. The console checks again when it is back online.";
  if (name === "TimeoutError") return `No answer came within 30 seconds. ${DOUBT}`;
  const { status } = await look();
  return status === "no answer"
    ? `${unreachable()} ${DOUBT}`
    : "The server is there, but this request was blocked on its way, by a browser extension, a proxy or a firewall.";
}

/** Says that nothing answers at the server's address. */
export function unreachable(): string {
  const isLocal = /^(localhost|127\.0\.0\.1|\[::1\])$/.test(location.hostname);
  const hint = isLocal ? "Is npm run dev still running?" : "Is it deployed, and is the network up?";
  return `The server at ${location.host} does not answer. ${hint}`;
}
