/** Calls to a document, as `room-calls.js` calls a room. */

import { readUpTo } from "./body.js";
import { ifValid, withinLimit } from "./conditions.js";
import { DOCUMENT_HEADER } from "./request.js";
import { callWithRetries, INTERNAL_URL } from "./retries.js";

/**
 * Lets a client open a document, if the signature of its token is valid.
 * @param {import("#wasm").Env} env
 * @param {string} name of the document's object
 * @param {string} call who, for the document
 * @param {(subprotocol: string | undefined) => Response} unavailable closes the socket if the document does not answer
 * @param {string | undefined} subprotocol
 * @param {import("./conditions.js").Limited | undefined} limited
 * @param {import("./conditions.js").Judged | undefined} judged undefined if it needs no token
 */
export function openDocument(env, name, call, unavailable, subprotocol, limited, judged) {
  const init = { headers: { Upgrade: "websocket", [DOCUMENT_HEADER]: call } };
  const fallback = () => unavailable(subprotocol);
  const open = () => callWithRetries(env.DOCUMENTS, name, init, fallback);
  return withinLimit(env, limited, () => onceValid(judged, open, subprotocol), fallback);
}

/**
 * Reads or erases a document, if the signature of the token is valid.
 * @param {import("#wasm").Env} env
 * @param {string} name
 * @param {string} call what, for the document
 * @param {() => Response} fallback
 * @param {import("./conditions.js").Judged | undefined} judged undefined if it came with the secret
 */
export function askDocument(env, name, call, fallback, judged) {
  const init = { headers: { [DOCUMENT_HEADER]: call } };
  return onceValid(judged, () => callWithRetries(env.DOCUMENTS, name, init, fallback));
}

/**
 * Seeds a document, if the signature of the token is valid. It is not retried: the second attempt would find what the
 * first has written, and say that the document was not empty.
 * @param {import("#wasm").Env} env
 * @param {string} name
 * @param {string} call
 * @param {Request} request
 * @param {number} maxBytes
 * @param {() => Response} tooLong
 * @param {() => Response} fallback
 * @param {import("./conditions.js").Judged | undefined} judged
 */
export function seedDocument(env, name, call, request, maxBytes, tooLong, fallback, judged) {
  return onceValid(judged, async () => {
    try {
      const body = await readUpTo(request.body, maxBytes);
      if (body === undefined) return tooLong();
      const init = { method: "PUT", body, headers: { [DOCUMENT_HEADER]: call } };
      return await env.DOCUMENTS.getByName(name).fetch(INTERNAL_URL, init);
    } catch {
      return fallback();
    }
  });
}

/**
 * @param {import("./conditions.js").Judged | undefined} judged
 * @param {() => Promise<Response>} go
 * @param {string} [subprotocol]
 */
function onceValid(judged, go, subprotocol) {
  return judged === undefined ? go() : ifValid(judged, go, subprotocol);
}
