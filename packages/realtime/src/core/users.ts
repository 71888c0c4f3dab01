/** Who is online in a project, kept up to date from the server's frames. */

import type {
  ConnectedPayload,
  OnlineUser,
  PresencePayload,
  UserJoinedPayload,
  UserLeftPayload,
} from "../server-frames.ts";
import type { Frame } from "./frames.ts";

/** The users known by name, and how many there are in all. */
export interface Roster {
  readonly users: readonly OnlineUser[];
  /** In a room of more than 100 users, more than `users` has. */
  readonly activeUsers: number;
}

export const NOBODY: Roster = { users: [], activeUsers: 0 };

/** The roster after a frame: the same object if the frame does not change it. */
export function rosterAfter(roster: Roster, { type, payload }: Frame): Roster {
  switch (type) {
    case "CONNECTED":
    case "PRESENCE":
      return told(roster, payload as ConnectedPayload | PresencePayload);
    case "USER_JOINED":
      return joined(roster, payload as UserJoinedPayload);
    case "USER_LEFT":
      return left(roster, (payload as UserLeftPayload).userId);
    default:
      return roster;
  }
}

function told(roster: Roster, { users, activeUsers }: PresencePayload): Roster {
  // After a short break usually the same users are here. The list stays the same, so nothing re-renders.
  const same = !users || JSON.stringify(users) === JSON.stringify(roster.users);
  if (same && activeUsers === roster.activeUsers) return roster;
  return { users: same ? roster.users : users, activeUsers };
}

function joined({ users, activeUsers }: Roster, payload: UserJoinedPayload): Roster {
  const { projectId, ...user } = payload;
  const others = users.filter(({ userId }) => userId !== user.userId);
  const isNew = others.length === users.length;
  return { users: [...others, user], activeUsers: activeUsers + Number(isNew) };
}

function left(roster: Roster, userId: string): Roster {
  const users = roster.users.filter((user) => user.userId !== userId);
  if (users.length === roster.users.length) return roster;
  return { users, activeUsers: roster.activeUsers - 1 };
}
