/** Where this client is, as far as cursors say so: `at` in its presence data. */

import type { Unsubscribe } from "../core/emitter.ts";
import type { ProjectConnection } from "../core/project.ts";

/** By connection, the places that are open, the one in front last. */
const open = new WeakMap<ProjectConnection, { at: string }[]>();

/**
 * The client is here until the returned function is called: then it is where it was before, as when a
 * dialog in front of a board is closed.
 */
export function enter(connection: ProjectConnection, at: string): Unsubscribe {
  const places = open.get(connection) ?? [];
  open.set(connection, places);
  const place = { at };
  places.push(place);
  tell(connection, places);
  return () => {
    places.splice(places.indexOf(place), 1);
    tell(connection, places, at);
  };
}

/** At the end of the turn: one element may take the place of another, and nobody has to hear of both. */
function tell(connection: ProjectConnection, places: readonly { at: string }[], left?: string) {
  queueMicrotask(() => {
    const at = places.at(-1)?.at;
    const { self } = connection;
    const before = self?.data.at;
    if (at !== undefined) connection.setPresence(at === before ? { at } : { at, cursor: null });
    // If the app itself has said that the client is somewhere else, it is right.
    else if (!self || before === left) connection.setPresence({ at: null, cursor: null });
  });
}
