/** What a broadcast is answered. */

import type { Room } from "./target.ts";

/** Posts, and answers the status with the body. */
export async function posted(
  room: Room,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Record<string, unknown>> {
  const response = await room.post(body, headers);
  return { status: response.status, ...((await response.json()) as object) };
}
