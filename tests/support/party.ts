/** The npm client `partysocket`, made as the product makes it, with all that came on it. */

import { after } from "node:test";
import PartySocket, { type PartySocketOptions } from "partysocket";
import WebSocket from "ws";
import { type Frame, Inbox } from "./inbox.ts";
import type { Room } from "./target.ts";

/** A client that has lost its connection waits 3 s and more before it tries again. */
const PATIENCE_MS = 25_000;

export class PartyClient {
  readonly socket: PartySocket;
  readonly #inbox = new Inbox();

  constructor(
    room: Room,
    userId: string,
    userName: string | null = null,
    options: Partial<PartySocketOptions> = {},
  ) {
    const { host, protocol } = new URL(room.server.url);
    this.socket = new PartySocket({
      host,
      protocol: protocol === "https:" ? "wss" : "ws",
      party: "main",
      room: room.id,
      query: { userId, userName },
      WebSocket,
      ...options,
    });
    this.socket.addEventListener("message", ({ data }) => this.#inbox.push(data));
    after(() => this.socket.close());
  }

  /** All frames so far, read or not. */
  get frames(): Frame[] {
    return this.#inbox.frames;
  }

  /** The next unread frame of one of these types, or of any; frames before it count as read. */
  next(...types: string[]): Promise<Frame> {
    return this.#inbox.next(types, PATIENCE_MS);
  }

  /** The unread frames before the next one of this type; it counts as read too. */
  until(type: string): Promise<Frame[]> {
    return this.#inbox.until(type, PATIENCE_MS);
  }
}
