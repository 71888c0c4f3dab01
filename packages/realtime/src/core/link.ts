/**
 * One connection that comes back: when it is tried again, and when it is not.
 *
 * `partysocket` makes the sockets. Its own retries are switched off, because all clients that it has
 * lost at once return at the same moment, and because it does not know the server's close codes.
 */

import PartySocket from "partysocket";
import { adviceOf, type CloseAdvice } from "../codes.ts";
import { retryDelay } from "./backoff.ts";
import type { Unsubscribe } from "./emitter.ts";
import { Heartbeat } from "./heartbeat.ts";
import { ensureMessageEvent, ensureSearchParams, randomId } from "./react-native.ts";
import {
  CLOSED,
  type CloseReason,
  CONNECTING,
  inWords,
  isOver,
  lossReason,
  NOWHERE,
  ONLINE,
  type RealtimeStatus,
  readReason,
} from "./status.ts";
import { endOf, fetchToken, type GetToken, TokenRefresh } from "./token.ts";
import { onWake } from "./wake.ts";

/** A connection that lasted this long starts a new count of tries. */
const STABLE_MS = 5_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** When a network is back, all who had lost it return within this time. */
const WAKE_WINDOW_MS = 1_000;
/** No code of the server's, and not 1000, by which a user leaves. */
const GIVEN_UP = 3008;

/** Where to connect. */
export interface Address {
  host: string;
  projectId: string;
  getToken?: GetToken | undefined;
  /** The class of the sockets. Default: the runtime's own. */
  WebSocket?: unknown;
}

/** What a link asks of, and tells to, whoever has it. */
export interface LinkHooks {
  /** The query of a connect, asked each time. */
  query(): Record<string, string | undefined>;
  /** A frame has come. */
  onText(text: unknown): void;
  /** It is in another state. */
  onStatus(status: RealtimeStatus): void;
}

export class Link {
  readonly #getToken: GetToken | undefined;
  readonly #hooks: LinkHooks;
  readonly #socket: PartySocket;
  readonly #heartbeat: Heartbeat;
  readonly #refresh: TokenRefresh | undefined;
  readonly #stopWaking: Unsubscribe;
  #token: string | undefined;
  #status = CONNECTING;
  /** Whether a socket is there or under way: what is heard of an older one counts for nothing. */
  #live = false;
  #onlineSince: number | undefined;
  #triesInVain = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Before this time the server does not want this client back. */
  #notBefore = 0;

  constructor({ host, projectId, getToken, WebSocket }: Address, hooks: LinkHooks) {
    this.#getToken = getToken;
    this.#hooks = hooks;
    const send = (text: string) => void this.#send(text);
    this.#heartbeat = new Heartbeat(send, () => this.#lost({ reason: lossReason("silent") }));
    this.#refresh = getToken && new TokenRefresh(getToken, send);
    ensureMessageEvent();
    ensureSearchParams();
    const scheme = /^(http|ws)(s?):/.exec(host);
    this.#socket = new PartySocket({
      host,
      ...(scheme && { protocol: scheme[2] ? "wss" : "ws" }),
      id: randomId(),
      room: encodeURIComponent(projectId),
      query: () => hooks.query(),
      protocols: () => (this.#token ? ["validiant", `bearer.${this.#token}`] : null),
      connectionTimeout: CONNECT_TIMEOUT_MS,
      maxEnqueuedMessages: 0,
      shouldReconnectOnClose: () => false,
      startClosed: true,
      WebSocket,
    });
    this.#listen();
    this.#stopWaking = onWake(() => this.check());
    if (host && projectId) void this.#connect();
    else this.#end(NOWHERE);
  }

  get status(): RealtimeStatus {
    return this.#status;
  }

  /** The server took the client in, at this time of its clock. */
  accepted(now: number): void {
    // Who heard of it first may have closed the connection.
    if (isOver(this.#status)) return;
    this.#onlineSince = Date.now();
    this.#refresh?.plan(endOf(this.#token ?? ""), now);
    this.#say(ONLINE);
  }

  /** The server took a fresh token that ends at `end`; both times are by its clock. */
  refreshed(end: number, now: number): void {
    this.#refresh?.plan(end, now);
  }

  /** The server refused a message. The only one that matters is a fresh token. */
  refused(retryAfterMs?: number): void {
    this.#refresh?.failed(retryAfterMs);
  }

  /** Something happened that a connection may not have survived, or that a waiting one need not wait any longer for. */
  check(): void {
    if (this.#isOpen) this.#heartbeat.check();
    if (this.#status.state !== "waiting") return;
    const now = Date.now();
    const delay = Math.max(0, this.#notBefore - now) + Math.random() * WAKE_WINDOW_MS;
    if (now + delay < (this.#status.retryAt ?? 0)) this.#retryIn(delay, this.#status);
  }

  /** Leaves for good. */
  close(): void {
    this.#end(CLOSED);
  }

  #listen(): void {
    const socket = this.#socket;
    socket.addEventListener("open", () => this.#heartbeat.start());
    socket.addEventListener("message", ({ data }) => {
      this.#heartbeat.heard();
      this.#hooks.onText(data);
    });
    socket.addEventListener("close", ({ code, reason }) => this.#closed(code, reason));
    // One that could not be made at all has no close.
    socket.addEventListener("error", () => this.#closed(0, ""));
  }

  async #connect(): Promise<void> {
    this.#say(CONNECTING);
    if (this.#getToken) {
      try {
        this.#token = await fetchToken(this.#getToken);
      } catch (cause) {
        return this.#lost({ reason: lossReason("noToken"), cause });
      }
    }
    if (this.#status !== CONNECTING) return;
    this.#live = true;
    this.#socket.reconnect();
  }

  #closed(code: number, text: string): void {
    if (!this.#live) return;
    const advice = adviceOf(code);
    const loss = this.#onlineSince === undefined ? "unreachable" : "lost";
    if (advice) this.#sentAway(advice, readReason(text));
    else this.#lost({ reason: lossReason(loss) });
  }

  #sentAway(advice: CloseAdvice, said: CloseReason): void {
    const { code, retryAfterMs } = said;
    const why = { reason: inWords(said), ...(code && { code }) };
    const canReturn = advice === "later" || (advice === "refresh-token" && this.#getToken);
    if (canReturn) this.#lost(why, retryAfterMs);
    else this.#end({ state: "stopped", ...why });
  }

  /** Waits, then tries again. */
  #lost(why: Pick<RealtimeStatus, "reason" | "code" | "cause">, retryAfterMs = 0): void {
    if (isOver(this.#status)) return;
    this.#drop(GIVEN_UP);
    const lasted = Date.now() - (this.#onlineSince ?? Date.now());
    this.#onlineSince = undefined;
    if (lasted >= STABLE_MS) this.#triesInVain = 0;
    this.#notBefore = Date.now() + retryAfterMs;
    const delay = retryDelay(this.#triesInVain++, retryAfterMs);
    this.#retryIn(delay, { state: "waiting", ...why });
  }

  #retryIn(delay: number, status: RealtimeStatus): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#connect(), delay);
    this.#say({ ...status, retryAt: Date.now() + delay });
  }

  #end(status: RealtimeStatus): void {
    if (isOver(this.#status)) return;
    clearTimeout(this.#timer);
    this.#stopWaking();
    this.#drop(1000);
    this.#say(status);
  }

  get #isOpen(): boolean {
    return this.#socket.readyState === PartySocket.OPEN;
  }

  #drop(code: number): void {
    this.#live = false;
    this.#heartbeat.stop();
    this.#refresh?.stop();
    this.#socket.close(code);
  }

  #send(text: string): void {
    if (this.#isOpen) this.#socket.send(text);
  }

  #say(status: RealtimeStatus): void {
    this.#status = status;
    this.#hooks.onStatus(status);
  }
}
