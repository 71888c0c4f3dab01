/** One broadcast to many rooms. Like every call to a room, it does not need the instance that made it. */

import { readUpTo } from "./body.js";
import { json } from "./response.js";
import { isBeyondLimit } from "./retries.js";
import { publish } from "./room-calls.js";

/**
 * How many rooms one request calls, all at once. More would need more than the 10 ms of processor time that a request has
 * on Cloudflare's free plan, and what was done until then would not even be told.
 */
const ROOMS_AT_ONCE = 100;

/**
 * Sends a broadcast to the first of these rooms, and answers with the answer of each, and with the rooms that remain.
 * @param {import("#wasm").Env} env
 * @param {Request} request
 * @param {number} maxBytes
 * @param {string} key empty if it has none
 * @param {(body: Uint8Array | undefined) => [string[], Uint8Array<ArrayBuffer>] | Response} judge returns the rooms and
 *   the body for each of them, or a refusal; `undefined` means that the body is longer than `maxBytes`
 * @param {() => Response} fallback
 */
export async function publishToMany(env, request, maxBytes, key, judge, fallback) {
  try {
    const judged = judge(await readUpTo(request.body, maxBytes));
    if (judged instanceof Response) return judged;
    const [named, body] = judged;
    const rooms = [...new Set(named)];
    const calls = rooms
      .slice(0, ROOMS_AT_ONCE)
      .map((room) => outcome(() => publish(env, room, body, key), fallback));
    return answer(rooms, await Promise.all(calls)) ?? fallback();
  } catch {
    return fallback();
  }
}

/**
 * The answer of a room, or the fallback's. A room that does not answer does not affect the others. `undefined` if the
 * platform did not allow one more call, so that the room has not been called at all.
 * @param {() => Promise<Response>} call
 * @param {() => Response} fallback
 * @returns {Promise<{ status: number, success: boolean } | undefined>}
 */
async function outcome(call, fallback) {
  try {
    return await read(await call());
  } catch (thrown) {
    return isBeyondLimit(thrown) ? undefined : read(fallback());
  }
}

/** @param {Response} response */
async function read(response) {
  const answer = /** @type {{ success: boolean }} */ (await response.json());
  return { status: response.status, ...answer };
}

/**
 * Every answer has a result, so that a backend that sends the rest again comes to an end.
 * @param {string[]} rooms
 * @param {({ success: boolean } | undefined)[]} outcomes of the first of them
 */
function answer(rooms, outcomes) {
  const results = outcomes.flatMap((outcome, place) =>
    outcome === undefined ? [] : [{ projectId: rooms[place], ...outcome }],
  );
  if (results.length === 0) return undefined;
  const rest = rooms.filter((_, place) => outcomes[place] === undefined);
  const remaining = rest.length > 0 ? rest : undefined;
  const success = remaining === undefined && results.every((result) => result.success);
  return json(200, JSON.stringify({ success, results, remaining }));
}
