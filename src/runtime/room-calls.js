/**
 * Calls to a room. Nothing here needs the WebAssembly instance that made the call, because it may be gone by the time
 * the room answers.
 */

import { readUpTo } from "./body.js";
import { ifValid } from "./conditions.js";
import {
  BEARER_HEADER,
  ERASURE_HEADER,
  IDEMPOTENCY_KEY,
  KEY_EPOCH_HEADER,
  REMOVAL_HEADER,
  REVOCATION_HEADER,
} from "./request.js";
import { callWithRetries, INTERNAL_URL, withRetries } from "./retries.js";

/**
 * Sends a broadcast to the room, once and unchanged: its body is not read.
 * @param {import("#wasm").Env} env
 * @param {string} room
 * @param {Request} request
 * @param {() => Response} fallback answers if the room does not
 */
export function forward(env, room, request, fallback) {
  return env.ROOMS.getByName(room).fetch(request).catch(fallback);
}

/**
 * The same for a body of unknown length, and for a broadcast with a key, which can be retried: the body is read here, and
 * abandoned as soon as it is longer than `maxBytes`.
 * @param {import("#wasm").Env} env
 * @param {string} room
 * @param {Request} request
 * @param {number} maxBytes
 * @param {string} key empty if it has none
 * @param {() => Response} tooLong
 * @param {() => Response} fallback
 * @param {string} [bearer] whose token it came with, for the room
 */
export async function forwardBounded(env, room, request, maxBytes, key, tooLong, fallback, bearer) {
  try {
    const body = await readUpTo(request.body, maxBytes);
    if (body === undefined) return tooLong();
    return await publish(env, room, body, key, bearer);
  } catch {
    return fallback();
  }
}

/**
 * Sends a broadcast to the room if the signature of its token is valid.
 * @param {import("#wasm").Env} env
 * @param {string} room
 * @param {Request} request
 * @param {number} maxBytes
 * @param {string} key
 * @param {string} bearer whose token it is, for the room
 * @param {() => Response} tooLong
 * @param {() => Response} fallback
 * @param {import("./conditions.js").Judged} judged
 */
export function forwardIfValid(
  env,
  room,
  request,
  maxBytes,
  key,
  bearer,
  tooLong,
  fallback,
  judged,
) {
  return ifValid(judged, () =>
    forwardBounded(env, room, request, maxBytes, key, tooLong, fallback, bearer),
  );
}

/**
 * Sends a broadcast to the room, and rejects if the room does not answer.
 * @param {import("#wasm").Env} env
 * @param {string} room
 * @param {Uint8Array<ArrayBuffer>} body
 * @param {string} key with which it can be retried; empty if it has none
 * @param {string} [bearer] whose token it came with, for the room
 * @returns {Promise<Response>}
 */
export function publish(env, room, body, key, bearer) {
  const headers = new Headers();
  if (bearer !== undefined) headers.set(BEARER_HEADER, bearer);
  if (key !== "") headers.set(IDEMPOTENCY_KEY, key);
  const init = { method: "POST", body, headers };
  const call = () => env.ROOMS.getByName(room).fetch(INTERNAL_URL, init);
  return key === "" ? call() : withRetries(call);
}

/**
 * Asks the room for its state.
 * @param {import("#wasm").Env} env
 * @param {string} room
 * @param {() => Response} fallback
 */
export function askForState(env, room, fallback) {
  return callWithRetries(env.ROOMS, room, {}, fallback);
}

/**
 * Makes the room remove a user.
 * @param {import("#wasm").Env} env
 * @param {string} room
 * @param {string} removal whom, for the room
 * @param {() => Response} fallback
 */
export function remove(env, room, removal, fallback) {
  const init = { method: "DELETE", headers: { [REMOVAL_HEADER]: removal } };
  return callWithRetries(env.ROOMS, room, init, fallback);
}

/**
 * Makes the room erase itself. A room of an older version does not know how: an unreadable revocation makes it refuse,
 * where it would otherwise return its state as if it were erased.
 * @param {import("#wasm").Env} env
 * @param {string} room
 * @param {string} erasure how much, for the room
 * @param {() => Response} fallback
 */
export function erase(env, room, erasure, fallback) {
  const headers = { [ERASURE_HEADER]: erasure, [REVOCATION_HEADER]: "erasure" };
  return callWithRetries(env.ROOMS, room, { method: "DELETE", headers }, fallback);
}

/**
 * Makes the room revoke tokens.
 * @param {import("#wasm").Env} env
 * @param {string} room
 * @param {Request} request
 * @param {number} maxBytes
 * @param {(body: Uint8Array | undefined) => string | Response} judge returns the text for the room, or a refusal;
 *   `undefined` means that the body is longer than `maxBytes`
 * @param {() => Response} fallback
 */
export function revoke(env, room, request, maxBytes, judge, fallback) {
  const headers = (/** @type {string} */ revocation) => ({ [REVOCATION_HEADER]: revocation });
  return administer(env, room, request, maxBytes, judge, headers, fallback);
}

/**
 * Makes the room raise its lowest key epoch. A room of an older version must refuse, as in `erase`.
 * @param {import("#wasm").Env} env
 * @param {string} room
 * @param {Request} request
 * @param {number} maxBytes
 * @param {(body: Uint8Array | undefined) => string | Response} judge as in `revoke`
 * @param {() => Response} fallback
 */
export function raiseKeyEpoch(env, room, request, maxBytes, judge, fallback) {
  const headers = (/** @type {string} */ epoch) => ({
    [KEY_EPOCH_HEADER]: epoch,
    [REVOCATION_HEADER]: "key-epoch",
  });
  return administer(env, room, request, maxBytes, judge, headers, fallback);
}

/**
 * Makes the room do what the body of a request says.
 * @param {import("#wasm").Env} env
 * @param {string} room
 * @param {Request} request
 * @param {number} maxBytes
 * @param {(body: Uint8Array | undefined) => string | Response} judge
 * @param {(text: string) => Record<string, string>} headersFor the text for the room
 * @param {() => Response} fallback
 */
async function administer(env, room, request, maxBytes, judge, headersFor, fallback) {
  try {
    const body = await readUpTo(request.body, maxBytes);
    const text = judge(body);
    if (text instanceof Response) return text;
    const init = { method: "DELETE", headers: headersFor(text) };
    return await callWithRetries(env.ROOMS, room, init, fallback);
  } catch {
    return fallback();
  }
}
