/** One connection of a document. */

import type { Send } from "../../yjs/mode.ts";

export class Line {
  readonly send: Send;
  #id = 0;

  constructor(send: Send) {
    this.send = send;
  }

  /** The id of the next message: they count up, so that the server can answer each. */
  nextId(): number {
    this.#id += 1;
    return this.#id;
  }
}
