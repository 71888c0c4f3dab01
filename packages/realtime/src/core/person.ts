/** One user who is present: what the server's frames have told of them. */

import type { OnlineUser } from "../server-frames.ts";
import type { ConnectionPresence, Other, PresenceData } from "./people.ts";
import { isSame } from "./same.ts";

/** A user as a frame tells of them. */
export type ToldUser = OnlineUser & { readonly projectId?: string };

/** The same objects until they change, as components compare them. */
export interface Person {
  /** Without what changes as often as a cursor moves. */
  readonly user: OnlineUser;
  readonly other: Other;
  /** False for somebody who is known only because they are where this client is, in a large room. */
  readonly isListed: boolean;
}

const NO_DATA: PresenceData = {};

/** A person after a frame told of the user and all their connections. */
export function met(before: Person | undefined, told: ToldUser): Person {
  const names = new Set(told.data?.map(({ connectionId }) => connectionId));
  const known = before?.other.connections.filter(({ connectionId }) => names.has(connectionId));
  return personOf(told, known, true);
}

/** The same, when it told only of the connections that have changed. */
export function updated(before: Person | undefined, told: ToldUser): Person {
  return personOf(told, before?.other.connections, before?.isListed);
}

/** A person of whom only these connections are still known. */
export function reduced(person: Person, isKnown: (item: ConnectionPresence) => boolean): Person {
  const { user, other, isListed } = person;
  return other.connections.every(isKnown)
    ? person
    : personOf(user, other.connections.filter(isKnown), isListed);
}

/** A person, as the same objects as before where nothing has changed. */
export function kept(before: Person | undefined, { user, other, isListed }: Person): Person {
  const old = before && isSame(before.user, user) ? before.user : user;
  const oldOther = before && isSame(before.other, other) ? before.other : other;
  const isUnchanged = old === before?.user && oldOther === before.other;
  return isUnchanged && isListed === before.isListed
    ? before
    : { user: old, other: oldOther, isListed };
}

function personOf(
  { projectId, data: news = [], ...user }: ToldUser,
  known: readonly ConnectionPresence[] = [],
  isListed = false,
): Person {
  let connections = known;
  for (const { connectionId, data } of news) {
    const old = connections.find((item) => item.connectionId === connectionId);
    if (old && data && isSame(old.data, data)) continue;
    const rest = connections.filter((item) => item !== old);
    connections = data ? [...rest, { connectionId, data }] : rest;
  }
  const { data } = connections.at(-1) ?? { data: NO_DATA };
  return { user, other: { ...user, connections, data }, isListed };
}
