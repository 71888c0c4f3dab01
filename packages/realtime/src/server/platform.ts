/** Whether a backend's process keeps running after its answer, and how to ask for that. */

import { inTime } from "../core/in-time.ts";
import { sayOnce } from "./say-once.ts";

/** Asks a platform to keep the process running until the work is done. */
export type WaitUntil = (work: Promise<unknown>) => void;

interface RequestContext {
  get?: () => { waitUntil?: WaitUntil } | undefined;
}

/** Next.js on any platform, and Vercel's functions, keep a request's context under these names. */
const REQUEST_CONTEXTS = ["@next/request-context", "@vercel/request-context"];

/** Vercel, AWS Lambda, Netlify, and Google's Cloud Run and functions set one of these. */
const STOPPING_PLATFORMS = ["VERCEL", "AWS_LAMBDA_FUNCTION_NAME", "NETLIFY", "K_SERVICE"];

interface Globals {
  navigator?: { userAgent?: string };
  process?: { env?: Record<string, string | undefined> };
  Netlify?: { context?: { waitUntil?: WaitUntil } | null };
}

const globals = globalThis as Globals & Record<symbol, RequestContext | undefined>;

/** The environment variables, if there are any. */
export function environment(): Record<string, string | undefined> {
  return globals.process?.env ?? {};
}

/** Whether this platform freezes or ends a process as soon as it has answered. */
export function stopsAfterAnswer(): boolean {
  const inWorker = globals.navigator?.userAgent === "Cloudflare-Workers";
  return inWorker || STOPPING_PLATFORMS.some((name) => environment()[name]);
}

/**
 * Makes sure that work in progress is not lost. Resolves when the caller can answer. That is at once,
 * unless the process would stop and nothing can keep it running. Then it is when the work is done, or
 * after `patienceMs`.
 */
export async function mayAnswer(
  work: Promise<unknown>,
  waitUntil: WaitUntil | undefined,
  patienceMs: number,
): Promise<void> {
  if (isKept(work, waitUntil) || !stopsAfterAnswer()) return;
  const done = work.then(() => true);
  if (await inTime(patienceMs, done)) return;
  sayOnce(
    `A broadcast is taking longer than ${patienceMs} ms. This platform stops a process once it has answered: await flush() before you answer.`,
  );
}

function isKept(work: Promise<unknown>, given: WaitUntil | undefined): boolean {
  try {
    const waitUntil = given ?? ofRequest();
    waitUntil?.(work);
    return waitUntil !== undefined;
  } catch (error) {
    console.error(error);
    return false;
  }
}

/** The `waitUntil` of the current request, if the platform has one. */
function ofRequest(): WaitUntil | undefined {
  const contexts = REQUEST_CONTEXTS.map((name) => globals[Symbol.for(name)]?.get?.());
  const context = [...contexts, globals.Netlify?.context].find((each) => each?.waitUntil);
  return context ? (work) => context.waitUntil?.(work) : undefined;
}
