/**
 * The sockets of a link, one after the other.
 *
 * `partysocket` makes them. Its own retries are switched off: they would bring back all clients that
 * were lost together at the same moment, and they ignore the server's close codes.
 */

import PartySocket from "partysocket";
import type { Place } from "./place.ts";
import { ensureMessageEvent, ensureSearchParams, randomId } from "./react-native.ts";

const CONNECT_TIMEOUT_MS = 10_000;
/**
 * How often a socket is checked for being open. No event says that the server has sent Close: `close`
 * comes only when it has hung up too, which takes up to 20 s.
 */
const LOOK_MS = 500;

/** What is sent in one frame. */
export type Sendable = string | Uint8Array<ArrayBuffer>;

/** What a socket asks its link, and tells it. */
export interface SocketHooks {
  query(): Record<string, string | undefined>;
  token(): string | undefined;
  onOpen(): void;
  /** A frame has arrived: text, or an `ArrayBuffer`. */
  onData(data: unknown): void;
  /** The server has sent Close. `onClose` follows, with the code. */
  onEnding(): void;
  onClose(code: number, reason: string): void;
}

/** The code by which a user leaves, and others are told at once. */
const LEAVING = 1000;

type RawSocket = globalThis.WebSocket & { terminate?(): void };
type SocketClass = new (url: string, protocols?: string[]) => globalThis.WebSocket;

export class Socket {
  readonly #party: PartySocket;
  readonly #hooks: SocketHooks;
  /** The newest native socket. */
  #raw: RawSocket | undefined;
  #looking: ReturnType<typeof setInterval> | undefined;

  constructor({ protocol, host, path, room }: Place, given: unknown, hooks: SocketHooks) {
    this.#hooks = hooks;
    ensureMessageEvent();
    ensureSearchParams();
    const make = (url: string, protocols?: string[]) => {
      const Class = (given ?? globalThis.WebSocket) as SocketClass;
      this.#raw = protocols ? new Class(url, protocols) : new Class(url);
      return this.#raw;
    };
    this.#party = new PartySocket({
      host,
      protocol,
      basePath: `${path}/parties/${room}`.slice(1),
      id: randomId(),
      query: () => hooks.query(),
      protocols: () => {
        const token = hooks.token();
        return token ? ["validiant", `bearer.${token}`] : null;
      },
      connectionTimeout: CONNECT_TIMEOUT_MS,
      maxEnqueuedMessages: 0,
      shouldReconnectOnClose: () => false,
      startClosed: true,
      // biome-ignore lint/complexity/useArrowFunction: it is called with `new`, and what it returns replaces the new object
      WebSocket: function (url: string, protocols?: string[]) {
        return make(url, protocols);
      },
    });
    this.#party.binaryType = "arraybuffer";
    this.#listen();
  }

  /** The id by which the server knows this connection. */
  get id(): string {
    return this.#party.id;
  }

  get isOpen(): boolean {
    return this.#party.readyState === PartySocket.OPEN;
  }

  open(): void {
    this.#party.reconnect();
  }

  send(data: Sendable): void {
    if (this.isOpen) this.#party.send(data);
  }

  close(code: number): void {
    clearInterval(this.#looking);
    if (code === LEAVING && this.#raw?.readyState === PartySocket.CONNECTING)
      leaveOnceOpen(this.#raw);
    this.#party.close(code);
  }

  /** The next connect is not a return of this connection. */
  rename(): void {
    this.#party.updateProperties({ id: randomId() });
  }

  #listen(): void {
    const { onOpen, onData, onClose } = this.#hooks;
    this.#party.addEventListener("open", () => {
      clearInterval(this.#looking);
      this.#looking = setInterval(() => this.#look(), LOOK_MS);
      onOpen();
    });
    this.#party.addEventListener("message", ({ data }) => onData(data));
    this.#party.addEventListener("close", ({ code, reason }) => onClose(code, reason));
    // A socket that could not be made at all has no close.
    this.#party.addEventListener("error", () => onClose(0, ""));
  }

  #look(): void {
    if (this.#party.readyState !== PartySocket.CLOSING) return;
    clearInterval(this.#looking);
    this.#hooks.onEnding();
    // A socket of `ws` can hang up by itself, and then reports the code at once.
    this.#raw?.terminate?.();
  }
}

/**
 * Lets a socket open before it leaves. One that ends earlier can't say anything, so the server would
 * take it for a broken connection and count its user as present for some seconds more; and browsers
 * log an error for it.
 */
function leaveOnceOpen(socket: RawSocket): void {
  const close = socket.close.bind(socket);
  const leave = () => {
    socket.close = close;
    close(LEAVING);
  };
  socket.close = () => {};
  const timer = setTimeout(leave, CONNECT_TIMEOUT_MS);
  socket.addEventListener("open", leave);
  socket.addEventListener("close", () => clearTimeout(timer));
}
