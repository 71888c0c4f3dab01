/** Who is present in a project, kept up to date from the server's frames. */

import type { OnlineUser, PresencePayload } from "../server-frames.ts";
import type { Frame } from "./frames.ts";
import type { Other } from "./people.ts";
import { kept, met, type Person, reduced, type ToldUser, updated } from "./person.ts";
import { areSame } from "./same.ts";

/** Everybody who is known, and how many users there are in all. Each list is the same until it changes. */
export interface Roster {
  readonly people: readonly Person[];
  readonly users: readonly OnlineUser[];
  readonly others: readonly Other[];
  /** In a room of more than 100 users, more than `users` has. */
  readonly activeUsers: number;
}

/** Whose roster it is. */
export interface Viewer {
  /** Null for an anonymous client. */
  readonly userId: string | null;
  /** Where in the app the viewer is. */
  readonly at: unknown;
}

export const NOBODY: Roster = { people: [], users: [], others: [], activeUsers: 0 };

/** The roster after a frame: the same object if the frame does not change it. */
export function rosterAfter(roster: Roster, { type, payload }: Frame, viewer: Viewer): Roster {
  const { people, activeUsers } = roster;
  if (type === "CONNECTED" || type === "PRESENCE") {
    const told = payload as PresencePayload;
    const all = told.users?.map((user) => met(personIn(people, user), user));
    return seen(roster, all ?? people, told.activeUsers, viewer);
  }
  if (!/^USER_(JOINED|LEFT|UPDATED)$/.test(type)) return roster;
  const user = payload as ToldUser;
  const known = personIn(people, user);
  const rest = people.filter((person) => person !== known);
  const isListed = Number(known?.isListed ?? false);
  if (type === "USER_JOINED")
    return seen(roster, [...rest, met(known, user)], activeUsers + 1 - isListed, viewer);
  if (type === "USER_LEFT") return seen(roster, rest, activeUsers - isListed, viewer);
  const person = updated(known, user);
  const all = known ? people.map((one) => (one === known ? person : one)) : [...people, person];
  return seen(roster, all, activeUsers, viewer);
}

/**
 * The roster as a viewer who may be somewhere else now knows it. A room that is too large to tell
 * everybody about everybody tells only of the connections at the viewer's place: what is known of
 * others is out of date.
 */
export function seenBy(viewer: Viewer, roster: Roster): Roster {
  return seen(roster, roster.people, roster.activeUsers, viewer);
}

function seen(
  before: Roster,
  all: readonly Person[],
  activeUsers: number,
  { userId, at }: Viewer,
): Roster {
  // A room that tells everybody about everybody knows all its users by name.
  const isLarge = all.filter(({ isListed }) => isListed).length !== activeUsers;
  const isNear = (item: { data: { at?: unknown } }) => at !== undefined && item.data.at === at;
  const people = all
    .map((person) => (isLarge ? reduced(person, isNear) : person))
    .filter(({ isListed, other }) => isListed || other.connections.length > 0)
    .map((person) => kept(personIn(before.people, person.user), person));
  const users = people.filter(({ isListed }) => isListed).map(({ user }) => user);
  const others = people.map(({ other }) => other).filter((other) => other.userId !== userId);
  const after = {
    people,
    users: areSame(users, before.users) ? before.users : users,
    others: areSame(others, before.others) ? before.others : others,
    activeUsers,
  };
  return areSame(people, before.people) && activeUsers === before.activeUsers ? before : after;
}

function personIn(people: readonly Person[], { userId }: OnlineUser): Person | undefined {
  return people.find(({ user }) => user.userId === userId);
}
