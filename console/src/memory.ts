/**
 * What this tab remembers over a reload where somebody has said so, and only then: the secret, and each client with its
 * token, its position and its newest frames. A session's storage belongs to one tab and ends with it.
 */

import type { Identity, State } from "./connection.ts";

export interface RememberedFrame {
  readonly text: string;
  readonly at: number;
  readonly wasMissed: boolean;
}

export interface RememberedClient {
  readonly identity: Identity;
  /** The client's name for its connection: with the same one it returns, and nobody is told that it was away. */
  readonly id: string;
  readonly position: string | undefined;
  readonly state: State["name"];
  readonly frames: readonly RememberedFrame[];
}

export interface Memory {
  readonly secret: string;
  readonly clients: readonly RememberedClient[];
}

const KEY = "validiant-console";

export function remember(memory: Memory): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(memory));
  } catch {
    // Full, or switched off. Frames are what takes the room.
    rememberWithoutFrames(memory);
  }
}

function rememberWithoutFrames({ secret, clients }: Memory): void {
  const light = clients.map((client) => ({ ...client, frames: [] }));
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ secret, clients: light }));
  } catch {
    forget();
  }
}

export function forget(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Where it is switched off there is nothing to forget.
  }
}

/**
 * What was remembered; undefined if nobody wanted that. It is taken out: a tab that is duplicated copies its storage,
 * and two pages with the same connections would put an end to each other's (4010).
 */
export function recall(): Memory | undefined {
  try {
    const text = sessionStorage.getItem(KEY);
    sessionStorage.removeItem(KEY);
    return JSON.parse(text ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}
