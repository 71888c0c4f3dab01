/** The room tells documents of a removal, a revocation, an erasure or a key epoch, before it answers (P13.10, P14.2). */

import { DOCUMENT_HEADER } from "../runtime/request.js";
import { callWithRetries } from "../runtime/retries.js";
import { ROW_END } from "./sql.js";

/** How many documents are told at once. Any may have to be woken for it, in the memory of one machine. */
const AT_ONCE = 16;

/** Stands for a document that can't be reached. */
const unreachable = () => new Response(null, { status: 503 });

/**
 * Tells documents, and gives the answer, in which their sockets are added to those that the room has closed, if it says
 * how many.
 * @param {import("#wasm").Env} env
 * @param {string} project
 * @param {string} toTell what, and the ids of the documents, each after the end of a row
 * @param {Response | Promise<Response>} answer
 * @param {() => Response | Promise<Response>} unavailable answers if a document can't be reached
 */
export async function tellDocuments(env, project, toTell, answer, unavailable) {
  const [call = "", ...documents] = toTell.split(ROW_END);
  const [closed, done] = await Promise.all([tellAll(env, project, call, documents), answer]);
  if (closed === undefined) return unavailable();
  if (!done.ok) return done;
  const body = await done.json();
  if (body.disconnected !== undefined) body.disconnected += closed;
  return new Response(JSON.stringify(body), done);
}

/**
 * @param {import("#wasm").Env} env
 * @param {string} project
 * @param {string} call
 * @param {string[]} documents
 * @returns {Promise<number | undefined>} how many sockets they have closed, if all could be reached
 */
async function tellAll(env, project, call, documents) {
  const init = { headers: { [DOCUMENT_HEADER]: call } };
  let closed = 0;
  let areAllTold = true;
  const tellOneAfterAnother = async () => {
    for (let document = documents.pop(); document !== undefined; document = documents.pop()) {
      const told = await tell(env, `${project}/${document}`, init);
      if (told === undefined) areAllTold = false;
      else closed += told;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, tellOneAfterAnother));
  return areAllTold ? closed : undefined;
}

/**
 * @param {import("#wasm").Env} env
 * @param {string} name of the document's object
 * @param {RequestInit} init
 * @returns {Promise<number | undefined>} how many sockets it has closed, if it could be reached
 */
async function tell(env, name, init) {
  try {
    const told = await callWithRetries(env.DOCUMENTS, name, init, unreachable);
    if (!told.ok) return undefined;
    const { disconnected } = await told.json();
    return disconnected;
  } catch {
    return undefined;
  }
}
