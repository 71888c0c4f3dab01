/** The Durable Object of one document, a thin wrapper around a WebAssembly module of its own. */

import * as wasm from "#documents";
import { Instance } from "./instance.js";

/** Of all documents. Made when the first one is used, so that a project's room does not wait for it. */
const instance = new Instance(wasm.__wbg_reset_state, { isMade: false });

/** The room of one document. */
export class DocumentRoom {
  #name;
  /** @type {wasm.Document | undefined} */
  #document;

  /** @param {DurableObjectState} state */
  constructor(state) {
    this.#name = state.id.name ?? "";
  }

  /** Handles a request from the gate. */
  fetch() {
    instance.ensure();
    this.#document ??= new wasm.Document(this.#name);
    return new Response(this.#document.name());
  }
}
