/** One client's connection to a room: what `partysocket` does for an app, but controllable step by step. */

import type { ConnectedPayload } from "../../packages/realtime/src/server-frames.ts";
import { SERVER } from "./base.ts";
import { roomPath } from "./broadcast.ts";
import { type Ending, endingOf } from "./closing.ts";
import type { Frame } from "./protocol.ts";
import { randomId } from "./random-id.ts";

export interface Identity {
  readonly projectId: string;
  readonly userId: string;
  readonly userName: string;
  /** A JSON Web Token, or empty. */
  readonly token: string;
}

export type State =
  | { readonly name: "connecting" | "open" | "cut" | "left" }
  /** It had a token before the page was reloaded, and needs a new one now. */
  | { readonly name: "waiting" }
  | { readonly name: "ended"; readonly ending: Ending; readonly returnsInMs: number | undefined };

/** How a return went. */
export interface Recovery {
  /** The position that the client sent. */
  readonly since: string;
  readonly recovered: boolean;
  /** The numbers of the missed events that it received. */
  readonly missed: number[];
}

export interface Listener {
  changed(): void;
  /** `askedAt`: when the client connected, if this frame answers that. */
  received(text: string, frame: Frame, wasMissed: boolean, askedAt: number | undefined): void;
}

/** What a client needs to return as the same client. */
export interface Former {
  readonly id: string;
  readonly position: string | undefined;
}

/**
 * A page can't pull the cable: a close with this code comes closest. For the server, every close but
 * 1000 is a broken connection (P5.3).
 */
const CUT = 4999;
const NORMAL = 1000;
const FIRST_RETURN_MS = 1_000;
const LONGEST_RETURN_MS = 15_000;

export class Connection {
  identity: Identity;
  state: State = { name: "left" };
  recovery: Recovery | undefined;
  /** The client's own id, the same on each return. */
  readonly id: string;
  readonly #listener: Listener;
  #socket: WebSocket | undefined;
  #epoch: string | undefined;
  #seq = 0;
  /** The room's newest event when the client returned: events up to it were missed. */
  #missedUpTo = 0;
  #failures = 0;
  #startedAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(identity: Identity, listener: Listener, former?: Former) {
    this.identity = identity;
    this.#listener = listener;
    this.id = former?.id ?? randomId();
    const [, epoch, seq] = /^(.+):(\d+)$/.exec(former?.position ?? "") ?? [];
    this.#epoch = epoch;
    this.#seq = Number(seq ?? 0);
  }

  /** `<epoch>:<seq>` of the newest event received. Undefined if the server keeps no history. */
  get position(): string | undefined {
    return this.#epoch === undefined ? undefined : `${this.#epoch}:${this.#seq}`;
  }

  connect(): void {
    clearTimeout(this.#timer);
    const since = this.position;
    this.recovery = undefined;
    this.#startedAt = Date.now();
    this.#become({ name: "connecting" });
    const socket = new WebSocket(this.#url(since), protocolsFor(this.identity.token));
    this.#socket = socket;
    // Anything that still arrives on an abandoned socket is ignored.
    const isCurrent = () => this.#socket === socket;
    socket.onmessage = ({ data }) => isCurrent() && this.#hear(String(data), since);
    socket.onclose = ({ code, reason }) => isCurrent() && this.#end(code, reason);
  }

  /** Sends a message, if it is connected. */
  send(message: object): void {
    if (this.state.name === "open") this.#socket?.send(JSON.stringify(message));
  }

  /** Connects with a new token, from the same position. */
  renew(token: string): void {
    this.#giveUp(CUT);
    this.identity = { ...this.identity, token };
    this.connect();
  }

  /** Waits for a token. */
  wait(): void {
    this.#become({ name: "waiting" });
  }

  /** Breaks the connection, as a lost network would. The position stays. */
  cut(): void {
    this.#giveUp(CUT);
    this.#become({ name: "cut" });
  }

  /** Leaves the project. The others are told at once. */
  leave(): void {
    this.#giveUp(NORMAL);
    this.#epoch = undefined;
    this.recovery = undefined;
    this.#become({ name: "left" });
  }

  #giveUp(code: number): void {
    clearTimeout(this.#timer);
    this.#socket?.close(code);
    this.#socket = undefined;
  }

  #url(since: string | undefined): string {
    const { projectId, userId, userName } = this.identity;
    const url = new URL(roomPath(projectId), SERVER);
    url.protocol = url.protocol.replace("http", "ws");
    url.searchParams.set("_pk", this.id);
    const query = { userId, userName, since: since ?? "" };
    for (const [name, value] of Object.entries(query))
      if (value !== "") url.searchParams.set(name, value);
    return url.href;
  }

  #hear(text: string, since: string | undefined): void {
    const frame = JSON.parse(text) as Frame;
    const isWelcome = frame.type === "CONNECTED";
    if (isWelcome) this.#welcome(frame.payload as ConnectedPayload, since);
    const { seq } = frame;
    const wasMissed = seq !== undefined && seq <= this.#missedUpTo;
    if (wasMissed) this.recovery?.missed.push(seq);
    if (seq !== undefined) this.#seq = seq;
    this.#listener.received(text, frame, wasMissed, isWelcome ? this.#startedAt : undefined);
    if (isWelcome || wasMissed) this.#listener.changed();
  }

  #welcome({ epoch, seq = 0, recovered }: ConnectedPayload, since: string | undefined): void {
    this.#failures = 0;
    this.#missedUpTo = recovered ? seq : 0;
    if (since !== undefined) this.recovery = { since, recovered, missed: [] };
    if (!recovered) {
      this.#epoch = epoch;
      this.#seq = seq;
    }
    this.state = { name: "open" };
  }

  #end(code: number, reason: string): void {
    this.#socket = undefined;
    const ending = endingOf(code, reason, this.state.name === "open");
    const returnsInMs = ending.mayReturn ? this.#delay(ending) : undefined;
    if (returnsInMs !== undefined) this.#timer = setTimeout(() => this.connect(), returnsInMs);
    this.#become({ name: "ended", ending, returnsInMs });
  }

  #delay({ retryAfterMs = 0 }: Ending): number {
    const doubled = FIRST_RETURN_MS * 2 ** this.#failures;
    this.#failures += 1;
    return Math.max(retryAfterMs, Math.min(doubled, LONGEST_RETURN_MS));
  }

  #become(state: State): void {
    this.state = state;
    this.#listener.changed();
  }
}

/** As a subprotocol, a token does not end up in logs of URLs (P9.1). */
function protocolsFor(token: string): string[] {
  return token === "" ? [] : ["validiant", `bearer.${token}`];
}
