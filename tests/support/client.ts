/** A WebSocket client that keeps every frame and waits for events, never for time. */

import { once } from "node:events";
import WebSocket, { type ClientOptions } from "ws";

export interface Frame {
  type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a payload is any JSON value
  payload: any;
  timestamp?: number;
}

export interface CloseEvent {
  code: number;
  reason: string;
}

/** How long something that must happen may take before the test fails, in milliseconds. */
const PATIENCE_MS = 10_000;

export interface ConnectOptions extends ClientOptions {
  protocols?: string[];
}

/** One socket, with all that came on it. */
export class Client {
  readonly socket: WebSocket;
  /** Every frame since the start, as text. */
  readonly texts: string[] = [];
  /** Frames that `next` has not yet looked at. */
  readonly #unread: Frame[] = [];
  #wake: () => void = () => {};
  closed: Promise<CloseEvent>;

  constructor(url: string, { protocols = [], ...options }: ConnectOptions = {}) {
    this.socket = new WebSocket(url.replace(/^http/, "ws"), protocols, {
      perMessageDeflate: false,
      ...options,
    });
    this.socket.on("message", (data, isBinary) => {
      if (isBinary) throw new Error("the server sent a binary frame");
      this.texts.push(data.toString());
      this.#unread.push(JSON.parse(data.toString()) as Frame);
      this.#wake();
    });
    this.closed = new Promise((resolve) => {
      this.socket.once("close", (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    // A refused upgrade is told by `opened`; without a listener it would end the process.
    this.socket.on("error", () => {});
  }

  /** Resolves when the upgrade is answered with 101; rejects with what it was answered instead. */
  async opened(): Promise<this> {
    if (this.socket.readyState === WebSocket.CONNECTING) await once(this.socket, "open");
    return this;
  }

  /** All frames so far, read or not. */
  get frames(): Frame[] {
    return this.texts.map((text) => JSON.parse(text) as Frame);
  }

  /** The next unread frame of one of these types, or of any; frames before it count as read. */
  async next(...types: string[]): Promise<Frame> {
    const deadline = AbortSignal.timeout(PATIENCE_MS);
    for (;;) {
      const frame = this.#unread.shift();
      if (frame && (types.length === 0 || types.includes(frame.type))) return frame;
      if (!frame) await this.#arrival(deadline, types);
    }
  }

  /** How the socket ended; fails if it does not end. */
  async close(): Promise<CloseEvent> {
    return within(this.closed, "the socket to close");
  }

  /** Says that the user leaves, and waits until the server has answered. */
  async leave(code = 1000): Promise<CloseEvent> {
    this.socket.close(code);
    return this.close();
  }

  send(message: unknown): void {
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
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
