/** What must hold before a room is called, and takes a promise to tell. */

/**
 * What depends on the signature of a token.
 * @typedef {object} Judged
 * @property {() => Promise<import("../signature.js").Verdict>} verdict
 * @property {(subprotocol: string | undefined) => Response} refused answers when the signature is not right
 * @property {string | undefined} refusalLine to log then
 * @property {(subprotocol: string | undefined) => Response} unavailable answers when nobody can tell just now
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
 * @property {() => Response} refused answers when it is too often
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
 * @param {Limited | undefined} limited undefined where nobody counts
 * @param {() => Promise<Response>} go
 * @param {() => Response} unavailable answers when nobody can tell just now
 */
export async function withinLimit(env, limited, go, unavailable) {
  if (limited === undefined) return go();
  let success;
  try {
    // The settings have seen the binding. Should it be no rate limiter after all, nobody can tell.
    success = (await env.CONNECTS?.limit({ key: limited.key }))?.success;
  } catch {
    return unavailable();
  }
  if (success === true) return go();
  if (success !== false) return unavailable();
  if (limited.refusalLine !== undefined) console.warn(limited.refusalLine);
  return limited.refused();
}
