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
}

export function lookAt(projectId: string, secret: string): Promise<Outcome> {
  return ask({ method: "GET", path: roomPath(projectId), secret });
}

/** `seconds`: how long the user can't return; 0 allows a return at once. */
export function removeUser(
  projectId: string,
  userId: string,
  seconds: number,
  secret: string,
): Promise<Outcome> {
  const path = `${roomPath(projectId)}/users/${encodeURIComponent(userId)}`;
  const query = seconds > 0 ? `?for=${seconds}` : "";
  return ask({ method: "DELETE", path: path + query, secret });
}

export function revokeTokens(projectId: string, userId: string, secret: string): Promise<Outcome> {
  const body = JSON.stringify({ userId });
  return ask({ method: "POST", path: `${roomPath(projectId)}/revoke`, secret, body });
}
