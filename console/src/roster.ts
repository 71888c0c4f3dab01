/** Who is in the room, according to one client's frames. */

import type {
  ConnectedPayload,
  OnlineUser,
  PresencePayload,
  UserJoinedPayload,
  UserLeftPayload,
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
}

/** "AL" for Ada Lovelace, "B" for ben. */
export function initialsOf({ userId, userName }: Pick<OnlineUser, "userId" | "userName">): string {
  const words = (userName ?? userId).trim().split(/\s+/);
  const letters = [words[0], words.length > 1 ? words.at(-1) : ""].map((word) =>
    String.fromCodePoint(
      ...[...(word ?? "")].slice(0, 1).map((letter) => letter.codePointAt(0) ?? 0),
    ),
  );
  return letters.join("").toUpperCase();
}

/** One of this many hues, always the same for a user. */
export function hueOf(userId: string, hues = 8): number {
  // FNV-1a: similar names get very different hues.
  let hash = 2_166_136_261;
  for (const letter of userId) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 16_777_619);
  return (hash >>> 16) % hues;
}
