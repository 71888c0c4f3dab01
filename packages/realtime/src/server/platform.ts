/** Whether a backend's process goes on after its answer, and who is asked to let it. */

import { sayOnce } from "./say-once.ts";

/** Asks a platform to go on until the work is done. */
export type WaitUntil = (work: Promise<unknown>) => void;

interface RequestContext {
  get?: () => { waitUntil?: WaitUntil } | undefined;
}

/** Under these names Next.js on any platform, and Vercel's functions, keep what belongs to a request. */
const REQUEST_CONTEXTS = ["@next/request-context", "@vercel/request-context"];

/** Vercel, AWS Lambda, Netlify, and Google's Cloud Run and functions set one of these. */
const STOPPING_PLATFORMS = ["VERCEL", "AWS_LAMBDA_FUNCTION_NAME", "NETLIFY", "K_SERVICE"];

interface Globals {
  navigator?: { userAgent?: string };
  process?: { env?: Record<string, string | undefined> };
  Netlify?: { context?: { waitUntil?: WaitUntil } | null };
}

const globals = globalThis as Globals & Record<symbol, RequestContext | undefined>;

/** What the environment says, where there is one. */
export function environment(): Record<string, string | undefined> {
  return globals.process?.env ?? {};
}

/** Whether this platform freezes or ends a process as soon as it has answered. */
export function stopsAfterAnswer(): boolean {
  const inWorker = globals.navigator?.userAgent === "Cloudflare-Workers";
  return inWorker || STOPPING_PLATFORMS.some((name) => environment()[name]);
}

/**
 * Sees to it that work which is under way is not lost. Resolves when the caller may answer: at once,
 * but where the process would stop and nobody can be asked to let it go on. There it is when the
 * work is done, or has taken `patienceMs`.
 */
export async function mayAnswer(
  work: Promise<unknown>,
  waitUntil: WaitUntil | undefined,
  patienceMs: number,
): Promise<void> {
  if (isKept(work, waitUntil) || !stopsAfterAnswer()) return;
  if (await isDoneIn(work, patienceMs)) return;
  sayOnce(
    `A broadcast takes longer than ${patienceMs} ms. This platform stops a process that has answered: await flush() before the answer.`,
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

/** That of the request which is being answered, if the platform has one. */
function ofRequest(): WaitUntil | undefined {
  const contexts = REQUEST_CONTEXTS.map((name) => globals[Symbol.for(name)]?.get?.());
  const context = [...contexts, globals.Netlify?.context].find((each) => each?.waitUntil);
  return context ? (work) => context.waitUntil?.(work) : undefined;
}

async function isDoneIn(work: Promise<unknown>, patienceMs: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, patienceMs, false);
  });
  const done = work.then(() => true);
  const isDone = await Promise.race([done, late]);
  clearTimeout(timer);
  return isDone;
}
