/**
 * The entry points for the runtime: the edge handler, and the classes of the Durable Objects, all thin wrappers around the
 * WebAssembly.
 *
 * After a trap the next call of any kind makes a new instance (instance.js), and every room is rebuilt in it from what the
 * runtime kept. The event that trapped gets an error at once. If it happened in a room, that room's object is reset: its
 * sockets close with 1006, and its clients reconnect to a fresh object within seconds. Without the reset, the state of
 * that room would be unknown. Other rooms notice nothing.
 */

import * as wasm from "#wasm";
import { mainInstance as instance } from "./instances.js";

export { DocumentRoom } from "./document-room.js";
export { ProjectRoom } from "./project-room.js";

export default {
  /**
   * Handles a request at the edge.
   * @param {Request} request
   * @param {wasm.Env} env
   */
  fetch(request, env) {
    instance.ensure();
    try {
      const answer = wasm.fetch(request, env);
      if (answer instanceof Response) return answer;
      return answer.catch((thrown) => unavailable(request, env, thrown));
    } catch (thrown) {
      return unavailable(request, env, thrown);
    }
  },
};

/**
 * The answer to a request that failed unexpectedly: never a bare 500.
 * @param {Request} request
 * @param {wasm.Env} env
 * @param {unknown} thrown
 */
function unavailable(request, env, thrown) {
  if (!instance.noteTrap(thrown, { projectId: null })) {
    // Its message may quote what a client or a backend sent.
    const message = thrown instanceof Error ? thrown.name : typeof thrown;
    console.error(JSON.stringify({ level: "error", event: "failure", action: "answer", message }));
  }
  instance.ensure();
  return wasm.unavailable(request, env);
}
