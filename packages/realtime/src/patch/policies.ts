/** What becomes of a field that two people have changed. Declared once, for the client and the API. */

import { diff3Merge } from "node-diff3";
import { has, isRecord, type SetChange } from "./patch.ts";

/** What two changes of one value amount to. */
export interface Merge {
  value: unknown;
  /** Whether a person has to look at it: the value is then only a suggestion. */
  ask: boolean;
}

/** How a field is changed, and what becomes of two changes. */
export interface Policy {
  /**
   * The value that a change makes of the current one. A field with it is never in conflict: its changes
   * commute. Throws a `TypeError` if this is no such change.
   */
  readonly change?: (current: unknown, change: unknown) => unknown;
  /** What two changes of the same value amount to. */
  readonly merge: (base: unknown, mine: unknown, theirs: unknown) => Merge;
}

/** By field. Only these fields can be changed. */
export type Policies = Readonly<Record<string, Policy>>;

/** The last intention wins: for a status, an assignee, a date. The other person learns it by the event. */
export const lww: Policy = { merge: (_base, mine) => ({ value: mine, ask: false }) };

/** A place in a list: the last move wins. Items with the same place are ordered by id. */
export const order: Policy = lww;

/** A set of ids or words, such as labels: what each person adds and removes counts. */
export const set: Policy = {
  change(current, change) {
    const { add, remove } = listsOf(change);
    const kept = (Array.isArray(current) ? current : []).filter((item) => !has(remove, item));
    return [...kept, ...add.filter((item) => !has(kept, item))];
  },
  merge: (_base, mine) => ({ value: mine, ask: false }),
};

/** A short plain text: changes of different words are merged, others are asked about. */
export const text3: Policy = {
  merge(base, mine, theirs) {
    const [o, a, b] = [base, mine, theirs].map((text) => wordsOf(text)) as [Words, Words, Words];
    const regions = diff3Merge(a, o, b, { excludeFalseConflicts: true });
    const parts = regions.map(({ ok, conflict }) => ok ?? bothOf(conflict?.a, conflict?.b));
    return { value: parts.flat().join(""), ask: regions.some(({ conflict }) => conflict) };
  },
};

/** A person decides. Mine is the suggestion. */
export const ask: Policy = { merge: (_base, mine) => ({ value: mine, ask: true }) };

type Words = string[];

/** Words and the spaces between them. */
function wordsOf(text: unknown): Words {
  return typeof text === "string" ? (text.match(/\s+|\S+/g) ?? []) : [];
}

function bothOf(mine: Words = [], theirs: Words = []): Words {
  const isBoth = mine.length > 0 && theirs.length > 0;
  return [...theirs, ...(isBoth ? [" "] : []), ...mine];
}

function listsOf(change: unknown): Required<SetChange> {
  const { add = [], remove = [] } = isRecord(change) ? (change as SetChange) : { add: undefined };
  if (isRecord(change) && Array.isArray(add) && Array.isArray(remove)) return { add, remove };
  throw new TypeError("A change of a set is {add: [], remove: []}");
}
