/** One connection that recovers: when to retry, and when to give up. */

import type { CloseAdvice } from "../codes.ts";
import { retryDelay } from "./backoff.ts";
import { userOf } from "./claims.ts";
import type { Unsubscribe } from "./emitter.ts";
import { diagnose } from "./health.ts";
import { Heartbeat } from "./heartbeat.ts";
import type { Place } from "./place.ts";
import { SignIn } from "./sign-in.ts";
import { type Sendable, Socket } from "./socket.ts";
import {
  type Cause,
  CLOSED,
  type CloseReason,
  CONNECTING,
  isOver,
  ONLINE,
  type RealtimeStatus,
  readReason,
} from "./status.ts";
import type { GetToken } from "./token.ts";
import { onWake } from "./wake.ts";
import { isOffline, lossReason } from "./words.ts";

/** After a connection that lasted this long, the count of failed attempts starts again. */
const STABLE_MS = 5_000;
/** When a network is back, all clients that had lost it return within this time. */
const WAKE_WINDOW_MS = 1_000;
/** How long a server can take to hang up after it has sent Close. workerd takes up to 20 s. */
const ENDING_MS = 30_000;
/**
 * How long the server's first frame can take once a socket is open. Some virus scanners and proxies
 * let the handshake through, but no frames. A slow phone needs some seconds for a list of 100 users.
 */
const FIRST_WORD_MS = 20_000;
/** A room that takes no fresh tokens is not left for one before this time. */
const SOONEST_CHANGE_MS = 30_000;
/** Not a code of the server's, and not 1000, which would mean that the user leaves. */
const GIVEN_UP = 3008;

/** What a link asks its owner, and tells it. */
export interface LinkHooks {
  /** The query for a connect, asked each time. */
  query(): Record<string, string | undefined>;
  /** The socket is open, and the server has not said anything yet. */
  onOpen(): void;
  /** A frame has arrived: text, or an `ArrayBuffer`. */
  onData(data: unknown): void;
  /** The status has changed. */
  onStatus(status: RealtimeStatus): void;
  /** The next connect is for another user: nothing must carry over from this one. */
  onOtherUser(): void;
  /** What to do about a close code. Undefined if it is not one of the server's. */
  advice(code: number): CloseAdvice | undefined;
  /** Why the server has ended the connection, in a sentence for people. */
  inWords(said: CloseReason): string;
  /**
   * Offers a fresh token on the open connection. If absent, the room takes none, and a fresh token makes
   * another connection.
   */
  offer?(token: string): void;
}

export class Link {
  readonly #place: Place;
  readonly #hooks: LinkHooks;
  readonly #socket: Socket;
  readonly #heartbeat: Heartbeat;
  readonly #signIn: SignIn | undefined;
  #stopWaking: Unsubscribe = () => {};
  #status = CONNECTING;
  /** Whether there is a socket, open or connecting. Anything from an older one is ignored. */
  #live = false;
  /** Counts up with each connect and each end, so that answers to earlier requests are ignored. */
  #life = 0;
  #onlineSince: number | undefined;
  #wasOnline = false;
  #triesInVain = 0;
  /** What `/health` said in this outage. Null once it has been asked. */
  #diagnosis: Cause | undefined | null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The server does not want this client back before this time, and how long it asked for. */
  #notBefore = 0;
  #retryAfterMs = 0;

  constructor(place: Place, getToken: GetToken | undefined, WebSocket: unknown, hooks: LinkHooks) {
    this.#place = place;
    this.#hooks = hooks;
    this.#heartbeat = new Heartbeat(
      (text) => this.#socket.send(text),
      () => this.#lost({ reason: lossReason("silent") }),
    );
    this.#signIn = getToken && new SignIn(getToken, (token) => this.#offer(token));
    this.#socket = new Socket(place, WebSocket, {
      query: () => hooks.query(),
      token: () => this.#signIn?.token,
      onOpen: () => this.#opened(),
      onData: (data) => this.#heard(data),
      onEnding: () => this.#ending(),
      onClose: (code, reason) => this.#closed(code, reason),
    });
    this.#start();
  }

  get status(): RealtimeStatus {
    return this.#status;
  }

  /** The id by which the server knows this connection. */
  get id(): string {
    return this.#socket.id;
  }

  /** The user that the token names. */
  get userId(): string | undefined {
    return this.#signIn && userOf(this.#signIn.token);
  }

  /** Sends this, unless the connection is not open. */
  send(data: Sendable): void {
    this.#socket.send(data);
  }

  /** The server accepted the client, at this time by its clock. */
  accepted(now: number): void {
    // An earlier handler may have closed the connection.
    if (isOver(this.#status)) return;
    clearTimeout(this.#timer);
    this.#onlineSince = Date.now();
    this.#wasOnline = true;
    this.#diagnosis = undefined;
    this.#signIn?.accepted(now);
    this.#say(ONLINE);
  }

  /** The server accepted a fresh token that expires at `end`. Both times are by the server's clock. */
  refreshed(end: number, now: number): void {
    this.#signIn?.planFrom(end, now);
  }

  /** The server refused a message. Only a refused token matters. */
  refused(said: CloseReason): void {
    this.#signIn?.refreshRefused(said);
  }

  /** Something happened that a connection may not have survived, or after which one that waits can retry. */
  check(): void {
    if (this.#socket.isOpen) this.#heartbeat.check();
    // A connection that the server is ending waits for the reason.
    if (this.#status.state !== "waiting" || this.#live) return;
    const now = Date.now();
    // No longer than the server asked for, even if the device's clock was set back meanwhile.
    const left = Math.min(this.#retryAfterMs, Math.max(0, this.#notBefore - now));
    const delay = left + Math.random() * WAKE_WINDOW_MS;
    const { retryAt = 0 } = this.#status;
    // Timers stand still while a device sleeps: the time of the next attempt may have passed.
    if (retryAt <= now || now + delay < retryAt) this.#retryIn(delay, this.#status);
  }

  /**
   * Asks the app for a token. If it is for another user, this becomes another connection. Fails if
   * there is no token.
   */
  async look(): Promise<void> {
    const life = this.#life;
    const { state } = this.#status;
    // A connection that waits asks anyway before it connects.
    if (!this.#signIn || state === "closed" || (state === "waiting" && !this.#live)) return;
    const token = await this.#signIn.fetch();
    if (life === this.#life && this.#signIn.isOther(token)) this.#become(token);
  }

  /** Connects now, with a fresh token, in any state except `closed`. */
  reconnect(): void {
    if (this.#status.state === "closed") return;
    this.#startAgain(GIVEN_UP);
  }

  /** Leaves for good. */
  close(): void {
    this.end(CLOSED);
  }

  /** Ends the connection for good, with this status. */
  end(status: RealtimeStatus): void {
    if (isOver(this.#status)) return;
    this.#stopWaking();
    this.#drop(1000);
    this.#say(status);
  }

  /** Ends the connection with this code, and starts the next one afresh. */
  #startAgain(code: number, token?: string): void {
    const wasOver = isOver(this.#status);
    this.#drop(code);
    this.#triesInVain = 0;
    this.#signIn?.startAgain();
    this.#diagnosis = undefined;
    if (wasOver) this.#start(token);
    else void this.#connect(token);
  }

  #start(token?: string): void {
    this.#stopWaking = onWake(() => this.check());
    void this.#connect(token);
  }

  async #connect(given?: string): Promise<void> {
    this.#life += 1;
    const life = this.#life;
    this.#onlineSince = undefined;
    this.#say(CONNECTING);
    if (this.#signIn) {
      try {
        const token = given ?? (await this.#signIn.fetch());
        if (life !== this.#life) return;
        this.#take(this.#signIn, token);
      } catch (cause) {
        if (life === this.#life) this.#lost({ reason: lossReason("noToken"), cause });
        return;
      }
    }
    if (life !== this.#life) return;
    this.#live = true;
    this.#socket.open();
  }

  #take(signIn: SignIn, token: string): void {
    const isAnother = signIn.token !== undefined && signIn.isOther(token);
    signIn.token = token;
    if (!isAnother) return;
    this.#wasOnline = false;
    this.#socket.rename();
    this.#hooks.onOtherUser();
  }

  /** Offers a fresh token to the open connection. One for another user makes another connection. */
  #offer(token: string): void {
    if (this.#signIn?.isOther(token)) this.#become(token);
    else if (this.#hooks.offer) this.#hooks.offer(token);
    // Sooner, it is the clock of this device that is wrong, and the server says when the token expires.
    else if (Date.now() - (this.#onlineSince ?? 0) > SOONEST_CHANGE_MS)
      this.#startAgain(GIVEN_UP, token);
  }

  /** The previous user leaves, and this token's user connects. */
  #become(token: string): void {
    this.#startAgain(1000, token);
  }

  #opened(): void {
    this.#heartbeat.start();
    this.#timer = setTimeout(() => this.#unreachable(), FIRST_WORD_MS);
    this.#hooks.onOpen();
  }

  #heard(data: unknown): void {
    if (!this.#live) return;
    this.#heartbeat.heard();
    this.#hooks.onData(data);
  }

  /** The server has said that it is ending the connection: no more frames come, and the reason follows. */
  #ending(): void {
    if (!this.#live || isOver(this.#status)) return;
    this.#heartbeat.stop();
    this.#signIn?.stop();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#lost({ reason: lossReason("lost") }), ENDING_MS);
    const reason = "The server is ending the connection.";
    this.#say({ state: "waiting", reason, retryAt: Date.now() + ENDING_MS });
  }

  #closed(code: number, text: string): void {
    if (!this.#live) return;
    const advice = this.#hooks.advice(code);
    if (advice) this.#sentAway(advice, readReason(text));
    else if (this.#onlineSince === undefined) this.#unreachable();
    else this.#lost({ reason: lossReason("lost") });
  }

  #sentAway(advice: CloseAdvice, said: CloseReason): void {
    const { code, reason: check } = said;
    const why = {
      reason: this.#hooks.inWords(said),
      ...(code && { code }),
      ...(check && { check }),
    };
    const wait = this.#waitAfter(advice, said);
    if (wait === undefined) this.end({ state: "stopped", ...why });
    else this.#lost(why, wait);
  }

  /** The shortest time that the server wants this client to stay away. Undefined if for good. */
  #waitAfter(advice: CloseAdvice, said: CloseReason): number | undefined {
    if (advice === "later") return said.retryAfterMs ?? 0;
    return advice === "refresh-token" ? this.#signIn?.refused(said) : undefined;
  }

  #unreachable(): void {
    const unreachable = { reason: lossReason("unreachable") };
    const isKnown = this.#diagnosis && !isOffline();
    // When a server restarts, all its clients fail once: not all of them need to ask why.
    const asks = this.#diagnosis === undefined && (!this.#wasOnline || this.#triesInVain > 0);
    this.#lost((isKnown && this.#diagnosis) || unreachable);
    if (asks && !isOffline()) void this.#diagnose();
  }

  /** Asks once per outage. */
  async #diagnose(): Promise<void> {
    this.#diagnosis = null;
    const life = this.#life;
    const cause = await diagnose(this.#place);
    if (!cause || this.#diagnosis !== null) return;
    this.#diagnosis = cause;
    if (life === this.#life && this.#status.state === "waiting")
      this.#say({ ...this.#status, ...cause });
  }

  /** Waits, then retries. */
  #lost(why: Cause, retryAfterMs = 0): void {
    if (isOver(this.#status)) return;
    this.#drop(GIVEN_UP);
    const lasted = Date.now() - (this.#onlineSince ?? Date.now());
    this.#onlineSince = undefined;
    if (lasted >= STABLE_MS) this.#triesInVain = 0;
    this.#retryAfterMs = retryAfterMs;
    this.#notBefore = Date.now() + retryAfterMs;
    const delay = retryDelay(this.#triesInVain++, retryAfterMs);
    this.#retryIn(delay, { state: "waiting", ...why });
  }

  #retryIn(delay: number, status: RealtimeStatus): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#connect(), delay);
    this.#say({ ...status, retryAt: Date.now() + delay });
  }

  #drop(code: number): void {
    clearTimeout(this.#timer);
    this.#live = false;
    this.#life += 1;
    this.#heartbeat.stop();
    this.#signIn?.stop();
    this.#socket.close(code);
  }

  #say(status: RealtimeStatus): void {
    this.#status = status;
    this.#hooks.onStatus(status);
  }
}
