/**
 * What this tab remembers over a reload, only if the user has asked for it: the secret, and each client
 * with its token, its position and its newest frames. Session storage belongs to one tab and ends with it.
 */

import type { Identity, State } from "./connection.ts";

export interface RememberedFrame {
  readonly text: string;
  readonly at: number;
  readonly wasMissed: boolean;
}

export interface RememberedClient {
  readonly identity: Identity;
  /** The id of the client's connection. With the same id it returns without anybody noticing. */
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
    // Full, or switched off. The frames take up the most space.
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
    // If storage is switched off, there is nothing to forget.
  }
}

/**
 * What was remembered. Undefined if nothing was. It is removed from the storage: a duplicated tab copies
 * its storage, and two pages with the same connections would close each other's (4010).
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
