/** What people did, what the API accepted, and whether the one follows from the other. */

import type { Outcome } from "../../../src/offline.ts";
import type { Patch, Policies } from "../../../src/patch.ts";
import type { Code } from "./code.ts";

export interface TaskRow {
  [field: string]: unknown;
  id: string;
  version: number;
  title: string;
  status: string;
  labels: string[];
  note: string;
}

export function tasks(): TaskRow[] {
  return ["t1", "t2"].map((id) => ({
    id,
    version: 1,
    title: "one two three",
    status: "s",
    labels: ["l"],
    note: "n",
  }));
}

/** What a person wants, and has seen. */
export interface Act {
  readonly act: number;
  readonly user: string;
  readonly scope: string;
  /** What the person added to a text or a set, and removed from it. */
  added: string[];
  removed: string[];
  /** The note that the person saw when they changed it. */
  seenNote?: string | undefined;
  /** The acts that were in the queue of that page. */
  readonly after: readonly number[];
  /** Its ids in the queue: a decision about a conflict makes another. */
  readonly ids: string[];
  outcome?: Outcome;
  isAsked?: boolean;
  isGivenUp?: boolean;
  answeredAt?: number;
  /** Whether it was given up before any request of it reached the API. */
  isUndone?: boolean;
}

export interface Accepted {
  readonly act: number;
  readonly user: string;
  readonly before: TaskRow;
  readonly after: TaskRow;
  readonly set: Patch["set"];
}

export class Ledger {
  readonly policies: Policies;
  readonly acts: Act[] = [];
  readonly accepted_: Accepted[] = [];
  readonly wrong: string[] = [];
  /** Whether the storage of this user's device has failed. */
  hasFailed: (user: string) => boolean = () => false;
  /** Whether an act was ever in the storage of its device. */
  isStored: (act: Act) => boolean = () => true;
  /** The keys of requests that have reached the API. */
  readonly #keys = new Set<string>();

  constructor({ patch: { text3, lww, set, ask } }: Code) {
    this.policies = { title: text3, status: lww, labels: set, note: ask };
  }

  arrived(key: string | null): void {
    if (key) this.#keys.add(key);
    else this.wrong.push("a request without a key");
  }

  hasArrived(key: string): boolean {
    return this.#keys.has(key);
  }

  /** The API has committed this. */
  accepted(now: Accepted): void {
    const act = this.acts[now.act];
    if (!act) return void this.wrong.push(`nobody did act ${now.act}`);
    if (this.accepted_.some(({ act }) => act === now.act))
      this.wrong.push(`act ${now.act} was applied twice`);
    if (act.isUndone) this.wrong.push(`act ${now.act} was applied although it was undone in time`);
    for (const earlier of this.accepted_) this.#compare(act, earlier);
    this.accepted_.push(now);
    this.#mustKeep(act, now, "title", words(now.before.title), words(now.after.title));
    this.#mustKeep(act, now, "labels", now.before.labels, now.after.labels);
    const { before, after } = now;
    if (before.note !== after.note && act.seenNote !== before.note)
      this.wrong.push(
        `act ${now.act} replaced the note ${before.note}, which its user had not seen`,
      );
  }

  /** An act that its user did later, seeing the other, must not have come first. */
  #compare(act: Act, { act: n }: Accepted): void {
    const earlier = this.acts[n];
    if (!earlier || earlier.user !== act.user || earlier.scope !== act.scope) return;
    // What is only in memory reaches a tab that was just opened when it asks.
    if (this.hasFailed(act.user)) return;
    // It was given up after it had been sent: the network may still hold a copy.
    if (act.isGivenUp) return;
    if (earlier.after.includes(act.act) && !act.isAsked && !earlier.isAsked)
      this.wrong.push(`act ${act.act} came after act ${n}, which was done later`);
  }

  /** Nobody's words are lost, except those that somebody removed. */
  #mustKeep(act: Act, now: Accepted, field: string, before: string[], after: string[]): void {
    const lost = before.filter((word) => !after.includes(word) && !act.removed.includes(word));
    if (lost.length > 0) this.wrong.push(`act ${now.act} lost ${lost} of ${field}`);
    if (!(field in now.set)) return;
    const missing = act.added.filter((word) => !after.includes(word));
    if (missing.length > 0) this.wrong.push(`of act ${now.act}, ${missing} is missing in ${field}`);
  }
}

export function words(text: string): string[] {
  return text.split(/\s+/).filter(Boolean);
}
