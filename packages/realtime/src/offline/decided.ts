/** What is sent when a person has decided about a conflict. */

import type { Conflict } from "./types.ts";

interface PatchLike {
  set: Record<string, unknown>;
}

/** The variables to send. Undefined if nothing is left of them. */
export function decided({ variables, ask }: Conflict, values: Record<string, unknown>): unknown {
  const patch = variables as PatchLike;
  const set = { ...patch.set };
  for (const { field, theirs, merged } of ask) {
    const value = field in values ? values[field] : merged;
    if (value === theirs) delete set[field];
    else set[field] = value;
  }
  return Object.keys(set).length > 0 ? { ...patch, set } : undefined;
}
