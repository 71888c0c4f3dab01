/** Who is in a project, kept up to date from what the server says. */

import type { ConnectedPayload, ServerEventMap, UserPayload } from "./events.ts";
import type { Frame } from "./frames.ts";

/** A user who is in the project, on however many devices. */
export interface OnlineUser {
  readonly userId: string;
  /** What people call the user; null if nobody said. */
  readonly userName: string | null;
  /** Where the user's picture is, if the token names one. */
  readonly avatar?: string;
  /** Since when, in milliseconds since 1970. */
  readonly joinedAt: number;
  /** Whether a token says who the user is. False where everybody may say who they are. */
  readonly verified: boolean;
}

/** The users that are known by name, and how many there are. */
export interface Roster {
  readonly users: readonly OnlineUser[];
  /** More than `users` has in a room of more than 100. */
  readonly activeUsers: number;
}

export const NOBODY: Roster = { users: [], activeUsers: 0 };

/** The roster after a frame: the same object if the frame changes nothing of it. */
export function rosterAfter(roster: Roster, { type, payload, timestamp = 0 }: Frame): Roster {
  switch (type) {
    case "CONNECTED":
    case "PRESENCE":
      return told(roster, payload as ConnectedPayload | ServerEventMap["PRESENCE"]);
    case "USER_JOINED":
      return joined(roster, payload as UserPayload, timestamp);
    case "USER_LEFT":
      return left(roster, (payload as UserPayload).userId);
    default:
      return roster;
  }
}

function told(roster: Roster, { users, activeUsers }: ServerEventMap["PRESENCE"]): Roster {
  // After a short break mostly the same are here: the same list then, and nothing is drawn anew.
  const same = !users || JSON.stringify(users) === JSON.stringify(roster.users);
  if (same && activeUsers === roster.activeUsers) return roster;
  return { users: same ? roster.users : users, activeUsers };
}

function joined(
  { users, activeUsers }: Roster,
  { userId, userName, avatar }: UserPayload,
  joinedAt: number,
): Roster {
  // A server verifies everybody or nobody, so one that is here already tells.
  const verified = users[0]?.verified ?? false;
  const user = { userId, userName, ...(avatar && { avatar }), joinedAt, verified };
  const others = users.filter((other) => other.userId !== userId);
  const isNew = others.length === users.length;
  return { users: [...others, user], activeUsers: activeUsers + Number(isNew) };
}

function left(roster: Roster, userId: string): Roster {
  const users = roster.users.filter((user) => user.userId !== userId);
  if (users.length === roster.users.length) return roster;
  return { users, activeUsers: roster.activeUsers - 1 };
}
