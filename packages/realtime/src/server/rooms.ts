/** Rooms for a backend: users removed, and old epoch keys refused. */

import { deliver } from "./deliver.ts";
import { BroadcastError, RoomError, type RoomErrorCode } from "./error.ts";
import { problemOf, type ServerAccess, serverOf } from "./server-access.ts";

/** How to reach the server. */
export interface RoomsOptions extends ServerAccess {
  /** How long an attempt can take, in milliseconds. Default: 10,000. */
  timeoutMs?: number | undefined;
  /** How many times a failed request is retried. Default: 3. */
  retries?: number | undefined;
}

/** What else a removal does. */
export interface Removal {
  /** For how long the user may not return. By default, a token that is still valid lets them in again. */
  forSeconds?: number | undefined;
  /** The oldest epoch that the room takes from now on, in the same turn: see docs/encryption.md. */
  minKeyEpoch?: number | undefined;
}

/**
 * Rooms of projects. All functions throw a {@link RoomError} when they have failed for good, and can be
 * repeated.
 */
export interface Rooms {
  /** Closes all sockets of a user, in the room and in its documents. Returns how many those were. */
  removeUser(projectId: string, userId: string, removal?: Removal): Promise<number>;
  /**
   * Makes the room and its documents refuse what is encrypted under an older epoch, or not at all.
   * Returns the epoch in force, which is higher if a higher one was asked for before.
   */
  raiseKeyEpoch(projectId: string, minKeyEpoch: number): Promise<number>;
}

const TIMEOUT_MS = 10_000;
const RETRIES = 3;
/** No attempt starts later than this. */
const USEFUL_MS = 30_000;

/** Makes the functions for one server. */
export function createRooms(options: RoomsOptions): Rooms {
  return {
    async removeUser(projectId, userId, { forSeconds, minKeyEpoch } = {}) {
      const query = new URLSearchParams();
      if (forSeconds !== undefined) query.set("for", `${forSeconds}`);
      if (minKeyEpoch !== undefined) query.set("minKeyEpoch", `${minKeyEpoch}`);
      const path = `${pathOf(projectId)}/users/${encodeURIComponent(userId)}`;
      const asked = query.size > 0 ? `${path}?${query}` : path;
      const answer = await call(options, { method: "DELETE", path: asked });
      return (answer as { disconnected: number }).disconnected;
    },
    async raiseKeyEpoch(projectId, minKeyEpoch) {
      const answer = await call(options, {
        method: "POST",
        path: `${pathOf(projectId)}/key-epoch`,
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ minKeyEpoch }),
      });
      return (answer as { minKeyEpoch: number }).minKeyEpoch;
    },
  };
}

function pathOf(projectId: string): string {
  return `/parties/main/${encodeURIComponent(projectId)}`;
}

interface Call {
  method: "DELETE" | "POST";
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

async function call(options: RoomsOptions, what: Call): Promise<unknown> {
  const { url, secret, fetch, timeoutMs = TIMEOUT_MS, retries = RETRIES } = options;
  const problem = problemOf(options);
  if (problem) throw new RoomError("not_set_up", problem);
  try {
    return await deliver({
      ...{ server: serverOf(url), secret: secret.trim(), ...what },
      ...{ timeoutMs, retries, deadline: Date.now() + USEFUL_MS, fetch },
    });
  } catch (error) {
    if (!(error instanceof BroadcastError)) throw error;
    throw new RoomError(error.code as RoomErrorCode, error.message, error);
  }
}
