/** A room as the server shows it to holders of the secret (P1.9), and what can be done to its users (P8). */

import { roomPath } from "./broadcast.ts";
import { ask, type Outcome } from "./server.ts";

export interface RoomUser {
  readonly userId: string;
  readonly userName: string | null;
  readonly joinedAt: number;
  readonly verified: boolean;
  /** 0 for a user who is expected back. */
  readonly devices: number;
}

export interface RoomState {
  readonly connections: number;
  readonly activeUsers: number;
  readonly users: readonly RoomUser[];
  readonly epoch?: string;
  readonly seq?: number;
  readonly oldestSeq?: number | null;
  readonly minKeyEpoch?: number;
}

/** How a user is removed. */
export interface Removal {
  /** How long the user can't return; 0 allows a return at once. */
  readonly seconds: number;
  /** The oldest key epoch that the room takes from then on (P14.2). 0 leaves it as it is. */
  readonly minKeyEpoch: number;
}

export function lookAt(projectId: string, secret: string): Promise<Outcome> {
  return ask({ method: "GET", path: roomPath(projectId), secret });
}

export function removeUser(
  projectId: string,
  userId: string,
  { seconds, minKeyEpoch }: Removal,
  secret: string,
): Promise<Outcome> {
  const path = `${roomPath(projectId)}/users/${encodeURIComponent(userId)}`;
  const query = new URLSearchParams();
  if (seconds > 0) query.set("for", `${seconds}`);
  if (minKeyEpoch > 0) query.set("minKeyEpoch", `${minKeyEpoch}`);
  return ask({ method: "DELETE", path: query.size > 0 ? `${path}?${query}` : path, secret });
}

/** Raises the oldest key epoch that the room takes (P14.2). */
export function raiseKeyEpoch(
  projectId: string,
  minKeyEpoch: number,
  secret: string,
): Promise<Outcome> {
  const body = JSON.stringify({ minKeyEpoch });
  return ask({ method: "POST", path: `${roomPath(projectId)}/key-epoch`, secret, body });
}

export function revokeTokens(projectId: string, userId: string, secret: string): Promise<Outcome> {
  const body = JSON.stringify({ userId });
  return ask({ method: "POST", path: `${roomPath(projectId)}/revoke`, secret, body });
}
