/** A client of one project: events, users and status on a connection that recovers. */

import { adviceOf } from "../codes.ts";
import type { AuthOkPayload, ConnectedPayload, OnlineUser, RoomLimits } from "../server-frames.ts";
import type { Channel, EncryptionState } from "./channel.ts";
import { Company } from "./company.ts";
import { Emitter, type Handler, report, type Unsubscribe } from "./emitter.ts";
import type { AnyEvent } from "./events.ts";
import { type Frame, framesIn } from "./frames.ts";
import { EventQueue } from "./iterate.ts";
import { Link } from "./link.ts";
import { checkSignIn, stoppedBy } from "./options.ts";
import type { Other, PresencePatch, Self } from "./people.ts";
import { type Place, placeOf } from "./place.ts";
import type { ConnectOptions, ProjectConnection, RealtimeUser, SendOptions } from "./project.ts";
import { CLOSED, type CloseReason, CONNECTING, isOver, type RealtimeStatus } from "./status.ts";
import { inWords } from "./words.ts";

/** Handlers do not get these: the answer to a ping, and broadcasts with one of the client's own names. */
const UNTOLD = /^(PONG|resync|status|users|others|self|encryption|undecryptable|\*)$/;

/** A connection as apps see it, plus what the hooks need. */
export class Connection implements ProjectConnection {
  readonly projectId: string;
  readonly #emitter = new Emitter();
  readonly #queues = new Set<EventQueue>();
  /** Undefined if the options are invalid. */
  readonly #link: Link | undefined;
  #channel: Channel | undefined;
  #stopped: RealtimeStatus | undefined;
  #user: RealtimeUser | undefined;
  readonly #company: Company;
  /** The position up to which everything was handled. */
  #position: string | undefined;
  #wasOnline = false;

  constructor(options: ConnectOptions) {
    this.projectId = options?.projectId;
    this.#user = options?.user;
    this.#position = options?.since;
    this.#company = new Company({
      isOnline: () => this.status.state === "online",
      send: (text) => this.#link?.send(text),
      channel: () => this.#channel,
      user: () => ({
        userId: this.#link?.userId ?? this.#user?.id ?? null,
        userName: this.#user?.name ?? null,
        verified: this.#link?.userId !== undefined,
      }),
      emit: (type, payload) => this.#emit(type, payload),
    });
    try {
      this.#link = this.#linkTo(placeIn(options), options);
    } catch (cause) {
      this.#stopped = stoppedBy(cause);
    }
  }

  #linkTo(place: Place, { getToken, WebSocket, encryption }: ConnectOptions): Link {
    this.#channel = encryption?.keys.channel(encryption.plaintextEvents, {
      projectId: this.projectId,
      self: () => this.self,
      take: (frame, how) => this.#take([frame], how),
      post: (message) => this.#company.post(message),
      repeatPresence: (waitMs) => this.#company.refused("rate_limited", waitMs),
      changed: (state) => this.#emit("encryption", state),
    });
    return new Link(place, getToken ?? undefined, WebSocket ?? undefined, {
      query: () => ({
        userId: this.#user?.id,
        userName: this.#user?.name,
        frames: "batch",
        since: this.#position,
      }),
      onOpen() {},
      onData: (text) => {
        const frames = framesIn(text);
        if (this.#channel) this.#channel.receive(frames);
        else this.#take(frames);
      },
      onStatus: (status) => this.#statusChanged(status),
      onOtherUser: () => this.#forget(),
      advice: adviceOf,
      inWords,
      offer: (token) => this.#link?.send(JSON.stringify({ type: "AUTH", token })),
    });
  }

  get status(): RealtimeStatus {
    return this.#stopped ?? this.#link?.status ?? CONNECTING;
  }

  get users(): readonly OnlineUser[] {
    return this.#company.roster.users;
  }

  get activeUsers(): number {
    return this.#company.roster.activeUsers;
  }

  get others(): readonly Other[] {
    return this.#company.roster.others;
  }

  get self(): Self | undefined {
    return this.#company.self;
  }

  get limits(): RoomLimits | undefined {
    return this.#company.limits;
  }

  get encryption(): EncryptionState | null {
    return this.#channel?.state ?? null;
  }

  send(type: string, payload?: unknown, options?: SendOptions): boolean {
    return this.#company.send(type, payload, options?.userIds);
  }

  setPresence(patch: PresencePatch): void {
    this.#company.setPresence(patch);
  }

  on(type: unknown, handler: Handler): Unsubscribe {
    return this.#emitter.on(`${type}`, handler);
  }

  [Symbol.asyncIterator](): EventQueue {
    const queue = new EventQueue(
      () => this.#resync(false),
      () => this.#queues.delete(queue),
    );
    if (isOver(this.status)) queue.end();
    else this.#queues.add(queue);
    return queue;
  }

  check(): void {
    this.#link?.check();
  }

  reconnect(): void {
    this.#link?.reconnect();
  }

  close(): void {
    this.#company.flush();
    this.#link?.close();
    if (this.#stopped) this.#stopped = CLOSED;
  }

  /** See {@link Link.look}. */
  async look(): Promise<void> {
    await this.#link?.look();
  }

  /** The user's newest name, from the next connect on. */
  rename(user: RealtimeUser | undefined): void {
    this.#user = user;
  }

  #take(frames: readonly Frame[], how?: "late" | "own"): void {
    for (const frame of frames) {
      // A handler of an earlier frame may have closed the connection.
      if (isOver(this.status)) return;
      try {
        this.#deal(frame, how);
      } catch (error) {
        // From a newer server, or from something in between: it must not harm anything else.
        report(error);
      }
      const { seq } = frame;
      if (seq && this.#position && how !== "late")
        this.#position = `${this.#position.split(":")[0]}:${seq}`;
    }
  }

  #deal(frame: Frame, how: unknown): void {
    const { type, payload, timestamp = Date.now() } = frame;
    if (type === "CONNECTED") this.#connected(frame, timestamp);
    else if (type === "AUTH_OK") this.#refreshed(payload as AuthOkPayload, timestamp);
    else if (how === "own" || !UNTOLD.test(type)) {
      if (type === "ERROR") this.#refused(payload as CloseReason);
      this.#company.take(frame);
      this.#tell(frame as AnyEvent);
    }
  }

  #connected(frame: Frame, timestamp: number): void {
    const { epoch, seq, recovered } = frame.payload as ConnectedPayload;
    if (!recovered) this.#position = epoch && `${epoch}:${seq}`;
    const first = !this.#wasOnline;
    this.#wasOnline = true;
    this.#company.admitted(frame);
    this.#link?.accepted(timestamp);
    this.#company.repeat(frame);
    this.#tell(frame as AnyEvent);
    if (!recovered) this.#tell(this.#resync(first));
  }

  #refreshed({ expiresAt, clientEvents }: AuthOkPayload, timestamp: number): void {
    this.#link?.refreshed(expiresAt, timestamp);
    this.#company.renewed(clientEvents);
  }

  /** The server refused a message: perhaps the fresh token. */
  #refused(said: CloseReason): void {
    this.#link?.refused(said);
    this.#company.refused(said.code, said.retryAfterMs);
  }

  /** The next connect is for another user, who must not get this one's state. */
  #forget(): void {
    this.#position = undefined;
    this.#wasOnline = false;
    this.#channel?.forget();
    this.#company.forget();
  }

  #statusChanged(status: RealtimeStatus): void {
    this.#channel?.statusChanged(status);
    this.#emit("status", status);
    if (!isOver(status)) return;
    this.#company.stop();
    for (const queue of this.#queues) queue.end();
  }

  #resync(first: boolean): AnyEvent {
    const payload = { projectId: this.projectId, first };
    return { type: "resync", payload, timestamp: Date.now() };
  }

  #tell(event: AnyEvent): void {
    if (isOver(this.status)) return;
    this.#emitter.emit(event.type, event);
    this.#emitter.emit("*", event);
    for (const queue of this.#queues) queue.push(event);
  }

  #emit(type: string, payload: unknown): void {
    this.#emitter.emit(type, { type, payload, timestamp: Date.now() });
  }
}

/** Where to connect with these options. Fails with an `OptionError`. */
function placeIn(options: ConnectOptions | undefined): Place {
  const place = placeOf(options?.host, options?.projectId);
  checkSignIn(options);
  return place;
}
