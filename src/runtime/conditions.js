/** Conditions for calling a room that take a promise to check. */

/**
 * What depends on the signature of a token.
 * @typedef {object} Judged
 * @property {() => Promise<import("../signature.js").Verdict>} verdict
 * @property {(subprotocol: string | undefined) => Response} refused answers if the signature is invalid
 * @property {string | undefined} refusalLine to log then
 * @property {(subprotocol: string | undefined) => Response} unavailable answers if it can't be checked at the moment
 */

/**
 * @param {() => Promise<import("../signature.js").Verdict>} verdict
 * @param {Judged["refused"]} refused
 * @param {string | undefined} refusalLine
 * @param {Judged["unavailable"]} unavailable
 * @returns {Judged}
 */
export function judged(verdict, refused, refusalLine, unavailable) {
  return { verdict, refused, refusalLine, unavailable };
}

/**
 * @param {Judged} judged
 * @param {() => Promise<Response>} go
 * @param {string | undefined} [subprotocol]
 */
export async function ifValid({ verdict, refused, refusalLine, unavailable }, go, subprotocol) {
  switch (await verdict()) {
    case "valid":
      return go();
    case "invalid":
      if (refusalLine !== undefined) console.warn(refusalLine);
      return refused(subprotocol);
    default:
      return unavailable(subprotocol);
  }
}

/**
 * How often an address connects.
 * @typedef {object} Limited
 * @property {string} key by which it is counted
 * @property {() => Response} refused answers if it is too often
 * @property {string | undefined} refusalLine to log then
 */

/**
 * @param {string} key
 * @param {Limited["refused"]} refused
 * @param {string | undefined} refusalLine
 * @returns {Limited}
 */
export function limited(key, refused, refusalLine) {
  return { key, refused, refusalLine };
}

/**
 * @param {{ CONNECTS?: { limit(options: { key: string }): Promise<{ success: unknown }> } }} env
 * @param {Limited | undefined} limited undefined if connects are not counted
 * @param {() => Promise<Response>} go
 * @param {() => Response} unavailable answers if the rate limiter fails
 */
export async function withinLimit(env, limited, go, unavailable) {
  if (limited === undefined) return go();
  let success;
  try {
    // The settings have checked that the binding exists, but it may still not be a rate limiter.
    success = (await env.CONNECTS?.limit({ key: limited.key }))?.success;
  } catch {
    return unavailable();
  }
  if (success === true) return go();
  if (success !== false) return unavailable();
  if (limited.refusalLine !== undefined) console.warn(limited.refusalLine);
  return limited.refused();
}
