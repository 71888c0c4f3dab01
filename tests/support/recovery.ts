/** The position of a room's history, and clients that reconnect to it. */

import type { Client } from "./client.ts";
import type { Frame } from "./inbox.ts";
import type { Room } from "./target.ts";

/** The position of a client that has all up to now. */
export async function positionOf(room: Room): Promise<string> {
  const { epoch, seq } = await room.state();
  return `${epoch}:${seq}`;
}

/** Connects with a position, and reads `CONNECTED`. An empty user is nobody. */
export async function returnTo(
  room: Room,
  userId: string,
  since: string,
): Promise<{ client: Client; connected: { recovered: boolean; epoch: string; seq: number } }> {
  const client = await room.join({ userId, since });
  const { payload } = await client.next("CONNECTED");
  return { client, connected: payload };
}

/** The numbers of the events of one type that a client has got so far, in order. */
export function seqs({ frames }: { frames: Frame[] }, type: string): number[] {
  const numbers = frames.filter((frame) => frame.type === type).map(({ seq }) => seq);
  return numbers.filter((seq) => seq !== undefined);
}

/** All that has happened in a room is in its storage: what is answered is durable, and all before it (P7.6). */
export async function durable(room: Room): Promise<void> {
  await room.broadcast("DURABLE");
}
