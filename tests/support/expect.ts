/** What many tests assert: refusals, and what a client was and was not handed. */

import assert from "node:assert/strict";
import type { Frame } from "./inbox.ts";
import type { Answer } from "./raw.ts";
import type { Room } from "./target.ts";

/** Types that only the server sends (P3). */
const OWN_TYPES = new Set([
  "CONNECTED",
  "USER_JOINED",
  "USER_UPDATED",
  "USER_LEFT",
  "PRESENCE",
  "PONG",
  "ERROR",
  "KEY_EPOCH",
]);
const MARKER = "TEST_MARKER";

/** A client of either kind. */
interface Listener {
  readonly frames: Frame[];
  next(...types: string[]): Promise<Frame>;
}

/** Asserts that an answer is an error in JSON (P1.7) that a page of any origin may read (P1.6). */
export async function assertRefused(
  answer: Response | Answer,
  status: number,
  code: string,
  more: Record<string, unknown> = {},
): Promise<void> {
  const { headers, text, status: actual } = await plain(answer);
  assert.equal(actual, status, text);
  assert.match(headers["content-type"] ?? "none", /^application\/json/);
  assert.equal(headers["access-control-allow-origin"], "*");
  const { error, ...rest } = JSON.parse(text) as Record<string, unknown>;
  assert.deepEqual(rest, { success: false, code, docs: pageOf(code), ...more });
  assert.ok(typeof error === "string" && error !== "", text);
}

/** The address of a code's page (P1.7). */
export const pageOf = (code: string): string =>
  `https://github.com/validiant/validiant-realtime/blob/main/docs/errors/${code}.md`;

async function plain(answer: Response | Answer): Promise<Answer> {
  if (!(answer instanceof Response)) return answer;
  const { status, headers } = answer;
  return { status, headers: Object.fromEntries(headers), text: await answer.text() };
}

/**
 * Waits until `clients` have got a marker that is broadcast now: what was sent to them before is
 * there then, and what is not there was not sent.
 */
export async function settle(room: Room, ...clients: Listener[]): Promise<void> {
  await room.broadcast(MARKER);
  await Promise.all(clients.map((client) => client.next(MARKER)));
}

/** Whether a frame is an event that a backend sent. */
export function isBroadcast({ type }: Frame): boolean {
  return !OWN_TYPES.has(type);
}

/** The types of the broadcasts that a client got so far, in order, without markers. */
export function broadcasts(client: Listener): string[] {
  const types = client.frames.map(({ type }) => type);
  return types.filter((type) => !OWN_TYPES.has(type) && type !== MARKER);
}

/** The frames of one type that a client got so far. */
export function count(client: Listener, type: string): number {
  return client.frames.filter((frame) => frame.type === type).length;
}
