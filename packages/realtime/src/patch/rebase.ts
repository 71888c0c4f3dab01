/** What a client makes of a conflict: it merges what can be merged, and asks about the rest. */

import { isRecord, type Patch, same } from "./patch.ts";
import { ask as askAlways, type Policies } from "./policies.ts";

/** The body of the answer to a patch that is in conflict. */
export interface ConflictBody {
  code: "conflict";
  /** The row as it is now. */
  current: Record<string, unknown>;
  /** The fields that have been changed since. */
  fields: string[];
}

/** A field about which a person has to decide. */
export interface FieldConflict {
  field: string;
  /** What both started from. */
  base: unknown;
  mine: unknown;
  theirs: unknown;
  /** A suggestion. */
  merged: unknown;
}

/** A patch on top of the row as it is now. */
export interface Rebased<P extends Patch> {
  /** To be sent, under a new key, once the questions are answered. */
  variables: P;
  /** What a person has to decide. */
  ask: FieldConflict[];
}

/** Puts a patch on top of the row as it is now. `variables` can have other fields too, such as an id. */
export function rebase<P extends Patch>(
  policies: Policies,
  patch: P,
  { current, fields }: ConflictBody,
): Rebased<P> {
  const set = { ...patch.set };
  const ask: FieldConflict[] = [];
  for (const field of Object.keys(set)) {
    const { change, merge } = policies[field] ?? askAlways;
    const [base, mine, theirs] = [patch.base?.[field], set[field], current[field]];
    // After a 412 nobody has said which fields.
    const isInConflict = fields.includes(field) || !same(base, theirs);
    if (change || !isInConflict || same(mine, theirs)) continue;
    const merged = merge(base, mine, theirs);
    set[field] = merged.value;
    if (merged.ask) ask.push({ field, base, mine, theirs, merged: merged.value });
  }
  const base = { ...patch.base };
  for (const field of Object.keys(set)) base[field] = current[field] ?? null;
  const baseVersion = typeof current.version === "number" ? current.version : undefined;
  return { variables: { ...patch, set, base, baseVersion }, ask };
}

/** The `onConflict` of an offline mutation whose variables are a {@link Patch}. */
export function rebaseBy(policies: Policies) {
  return <P extends Patch>(patch: P, answer: unknown): Rebased<P> | undefined => {
    if (!isRecord(answer) || !isRecord(answer.current) || !Array.isArray(answer.fields))
      return undefined;
    return rebase(policies, patch, answer as unknown as ConflictBody);
  };
}
