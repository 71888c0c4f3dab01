/** Who is in the room, according to one client's frames. */

import type {
  ConnectedPayload,
  OnlineUser,
  PresencePayload,
  UserJoinedPayload,
  UserLeftPayload,
  UserUpdatedPayload,
} from "../../packages/realtime/src/server-frames.ts";
import type { Frame } from "./protocol.ts";

export class Roster {
  readonly people = new Map<string, OnlineUser>();
  /** How many users there are. A large room does not list them all. */
  active = 0;

  /** Takes in a frame. Returns whether it was about who is there. */
  hear({ type, payload }: Frame): boolean {
    switch (type) {
      case "CONNECTED":
        this.#list(payload as ConnectedPayload);
        return true;
      case "PRESENCE":
        this.#count(payload as PresencePayload);
        return true;
      case "USER_JOINED":
        this.#join(payload as UserJoinedPayload);
        return true;
      case "USER_LEFT":
        if (this.people.delete((payload as UserLeftPayload).userId)) this.active -= 1;
        return true;
      case "USER_UPDATED":
        this.#update(payload as UserUpdatedPayload);
        return true;
      default:
        return false;
    }
  }

  #list({ activeUsers, users }: Pick<ConnectedPayload, "activeUsers" | "users">): void {
    this.people.clear();
    for (const person of users) this.people.set(person.userId, person);
    this.active = activeUsers;
  }

  #count({ activeUsers, users }: PresencePayload): void {
    if (users) this.#list({ activeUsers, users });
    this.active = activeUsers;
  }

  #join(person: UserJoinedPayload): void {
    if (!this.people.has(person.userId)) this.active += 1;
    this.people.set(person.userId, person);
  }

  /** `data` has only the connection that changed (P12). */
  #update({ data = [], ...person }: UserUpdatedPayload): void {
    const changed = new Set(data.map(({ connectionId }) => connectionId));
    const kept = this.people.get(person.userId)?.data ?? [];
    const said = [
      ...kept.filter(({ connectionId }) => !changed.has(connectionId)),
      ...data.filter((connection) => connection.data !== null),
    ];
    this.people.set(person.userId, { ...person, data: said });
  }
}
