/** Messages to the server: those of one moment go out in one frame. */

/** How many messages the server takes in one frame. */
const MOST_MESSAGES = 64;

export class Outbox {
  readonly #send: (text: string) => void;
  #waiting: string[] = [];

  constructor(send: (text: string) => void) {
    this.#send = send;
  }

  /** Sends a message at the end of this turn. Returns false if it is larger than a frame can be. */
  post(message: object, frameBytes = Number.POSITIVE_INFINITY): boolean {
    const text = JSON.stringify(message);
    if (bytesOf(text) > frameBytes) return false;
    // With brackets and commas around what waits.
    const isFull =
      this.#waiting.length === MOST_MESSAGES ||
      bytesOf(this.#waiting.join()) + bytesOf(text) + 3 > frameBytes;
    if (isFull) this.flush();
    if (this.#waiting.push(text) === 1) queueMicrotask(() => this.flush());
    return true;
  }

  /** Sends what waits now. */
  flush(): void {
    const messages = this.#waiting;
    this.#waiting = [];
    if (messages.length > 0) this.#send(messages.length > 1 ? `[${messages}]` : `${messages}`);
  }
}

/** The length in UTF-8 of text that has no half characters. */
export function bytesOf(text: string): number {
  return encodeURIComponent(text).replace(/%../g, "_").length;
}
