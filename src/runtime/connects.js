/** A client connects to a room: to the root, or to the leaf of a grown room to which it belongs (P15). */

import { notePlaces } from "#wasm";
import { mainInstance } from "../instances.js";
import { ifValid, withinLimit } from "./conditions.js";
import { ADMISSION_HEADER } from "./request.js";
import { OBJECT_HEADER, PLACES_HEADER } from "./response.js";
import { INTERNAL_URL, withRetries } from "./retries.js";

/** The longest way: from a leaf that is none any more to the root, and from there to a leaf that has just become none. */
const MOST_HOPS = 3;

/** What a leaf answers that could not ask its root in time. */
const UNAVAILABLE = 503;

/**
 * Lets a client connect.
 * @param {import("#wasm").Env} env
 * @param {string} room
 * @param {string | undefined} leaf to which it belongs, if that is known
 * @param {string} admitted who, for the room
 * @param {(subprotocol: string | undefined) => Response} unavailable closes the socket if the room does not answer
 * @param {string | undefined} subprotocol
 * @param {import("./conditions.js").Limited | undefined} limited
 */
export function connect(env, room, leaf, admitted, unavailable, subprotocol, limited) {
  const init = { headers: { Upgrade: "websocket", [ADMISSION_HEADER]: admitted } };
  const fallback = () => unavailable(subprotocol);
  const call = (/** @type {string} */ object) =>
    withRetries(() => env.ROOMS.getByName(object).fetch(INTERNAL_URL, init));
  const arrived = (/** @type {Response} */ answer) =>
    answer.status === 101 ? answer : goOn(answer, room, call, fallback);
  const go = () => call(leaf ?? room).then(arrived, fallback);
  return withinLimit(env, limited, go, fallback);
}

/**
 * Goes from one object of a room to another, as their answers say.
 * @param {Response} first
 * @param {string} room
 * @param {(object: string) => Promise<Response>} call
 * @param {() => Response} fallback
 */
async function goOn(first, room, call, fallback) {
  let answer = first;
  try {
    for (let hop = 0; hop < MOST_HOPS; hop++) {
      const object = answer.headers.get(OBJECT_HEADER);
      if (object === null) break;
      note(room, answer.headers.get(PLACES_HEADER) ?? "");
      answer = await call(decodeURIComponent(object));
    }
  } catch {
    return fallback();
  }
  const isInternal = answer.headers.has(OBJECT_HEADER) || answer.status === UNAVAILABLE;
  return isInternal ? fallback() : answer;
}

/**
 * @param {string} room
 * @param {string} places empty if what was known of them is out of date
 */
function note(room, places) {
  mainInstance.ensure();
  notePlaces(room, places);
}

/**
 * Lets a client connect if the signature of its token is valid.
 * @param {import("#wasm").Env} env
 * @param {string} room
 * @param {string | undefined} leaf as in `connect`
 * @param {string} admitted who, for the room
 * @param {import("./conditions.js").Judged} judged
 * @param {string | undefined} subprotocol
 * @param {import("./conditions.js").Limited | undefined} limited
 */
export function connectIfValid(env, room, leaf, admitted, judged, subprotocol, limited) {
  const { unavailable } = judged;
  const connectNow = () => connect(env, room, leaf, admitted, unavailable, subprotocol, undefined);
  const go = () => ifValid(judged, connectNow, subprotocol);
  return withinLimit(env, limited, go, () => unavailable(subprotocol));
}
