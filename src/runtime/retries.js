/** Calls that change nothing if they are made twice are tried again when the runtime says that it may help. */

/** The room tells its calls apart by method and header; it does not look at the URL. */
export const INTERNAL_URL = "https://room.internal/";

/** How often a call is made at the most. */
const ATTEMPTS = 3;

/** Before the second attempt; doubled before each further one, half of it random. */
const FIRST_DELAY_MS = 50;

/**
 * Makes a call that changes nothing if it is made twice.
 * @param {import("#wasm").Env} env
 * @param {string} room
 * @param {RequestInit} init
 * @param {() => Response} fallback
 */
export function callWithRetries(env, room, init, fallback) {
  // A stub of an object that was reset stays broken, so each attempt has its own.
  const call = () => env.ROOMS.getByName(room).fetch(INTERNAL_URL, init);
  return call().catch((thrown) => retry(call, thrown, fallback));
}

/**
 * @param {() => Promise<Response>} call
 * @param {unknown} thrown by the first attempt
 * @param {() => Response} fallback
 */
async function retry(call, thrown, fallback) {
  let last = thrown;
  for (let attempt = 1; attempt < ATTEMPTS && mayRetry(last); attempt++) {
    const delay = FIRST_DELAY_MS * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
    await new Promise((resolve) => setTimeout(resolve, delay));
    try {
      return await call();
    } catch (again) {
      last = again;
    }
  }
  return fallback();
}

/**
 * The runtime marks an error with what it knows: an overloaded object is left alone, a reset one is there again at
 * the next call.
 * @param {any} thrown
 */
function mayRetry(thrown) {
  return !thrown?.overloaded && Boolean(thrown?.retryable || thrown?.durableObjectReset);
}
