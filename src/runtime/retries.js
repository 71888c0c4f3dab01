/** Retries idempotent calls if the runtime says that it can help. */

/** A room, and a document, distinguishes its calls by method and header, and ignores the URL. */
export const INTERNAL_URL = "https://room.internal/";

/** The maximum number of attempts. */
const ATTEMPTS = 3;

/** The delay before the second attempt. It doubles before each further one, and half of it is random. */
const FIRST_DELAY_MS = 50;

/**
 * Makes an idempotent call to a room or a document.
 * @param {DurableObjectNamespace} objects
 * @param {string} name
 * @param {RequestInit} init
 * @param {() => Response} fallback
 */
export function callWithRetries(objects, name, init, fallback) {
  // The stub of an object that was reset stays broken, so each attempt makes its own.
  const call = () => objects.getByName(name).fetch(INTERNAL_URL, init);
  return withRetries(call).catch(() => fallback());
}

/**
 * Makes an idempotent call, of which each attempt uses a new stub.
 * @param {() => Promise<Response>} call
 */
export function withRetries(call) {
  return call().catch((thrown) => retry(call, thrown));
}

/**
 * @param {() => Promise<Response>} call
 * @param {unknown} thrown by the first attempt
 */
async function retry(call, thrown) {
  let last = thrown;
  for (let attempt = 1; attempt < ATTEMPTS && mayRetry(last); attempt++) {
    const delay = FIRST_DELAY_MS * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
    await new Promise((resolve) => setTimeout(resolve, delay));
    try {
      return await call();
    } catch (again) {
      // The room may have got the attempts before this one.
      if (isBeyondLimit(again)) throw last;
      last = again;
    }
  }
  throw last;
}

/**
 * The runtime marks errors with what it knows: an overloaded object is left alone, and a reset one is back at the next
 * call.
 * @param {any} thrown
 */
function mayRetry(thrown) {
  return !thrown?.overloaded && Boolean(thrown?.retryable || thrown?.durableObjectReset);
}

/**
 * Whether the platform did not make this call, because its request has made as many as it may. The platform says so in
 * words only. Others are taken for a room that did not answer, which is repeated in the same way.
 * @param {any} thrown
 */
export function isBeyondLimit(thrown) {
  return !thrown?.remote && /too many (subrequests|api requests)/i.test(thrown?.message);
}
