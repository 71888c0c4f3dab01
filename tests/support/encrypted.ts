/** Encrypted projects as the server sees them: what begins like something encrypted, and the calls about its keys. */

import assert from "node:assert/strict";
import type { Client } from "./client.ts";
import { type Room, SECRET } from "./target.ts";

const AUTHORIZED = { Authorization: `Bearer ${SECRET}` };

export const NONCE = "oKGio6Slpqeoqaqr";

/** Something encrypted under the key of an epoch. The server reads no more than its beginning. */
export const sealed = (epoch: number, nonce: string = NONCE) => ({
  e2e: 1,
  k: epoch,
  n: nonce,
  c: "HKV1Gdy43_WYsVpJCo5cuc2Z3SkktcbM",
});

/** Asks for a lowest key epoch. */
export function askToRaise(room: Room, body: unknown, headers = AUTHORIZED): Promise<Response> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return fetch(`${room.url}/key-epoch`, { method: "POST", headers, body: text });
}

/** Raises the lowest key epoch, and returns the one in force. */
export async function raise(room: Room, minKeyEpoch: number): Promise<number> {
  const response = await askToRaise(room, { minKeyEpoch });
  const answer = (await response.json()) as { minKeyEpoch: number };
  assert.equal(response.status, 200, JSON.stringify(answer));
  return answer.minKeyEpoch;
}

/** Removes a user, with what the query says. */
export function remove(room: Room, userId: string, query: string): Promise<Response> {
  const url = `${room.url}/users/${encodeURIComponent(userId)}?${query}`;
  return fetch(url, { method: "DELETE", headers: AUTHORIZED });
}

/** The lowest key epoch, as the state of the room has it. */
export async function inForce(room: Room): Promise<number | undefined> {
  return ((await room.state()) as { minKeyEpoch?: number }).minKeyEpoch;
}

/** Waits until the clients have got all that was sent to them before. */
export async function settle(room: Room, ...clients: Client[]): Promise<void> {
  await room.broadcast("TEST_MARKER", { plaintext: true });
  await Promise.all(clients.map((client) => client.next("TEST_MARKER")));
}
