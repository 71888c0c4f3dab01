/** A client of one project: events, users and status on a connection that recovers. */

import type { AuthOkPayload, ConnectedPayload, OnlineUser, RoomLimits } from "../server-frames.ts";
import { Emitter, type Handler, report, type Unsubscribe } from "./emitter.ts";
import type { AnyEvent } from "./events.ts";
import { type Frame, framesIn } from "./frames.ts";
import { EventQueue } from "./iterate.ts";
import { Link } from "./link.ts";
import { OptionError } from "./option-error.ts";
import type { ToldUser } from "./others.ts";
import { Outbox } from "./outbox.ts";
import type { Other, PresenceData, PresencePatch, Self } from "./people.ts";
import { type Place, placeOf } from "./place.ts";
import { OwnPresence } from "./presence.ts";
import type { ConnectOptions, ProjectConnection, RealtimeUser, SendOptions } from "./project.ts";
import { isSame } from "./same.ts";
import { CLOSED, type CloseReason, CONNECTING, isOver, type RealtimeStatus } from "./status.ts";
import { NOBODY, type Roster, rosterAfter, seenBy, type Viewer } from "./users.ts";

/** Handlers do not get these: the answer to a ping, and broadcasts with one of the client's own names. */
const UNTOLD = new Set(["PONG", "resync", "status", "users", "others", "self", "*"]);

/** When presence data are told again after a refusal that names no time. */
const RETRY_MS = 1_000;

const NO_CLIENT_EVENTS =
  "@validiant/realtime: nothing is sent to other clients. The server is older, its CLIENT_EVENTS is off, or the user may not.";

/** `CONNECTED`, which older servers send with less. */
interface Connected extends Omit<ConnectedPayload, "limits" | "users" | "clientEvents"> {
  readonly users?: readonly ToldUser[];
  readonly limits?: Limits;
  readonly clientEvents?: boolean;
}

type Limits = RoomLimits & { readonly presenceDataBytes?: number };

/** What the server said when it took the client in. */
interface Admission {
  readonly connectionId: string;
  /** Null for an anonymous client. */
  readonly userId: string | null;
  readonly maySend: boolean;
  /** `presenceDataBytes` is 0 or absent if it takes no presence data. */
  readonly limits: Limits | undefined;
}

/** A connection as apps see it, plus what the hooks need. */
export class Connection implements ProjectConnection {
  readonly projectId: string;
  readonly #emitter = new Emitter();
  readonly #queues = new Set<EventQueue>();
  /** Undefined if the options are invalid. */
  readonly #link: Link | undefined;
  #stopped: RealtimeStatus | undefined;
  #user: RealtimeUser | undefined;
  #roster = NOBODY;
  /** The position up to which everything was handled. */
  #position: string | undefined;
  #wasOnline = false;
  readonly #outbox = new Outbox((text) => this.#link?.send(text));
  #presence = this.#silence();
  #admission: Admission | undefined;
  #self: Self | undefined;
  #isWarned = false;

  constructor(options: ConnectOptions) {
    this.projectId = options?.projectId;
    this.#user = options?.user;
    this.#position = options?.since;
    try {
      this.#link = this.#linkTo(placeIn(options), options);
    } catch (cause) {
      this.#stopped = { state: "stopped", reason: inSentence(cause), cause };
    }
  }

  #linkTo(place: Place, { getToken, WebSocket }: ConnectOptions): Link {
    return new Link(place, getToken ?? undefined, WebSocket ?? undefined, {
      query: () => ({
        userId: this.#user?.id,
        userName: this.#user?.name,
        frames: "batch",
        since: this.#position,
      }),
      onText: (text) => this.#take(framesIn(text)),
      onStatus: (status) => this.#statusChanged(status),
      onOtherUser: () => this.#forget(),
    });
  }

  get status(): RealtimeStatus {
    return this.#stopped ?? this.#link?.status ?? CONNECTING;
  }

  get users(): readonly OnlineUser[] {
    return this.#roster.users;
  }

  get activeUsers(): number {
    return this.#roster.activeUsers;
  }

  get others(): readonly Other[] {
    return this.#roster.others;
  }

  get self(): Self | undefined {
    return this.#self;
  }

  get limits(): RoomLimits | undefined {
    return this.#admission?.limits;
  }

  send(type: string, payload?: unknown, options?: SendOptions): boolean {
    const message = { type: "SEND", eventType: type, payload, userIds: options?.userIds };
    return this.#post(message, this.#admission?.maySend);
  }

  setPresence(patch: PresencePatch): void {
    if (!this.#presence.change(patch)) return;
    this.#know(seenBy(this.#viewer(), this.#roster));
    this.#showSelf();
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
    this.#outbox.flush();
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

  #take(frames: Frame[]): void {
    for (const frame of frames) {
      // A handler of an earlier frame may have closed the connection.
      if (isOver(this.status)) return;
      try {
        this.#deal(frame);
      } catch (error) {
        // From a newer server, or from something in between: it must not harm anything else.
        report(error);
      }
      const { seq } = frame;
      if (seq && this.#position) this.#position = `${this.#position.split(":")[0]}:${seq}`;
    }
  }

  #deal(frame: Frame): void {
    const { type, payload, timestamp = Date.now() } = frame;
    if (type === "CONNECTED") this.#connected(frame, timestamp);
    else if (type === "AUTH_OK")
      this.#link?.refreshed((payload as AuthOkPayload).expiresAt, timestamp);
    else if (!UNTOLD.has(type)) {
      if (type === "ERROR") this.#refused(payload as CloseReason);
      this.#setRoster(frame);
      this.#showSelf();
      this.#tell(frame as AnyEvent);
    }
  }

  #connected(frame: Frame, timestamp: number): void {
    const payload = frame.payload as Connected;
    const { epoch, seq, recovered } = payload;
    if (!recovered) this.#position = epoch && `${epoch}:${seq}`;
    const first = !this.#wasOnline;
    this.#wasOnline = true;
    const admission = this.#admitted(payload);
    this.#setRoster(frame);
    this.#showSelf();
    this.#link?.accepted(timestamp);
    this.#presence.connected(dataOf(admission, payload.users));
    this.#tell(frame as AnyEvent);
    if (!recovered) this.#tell(this.#resync(first));
  }

  #admitted({ connectionId, limits, clientEvents }: Connected): Admission {
    this.#admission = {
      connectionId,
      userId: this.#link?.userId ?? this.#user?.id ?? null,
      maySend: clientEvents === true,
      limits,
    };
    return this.#admission;
  }

  /** The server refused a message: perhaps the fresh token, perhaps presence data. */
  #refused(said: CloseReason): void {
    this.#link?.refused(said);
    const code: string | undefined = said.code;
    if (code === "rate_limited") this.#presence.doubt(said.retryAfterMs ?? RETRY_MS);
    if (code === "presence_data_too_big") this.#presence.doubt();
  }

  #setRoster(frame: Frame): void {
    this.#know(rosterAfter(this.#roster, frame, this.#viewer()));
  }

  #viewer(): Viewer {
    return { userId: this.#admission?.userId ?? null, at: this.#presence.data.at };
  }

  #know(roster: Roster): void {
    const before = this.#roster;
    this.#roster = roster;
    if (roster.users !== before.users || roster.activeUsers !== before.activeUsers)
      this.#emit("users", roster.users);
    if (roster.others !== before.others) this.#emit("others", roster.others);
  }

  #showSelf(): void {
    if (!this.#admission) return;
    const { connectionId, userId, maySend } = this.#admission;
    const { data } = this.#presence;
    const user = this.#roster.users.find((user) => user.userId === userId);
    const { userName = this.#user?.name ?? null, avatar, verified = false } = user ?? {};
    const self = {
      connectionId,
      userId,
      userName,
      ...(avatar && { avatar }),
      verified,
      data,
      maySend,
    };
    if (this.#self && isSame(self, this.#self)) return;
    this.#self = self;
    this.#emit("self", self);
  }

  /** Presence data of a client that has said nothing yet. */
  #silence(): OwnPresence {
    return new OwnPresence((patch) =>
      this.#post(
        { type: "PRESENCE_SET", patch },
        Boolean(this.#admission?.limits?.presenceDataBytes),
      ),
    );
  }

  #post(message: object, isAllowed: boolean | undefined): boolean {
    if (this.status.state !== "online") return false;
    if (isAllowed) return this.#outbox.post(message, this.#admission?.limits?.clientFrameBytes);
    if (!this.#isWarned) console.warn(NO_CLIENT_EVENTS);
    this.#isWarned = true;
    return false;
  }

  /** The next connect is for another user, who must not get this one's state. */
  #forget(): void {
    this.#position = undefined;
    this.#wasOnline = false;
    this.#presence.stop();
    this.#presence = this.#silence();
    this.#admission = undefined;
    this.#know(NOBODY);
    if (!this.#self) return;
    this.#self = undefined;
    this.#emit("self", undefined);
  }

  #statusChanged(status: RealtimeStatus): void {
    this.#emit("status", status);
    if (!isOver(status)) return;
    this.#presence.stop();
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

/** What the server has of this connection's presence data. Undefined if it names none. */
function dataOf(self: Admission, users: readonly ToldUser[] | undefined): PresenceData | undefined {
  const user = users?.find(({ userId }) => userId === self.userId);
  return user?.data?.find((item) => item.connectionId === self.connectionId)?.data ?? undefined;
}

/** Where to connect with these options. Fails with an {@link OptionError}. */
function placeIn(options: ConnectOptions | undefined): Place {
  const { host, projectId, getToken, WebSocket = globalThis.WebSocket } = options ?? {};
  const place = placeOf(host, projectId);
  if (getToken && typeof getToken !== "function")
    throw new OptionError("getToken", "must be a function that returns a token");
  if (typeof WebSocket !== "function")
    throw new OptionError(
      "WebSocket",
      "is not set, and this runtime has none. Use the one from `ws`",
    );
  return place;
}

function inSentence(cause: unknown): string {
  const what = cause instanceof Error ? cause.message : String(cause);
  return `This app can't connect: ${what}${/[.?]$/.test(what) ? "" : "."}`;
}
