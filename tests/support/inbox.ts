/** The frames that came on a socket, kept in order; waits for events, never for time. */

export interface Frame {
  type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a payload is any JSON value
  payload: any;
  timestamp?: number;
  seq?: number;
}

/** How long something that must happen may take before the test fails, in milliseconds. */
export const PATIENCE_MS = 30_000;

export class Inbox {
  /** Every frame since the start, as text. */
  readonly texts: string[] = [];
  /** Events that `next` has not yet looked at. */
  readonly #unread: Frame[] = [];
  #wake: () => void = () => {};

  push(text: string): void {
    this.texts.push(text);
    this.#unread.push(...eventsIn(text));
    this.#wake();
  }

  /** All events so far, read or not. */
  get frames(): Frame[] {
    return this.texts.flatMap(eventsIn);
  }

  /** The next unread frame of one of these types, or of any; frames before it count as read. */
  async next(types: string[], patience = PATIENCE_MS): Promise<Frame> {
    const deadline = AbortSignal.timeout(patience);
    for (;;) {
      const frame = this.#unread.shift();
      if (frame && (types.length === 0 || types.includes(frame.type))) return frame;
      if (!frame) await this.#arrival(deadline, types);
    }
  }

  /** The unread frames before the next one of this type; it counts as read too. */
  async until(type: string, patience = PATIENCE_MS): Promise<Frame[]> {
    const before: Frame[] = [];
    for (;;) {
      const frame = await this.next([], patience);
      if (frame.type === type) return before;
      before.push(frame);
    }
  }

  #arrival(deadline: AbortSignal, types: string[]): Promise<void> {
    const wanted = types.join(" or ") || "a frame";
    return new Promise((resolve, reject) => {
      const fail = () =>
        reject(new Error(`waited in vain for ${wanted}; had: ${this.texts.join(" ")}`));
      if (deadline.aborted) fail();
      deadline.addEventListener("abort", fail, { once: true });
      this.#wake = () => {
        deadline.removeEventListener("abort", fail);
        resolve();
      };
    });
  }
}

/** A frame has one event, or a list of them for a client that asked for batches. */
function eventsIn(text: string): Frame[] {
  const frame = JSON.parse(text) as Frame | Frame[];
  return Array.isArray(frame) ? frame : [frame];
}

/** Fails with a clear text when `promise` takes too long. */
export async function within<T>(
  promise: Promise<T>,
  what: string,
  patience = PATIENCE_MS,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${patience} ms for ${what}`)), patience);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
