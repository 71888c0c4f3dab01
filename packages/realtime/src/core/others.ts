/** The other users with their presence data, kept up to date from the server's frames. */

import type { OnlineUser, PresencePayload } from "../server-frames.ts";
import type { Frame } from "./frames.ts";
import type { ConnectionPresence, Other, PresenceData } from "./people.ts";
import { areSame, isSame } from "./same.ts";

/** A user as a frame tells of them. */
export interface ToldUser extends OnlineUser {
  readonly projectId?: string;
  /** Connections that have data; null if their data are gone. */
  readonly data?: readonly { readonly connectionId: string; readonly data: PresenceData | null }[];
}

type Others = readonly Other[];

const NO_DATA: PresenceData = {};

/**
 * The others after a frame, without the user who is connected here. Whoever has not changed is the same
 * object, and the list is the same if nobody has.
 */
export function othersAfter(others: Others, frame: Frame, ownId: string | null): Others {
  const after = next(others, frame).filter(({ userId }) => userId !== ownId);
  return areSame(after, others) ? others : after;
}

function next(others: Others, { type, payload }: Frame): Others {
  const user = payload as ToldUser;
  const known = others.find(({ userId }) => userId === user.userId);
  const rest = () => others.filter((other) => other !== known);
  switch (type) {
    case "CONNECTED":
    case "PRESENCE":
      return told(others, payload as PresencePayload);
    case "USER_JOINED":
      return [...rest(), changed(known, user, true)];
    case "USER_LEFT":
      return rest();
    case "USER_UPDATED": {
      const updated = changed(known, user, false);
      if (known) return others.map((other) => (other === known ? updated : other));
      // In a large room, somebody who is not in the list but at the same place.
      return updated.connections.length > 0 ? [...others, updated] : others;
    }
    default:
      return others;
  }
}

function told(others: Others, { users }: PresencePayload): Others {
  if (!users) return others;
  const known = new Map(others.map((other) => [other.userId, other]));
  return users.map((user) => changed(known.get(user.userId), user, true));
}

/** A user after a frame told of all their connections, or of those that have changed. */
function changed(before: Other | undefined, told: ToldUser, isAll: boolean): Other {
  const { projectId, data: news = [], ...user } = told;
  const isNamed = ({ connectionId }: ConnectionPresence) =>
    news.some((item) => item.connectionId === connectionId);
  let connections = (before?.connections ?? []).filter((item) => !isAll || isNamed(item));
  for (const { connectionId, data } of news) {
    const old = connections.find((item) => item.connectionId === connectionId);
    if (old && data && isSame(old.data, data)) continue;
    connections = connections.filter((item) => item !== old);
    if (data) connections.push({ connectionId, data });
  }
  const after = { ...user, connections, data: connections.at(-1)?.data ?? NO_DATA };
  return before && isSame(before, after) ? before : after;
}

/**
 * Only what is known of the connections at this place. In a large room the server tells of no others, so
 * what is known of them is out of date.
 */
export function othersAt(
  others: Others,
  at: unknown,
  isListed: (userId: string) => boolean,
): Others {
  const after = others.flatMap((other) => {
    const connections = other.connections.filter(({ data }) => at !== undefined && data.at === at);
    if (connections.length === other.connections.length) return [other];
    if (connections.length === 0 && !isListed(other.userId)) return [];
    return [{ ...other, connections, data: connections.at(-1)?.data ?? NO_DATA }];
  });
  return areSame(after, others) ? others : after;
}
