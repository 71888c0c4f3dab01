/** Who is present in a project, kept up to date from the server's frames. */

import type { OnlineUser, PresencePayload } from "../server-frames.ts";
import type { Frame } from "./frames.ts";
import type { ConnectionPresence, Other } from "./people.ts";
import { kept, met, type Person, reduced, type ToldUser, updated } from "./person.ts";
import { areSame } from "./same.ts";

/** Everybody who is known. Each list is the same until it changes. */
export interface Roster extends Room {
  readonly users: readonly OnlineUser[];
  readonly others: readonly Other[];
}

/** What the frames say. */
interface Room {
  readonly people: readonly Person[];
  /** In a room of more than 100 users, more than are known by name. */
  readonly activeUsers: number;
  /** Whether the room is too large to tell everybody about everybody. */
  readonly isLarge: boolean;
}

/** Whose roster it is. */
export interface Viewer {
  /** Null for an anonymous client. */
  readonly userId: string | null;
  /** Where in the app the viewer is. */
  readonly at: unknown;
}

export const NOBODY: Roster = {
  people: [],
  users: [],
  others: [],
  activeUsers: 0,
  isLarge: false,
};

/** The roster after a frame: the same object if the frame does not change it. */
export function rosterAfter(roster: Roster, frame: Frame, viewer: Viewer): Roster {
  return seen(roster, roomAfter(roster, frame), viewer);
}

/** The roster as a viewer who may be somewhere else now knows it. */
export function seenBy(viewer: Viewer, roster: Roster): Roster {
  return seen(roster, roster, viewer);
}

function roomAfter(room: Room, { type, payload }: Frame): Room {
  const { people, activeUsers } = room;
  if (type === "CONNECTED" || type === "PRESENCE")
    return told(room, type, payload as PresencePayload);
  if (!/^USER_(JOINED|LEFT|UPDATED)$/.test(type)) return room;
  const user = payload as ToldUser;
  const known = personIn(people, user);
  if (type === "USER_UPDATED") {
    const person = updated(known, user);
    const all = known ? people.map((one) => (one === known ? person : one)) : [...people, person];
    return { ...room, people: all };
  }
  const rest = people.filter((person) => person !== known);
  const left = activeUsers - Number(known?.isListed ?? false);
  // Only a small room announces them one by one.
  return type === "USER_LEFT"
    ? { people: rest, activeUsers: left, isLarge: false }
    : { people: [...rest, met(known, user)], activeUsers: left + 1, isLarge: false };
}

function told(room: Room, type: string, { users, activeUsers }: PresencePayload): Room {
  const { people, isLarge } = room;
  const isCounted = type === "PRESENCE" && !users;
  // After a reconnect to a room that was large, a list without data means that it still is.
  const isStill = type === "CONNECTED" && isLarge && !users?.some(({ data }) => data);
  return {
    people: users?.map((user) => met(personIn(people, user), user)) ?? people,
    activeUsers,
    isLarge: isCounted || isStill || (users !== undefined && users.length < activeUsers),
  };
}

/** A large room tells only of connections at the viewer's place: what is known of others is out of date. */
function seen(before: Roster, room: Room, { userId, at }: Viewer): Roster {
  const { activeUsers, isLarge } = room;
  const isNear = (item: ConnectionPresence) => at !== undefined && item.data.at === at;
  const people = room.people
    .map((person) => (isLarge ? reduced(person, isNear) : person))
    .filter(({ isListed, other }) => isListed || other.connections.length > 0)
    .map((person) => kept(personIn(before.people, person.user), person));
  const users = people.filter(({ isListed }) => isListed).map(({ user }) => user);
  const others = people.map(({ other }) => other).filter((other) => other.userId !== userId);
  const after = {
    people: sameOr(before.people, people),
    users: sameOr(before.users, users),
    others: sameOr(before.others, others),
    activeUsers,
    isLarge,
  };
  const isUnchanged = (Object.keys(after) as (keyof Roster)[]).every(
    (key) => before[key] === after[key],
  );
  return isUnchanged ? before : after;
}

function sameOr<T>(before: readonly T[], after: readonly T[]): readonly T[] {
  return areSame(before, after) ? before : after;
}

function personIn(people: readonly Person[], { userId }: OnlineUser): Person | undefined {
  return people.find(({ user }) => user.userId === userId);
}
