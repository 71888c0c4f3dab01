/** This client among the others of a project: who is here, what it says to them and about its user. */

import type { ConnectedPayload, OnlineUser, RoomLimits } from "../server-frames.ts";
import type { Channel } from "./channel.ts";
import type { Frame } from "./frames.ts";
import { Outbox } from "./outbox.ts";
import type { PresencePatch, Self } from "./people.ts";
import { OwnPresence } from "./presence.ts";
import { isSame } from "./same.ts";
import { NOBODY, type Roster, rosterAfter, seenBy, type Viewer } from "./users.ts";

/** When presence data are told again after a refusal that names no time. */
const RETRY_MS = 1_000;
const NOT_SENT =
  "@validiant/realtime: not sent to other clients. CLIENT_EVENTS of the server is off, or the user may not.";

/** `CONNECTED`, which older servers send with less. */
type Connected = Partial<ConnectedPayload> & Pick<ConnectedPayload, "connectionId">;

/** What a company asks its owner, and tells it. */
export interface CompanyHooks {
  isOnline(): boolean;
  send(text: string): void;
  /** What encrypts, if anything does. */
  channel(): Channel | undefined;
  /** The user who connects, as far as this client knows. */
  user(): Pick<Self, "userId" | "userName" | "verified">;
  /** Something has changed. */
  emit(type: "users" | "others" | "self", payload: unknown): void;
}

export class Company {
  readonly #hooks: CompanyHooks;
  readonly #outbox: Outbox;
  readonly #presence: OwnPresence;
  #roster = NOBODY;
  #self: Self | undefined;
  #limits: RoomLimits | undefined;
  #isWarned = false;

  constructor(hooks: CompanyHooks) {
    this.#hooks = hooks;
    this.#outbox = new Outbox((text) => hooks.send(text));
    this.#presence = new OwnPresence((patch) =>
      this.#say({ type: "PRESENCE_SET", patch }, this.#limits?.presenceDataBytes),
    );
  }

  get roster(): Roster {
    return this.#roster;
  }

  get limits(): RoomLimits | undefined {
    return this.#limits;
  }

  get self(): Self | undefined {
    return this.#self;
  }

  /** Returns whether the event is on its way. */
  send(eventType: string, payload: unknown, userIds: readonly string[] | undefined): boolean {
    return this.#say({ type: "SEND", eventType, payload, userIds }, this.#self?.maySend);
  }

  setPresence(patch: PresencePatch): void {
    if (!this.#presence.change(patch)) return;
    this.#know(seenBy(this.#viewer(), this.#roster));
    if (this.#self) this.#show({ ...this.#self, data: this.#presence.data });
  }

  /** The server has taken the client in. */
  admitted(frame: Frame): void {
    const { connectionId, limits, clientEvents = false } = frame.payload as Connected;
    this.#limits = limits;
    const user = this.#hooks.user();
    const { data } = this.#presence;
    const self = { connectionId, ...user, data, maySend: clientEvents };
    this.#show(withNames(self, ownIn(frame, user.userId)));
    this.take(frame);
  }

  /** The client is online: what the server, by this frame, does not have of its data is told again. */
  repeat(frame: Frame): void {
    const { connectionId, userId = null } = this.#self ?? {};
    const data = ownIn(frame, userId)?.data;
    this.#presence.connected(data?.find((item) => item.connectionId === connectionId)?.data);
  }

  /** The server accepted a fresh token. Older ones do not say whether it allows more, or less. */
  renewed(maySend: boolean | undefined): void {
    if (this.#self && maySend !== undefined) this.#show({ ...this.#self, maySend });
  }

  /** A frame that may tell of somebody. */
  take(frame: Frame): void {
    this.#know(rosterAfter(this.#roster, frame, this.#viewer()));
  }

  /** The server refused a message, perhaps presence data. */
  refused(code: string | undefined, retryAfterMs = RETRY_MS): void {
    if (code === "rate_limited") this.#presence.retryIn(retryAfterMs);
    if (code === "presence_data_too_big") this.#presence.tooBig();
  }

  /** Sends a message as it is. Returns false if it is larger than a frame can be. */
  post(message: object): boolean {
    return this.#outbox.post(message, this.#limits?.clientFrameBytes);
  }

  /** The client leaves: what waits is sent now. */
  flush(): void {
    this.#outbox.flush();
  }

  /** Sends nothing by itself from now on. */
  stop(): void {
    this.#presence.stop();
  }

  /** The next connect is for another user. */
  forget(): void {
    this.#presence.forget();
    this.#limits = undefined;
    this.#know(NOBODY);
    this.#show(undefined);
  }

  #viewer(): Viewer {
    return { userId: this.#self?.userId ?? null, at: this.#presence.data.at };
  }

  #know(roster: Roster): void {
    const before = this.#roster;
    if (roster === before) return;
    this.#roster = roster;
    const own = roster.users.find(({ userId }) => userId === this.#self?.userId);
    if (this.#self) this.#show(withNames(this.#self, own));
    // What is told is the newest: a handler may have changed it meanwhile.
    if (roster.users !== before.users || roster.activeUsers !== before.activeUsers)
      this.#hooks.emit("users", this.#roster.users);
    if (roster.others !== before.others) this.#hooks.emit("others", this.#roster.others);
  }

  #show(self: Self | undefined): void {
    if (isSame(self ?? {}, this.#self ?? {})) return;
    this.#self = self;
    this.#hooks.emit("self", self);
  }

  #say(message: object, isAllowed: unknown): boolean {
    if (!this.#hooks.isOnline()) return false;
    if (isAllowed)
      return (this.#hooks.channel() ?? this.#outbox).post(
        message,
        this.#limits?.clientFrameBytes,
        this.#presence.data,
      );
    if (!this.#isWarned) console.warn(NOT_SENT);
    this.#isWarned = true;
    return false;
  }
}

function ownIn({ payload }: Frame, ownId: string | null): OnlineUser | undefined {
  return (payload as Connected).users?.find(({ userId }) => userId === ownId);
}

/** This client with its user's names as the server has them, if it says. */
function withNames(self: Self, user: OnlineUser | undefined): Self {
  if (!user) return self;
  const { userName, verified, avatar } = user;
  return { ...self, userName, verified, ...(avatar && { avatar }) };
}
