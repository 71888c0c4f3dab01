/** After a connect that failed without an explanation, asks the server what is wrong. */

import type { Place } from "./place.ts";
import type { Cause } from "./status.ts";

const PATIENCE_MS = 5_000;
/** A health answer has some hundred bytes. Anything larger than this is something else. */
const MOST_BYTES = 16_384;

/** Why no connect reaches the server. Undefined if that can't be found out. */
export async function diagnose(place: Place): Promise<Cause | undefined> {
  const { protocol, host, path } = place;
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), PATIENCE_MS);
  try {
    const url = `${protocol.replace("ws", "http")}://${host}${path}/health`;
    const answer = await fetch(url, { signal: abort.signal });
    return causeIn(answer.status, await smallText(answer), host + path);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}

function causeIn(status: number, text: string, where: string): Cause | undefined {
  const { status: state, problems } = healthIn(text);
  if (state === "ok" && Array.isArray(problems))
    return {
      reason:
        "The server answers, but WebSockets do not get through. Is there a proxy, or do too many connect from this network?",
    };
  if (state === "misconfigured") return misconfigured(problems);
  // With 5xx it may be a gateway that answers for a server that is down.
  return status < 500
    ? {
        reason: `There is no validiant-realtime server at ${where}, or a proxy or a sign-in page answers in its place.`,
      }
    : undefined;
}

function misconfigured(problems: unknown): Cause {
  const setting = Array.isArray(problems) ? problems[0]?.setting : undefined;
  const which = typeof setting === "string" ? `: see its setting ${setting.slice(0, 64)}` : "";
  return { reason: `The server is misconfigured${which}.` };
}

function healthIn(text: string): { status?: unknown; problems?: unknown } {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

/** The text of an answer, empty if it says that it is too long. The time to read it is bounded too. */
async function smallText(answer: Response): Promise<string> {
  return Number(answer.headers.get("content-length")) > MOST_BYTES ? "" : answer.text();
}
