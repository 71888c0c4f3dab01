/** What clients are told about joins and leaves, and what the room reports. */

import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Frame } from "./inbox.ts";
import type { Room, RoomState } from "./target.ts";

const PATIENCE_MS = 30_000;

/** The unread presence frames on a socket up to now, such as `USER_LEFT ann`. */
export async function told(room: Room, client: Listener): Promise<string[]> {
  const marker = `MARKER_${randomUUID()}`;
  await room.broadcast(marker);
  return summary(await client.until(marker));
}

interface Listener {
  until(type: string): Promise<Frame[]>;
}

/** The frames of presence, in words. */
export function summary(frames: Frame[]): string[] {
  return frames.flatMap(({ type, payload }) => {
    if (type === "USER_JOINED" || type === "USER_LEFT") return [`${type} ${payload.userId}`];
    return type === "PRESENCE" ? [`${type} ${payload.activeUsers}`] : [];
  });
}

/** Waits until the room has noticed that this many sockets are left: the end of a lost one is not answered. */
export async function connectionsAre(room: Room, connections: number): Promise<RoomState> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const state = await room.state();
    if (state.connections === connections) return state;
    if (Date.now() > deadline) throw new Error(`still ${state.connections} connections`);
    await pause(10);
  }
}

/** The user as the room's state lists them. */
export async function listed(
  room: Room,
  userId: string,
): Promise<RoomState["users"][number] | undefined> {
  const { users } = await room.state();
  return users.find((user) => user.userId === userId);
}
