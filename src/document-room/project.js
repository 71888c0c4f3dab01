/** The project's room, as a document calls it. */

import { ERRAND_HEADER } from "../runtime/request.js";
import { INTERNAL_URL, withRetries } from "../runtime/retries.js";

export class Project {
  #env;
  #id;
  /**
   * One for all calls, so that they arrive in the order in which they were made. The stub of an object that was reset
   * stays broken, so after a failure there is another.
   * @type {DurableObjectStub | undefined}
   */
  #stub;

  /**
   * @param {import("#wasm").Env} env
   * @param {string} id
   */
  constructor(env, id) {
    this.#env = env;
    this.#id = id;
  }

  /**
   * Asks whether somebody may come in.
   * @param {string} errand
   */
  ask(errand) {
    // The refusal of a socket is a socket, too, which only a request for one may be answered with.
    const headers = { Upgrade: "websocket", [ERRAND_HEADER]: errand };
    return withRetries(() => this.#call({ headers }));
  }

  /**
   * Tells that nobody is there any more. If that fails, the room finds out when it calls the document next.
   * @param {string} errand
   */
  tell(errand) {
    this.#call({ headers: { [ERRAND_HEADER]: errand } }).catch(() => {});
  }

  /**
   * Broadcasts to the project.
   * @param {string} body
   * @returns {Promise<boolean>} whether the room took it
   */
  async publish(body) {
    try {
      return (await this.#call({ method: "POST", body })).ok;
    } catch {
      return false;
    }
  }

  /** @param {RequestInit} init */
  async #call(init) {
    this.#stub ??= this.#env.ROOMS.getByName(this.#id);
    try {
      return await this.#stub.fetch(INTERNAL_URL, init);
    } catch (thrown) {
      this.#stub = undefined;
      throw thrown;
    }
  }
}
