/** A WebSocket client that keeps every frame. */

import { once } from "node:events";
import WebSocket, { type ClientOptions } from "ws";
import { type Frame, Inbox, PATIENCE_MS, within } from "./inbox.ts";

export { type Frame, within } from "./inbox.ts";

export interface CloseEvent {
  code: number;
  reason: string;
}

export interface ConnectOptions extends ClientOptions {
  protocols?: string[];
  /** Not in the types of `ws` yet. */
  closeTimeout?: number;
}

/**
 * How long a client waits for the server to hang up after both have said Close, as Chrome does, in milliseconds. The
 * runtime does so at once for a Close in answer to something on the same socket, and 10 s later for any other.
 */
export const CLOSE_TIMEOUT_MS = 2_000;

/** One socket, with all that came on it. */
export class Client {
  readonly socket: WebSocket;
  readonly closed: Promise<CloseEvent>;
  readonly #inbox = new Inbox();

  constructor(url: string, { protocols = [], ...options }: ConnectOptions = {}) {
    const all: ConnectOptions = {
      perMessageDeflate: false,
      closeTimeout: CLOSE_TIMEOUT_MS,
      ...options,
    };
    this.socket = new WebSocket(url.replace(/^http/, "ws"), protocols, all);
    this.socket.on("message", (data, isBinary) => {
      if (isBinary) throw new Error("the server sent a binary frame");
      this.#inbox.push(data.toString());
    });
    this.closed = new Promise((resolve) => {
      this.socket.once("close", (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    // A refused upgrade is reported by `opened`; without a listener it would end the process.
    this.socket.on("error", () => {});
  }

  /** Resolves when the upgrade is answered with 101; rejects with any other answer. */
  async opened(): Promise<this> {
    if (this.socket.readyState === WebSocket.CONNECTING) await once(this.socket, "open");
    return this;
  }

  /** Every frame since the start, as text. */
  get texts(): string[] {
    return this.#inbox.texts;
  }

  /** All frames so far, read or not. */
  get frames(): Frame[] {
    return this.#inbox.frames;
  }

  /** The next unread frame of one of these types, or of any; frames before it count as read. */
  next(...types: string[]): Promise<Frame> {
    return this.#inbox.next(types);
  }

  /** The unread frames before the next one of this type; it counts as read too. */
  until(type: string): Promise<Frame[]> {
    return this.#inbox.until(type);
  }

  /** How the socket ended; fails if it does not end. */
  close(patience = PATIENCE_MS): Promise<CloseEvent> {
    return within(this.closed, "the socket to close", patience);
  }

  /** Says that the user leaves, and waits until the server has answered. */
  async leave(code = 1000): Promise<CloseEvent> {
    this.socket.close(code);
    return this.close();
  }

  send(message: unknown): void {
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }
}
