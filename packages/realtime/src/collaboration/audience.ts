/** Which of the others are at the same place. */

import type { ConnectionPresence, Other } from "../core/people.ts";

/** A connection of somebody who is at a place. */
export interface Visitor {
  readonly other: Other;
  readonly connection: ConnectionPresence;
}

/** The connections that are there, without those of users who are only kept in the grace period. */
export function visitorsAt(others: readonly Other[], at: string): Visitor[] {
  return others.flatMap((other) =>
    other.leavesAt === undefined
      ? other.connections
          .filter(({ data }) => data.at === at)
          .map((connection) => ({ other, connection }))
      : [],
  );
}
