/** Who is present in a project, kept up to date from the server's frames. */

import type {
  ConnectedPayload,
  OnlineUser,
  PresencePayload,
  UserLeftPayload,
} from "../server-frames.ts";
import type { Frame } from "./frames.ts";
import { othersAfter, othersAt, type ToldUser } from "./others.ts";
import type { Other } from "./people.ts";
import { areSame, isSame } from "./same.ts";

/** The users known by name, and how many there are in all. */
export interface Roster {
  readonly users: readonly OnlineUser[];
  /** In a room of more than 100 users, more than `users` has. */
  readonly activeUsers: number;
  readonly others: readonly Other[];
}

/** Whose roster it is. */
export interface Viewer {
  /** Null for an anonymous client. */
  readonly userId: string | null;
  /** Where in the app the viewer is. */
  readonly at: unknown;
}

export const NOBODY: Roster = { users: [], activeUsers: 0, others: [] };

/** The roster after a frame: the same object if the frame does not change it. */
export function rosterAfter(roster: Roster, frame: Frame, viewer: Viewer): Roster {
  const { users, activeUsers } = usersAfter(roster, frame);
  const others = othersAfter(roster.others, frame, viewer.userId);
  return changed(roster, seenBy(viewer, { users, activeUsers, others }));
}

/** What a viewer knows of it, who may be somewhere else now. */
export function seenBy({ at }: Viewer, roster: Roster): Roster {
  const { users, activeUsers } = roster;
  // A room that tells everybody about everybody knows all its users by name.
  if (users.length === activeUsers) return roster;
  const isListed = (id: string) => users.some(({ userId }) => userId === id);
  return changed(roster, { ...roster, others: othersAt(roster.others, at, isListed) });
}

function changed(before: Roster, after: Roster): Roster {
  const isSameRoster =
    before.users === after.users &&
    before.activeUsers === after.activeUsers &&
    before.others === after.others;
  return isSameRoster ? before : after;
}

type Users = Omit<Roster, "others">;

function usersAfter(roster: Users, { type, payload }: Frame): Users {
  const { users, activeUsers } = roster;
  switch (type) {
    case "CONNECTED":
    case "PRESENCE":
      return told(roster, payload as ConnectedPayload | PresencePayload);
    case "USER_JOINED": {
      const user = nameOf(payload as ToldUser);
      const others = without(users, user.userId);
      const isNew = others.length === users.length;
      return { users: [...others, user], activeUsers: activeUsers + Number(isNew) };
    }
    case "USER_LEFT": {
      const others = without(users, (payload as UserLeftPayload).userId);
      return others.length === users.length
        ? roster
        : { users: others, activeUsers: activeUsers - 1 };
    }
    case "USER_UPDATED":
      return { users: updated(users, nameOf(payload as ToldUser)), activeUsers };
    default:
      return roster;
  }
}

function told({ users }: Users, news: PresencePayload): Users {
  // After a short break usually the same users are here. The list stays the same, so nothing re-renders.
  const named = news.users?.map((user) => {
    const old = users.find(({ userId }) => userId === user.userId);
    const name = nameOf(user);
    return old && isSame(old, name) ? old : name;
  });
  return {
    users: named && !areSame(named, users) ? named : users,
    activeUsers: news.activeUsers,
  };
}

function updated(users: Users["users"], user: OnlineUser): Users["users"] {
  const after = users.map((old) => (old.userId === user.userId && !isSame(old, user) ? user : old));
  return areSame(after, users) ? users : after;
}

function without(users: Users["users"], id: string): Users["users"] {
  return users.filter(({ userId }) => userId !== id);
}

/** Without what changes as often as a cursor moves. */
function nameOf({ projectId, data, ...user }: ToldUser): OnlineUser {
  return user;
}
