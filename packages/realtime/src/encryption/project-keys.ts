/** The keys of one project, fetched once. */

import { inTime } from "../core/in-time.ts";
import { isEpoch } from "./context.ts";
import { EpochKeyError, keyBytes } from "./epoch-key-error.ts";
import type { EpochKey, KeySource } from "./key-source.ts";

/** How long a key stays the current one unless something says otherwise. */
const CURRENT_MS = 10 * 60_000;
/** So that a burst of messages under a key that is not there asks for it once. */
const MISSING_MS = 500;
/** A source that never answers must not hold up the next attempt for good. */
const PATIENCE_MS = 15_000;

/** An answer of the source, while it is awaited and as long as it counts. */
interface Asked<Answer> {
  readonly answer: Promise<Answer>;
  /** In milliseconds since 1970. Undefined while it is awaited. */
  until?: number;
}

/** What is known of a project's keys. */
export class ProjectKeys {
  readonly #projectId: string;
  readonly #source: KeySource;
  readonly #onNew: () => void;
  readonly #keys = new Map<number, Uint8Array>();
  readonly #askedFor = new Map<number, Asked<Uint8Array | null>>();
  #askedCurrent: Asked<EpochKey | null> | undefined;
  #highest: EpochKey | null = null;

  constructor(projectId: string, source: KeySource, onNew: () => void) {
    this.#projectId = projectId;
    this.#source = source;
    this.#onNew = onNew;
  }

  async get(epoch: number): Promise<Uint8Array | null> {
    const known = this.#keys.get(epoch);
    if (known) return known;
    const asked = this.#askedFor.get(epoch);
    if (asked && counts(asked)) return asked.answer;
    const asking = ask(this.#fetch(epoch), () => MISSING_MS);
    this.#askedFor.set(epoch, asking);
    return asking.answer;
  }

  async current(): Promise<EpochKey | null> {
    if (!this.#askedCurrent || !counts(this.#askedCurrent))
      this.#askedCurrent = ask(this.#fetchCurrent(), (failed) =>
        failed ? MISSING_MS : CURRENT_MS,
      );
    await this.#askedCurrent.answer;
    // What was asked for earlier may be answered later.
    return this.#highest;
  }

  forget(): void {
    this.#askedCurrent = undefined;
    this.#askedFor.clear();
  }

  async #fetch(epoch: number): Promise<Uint8Array | null> {
    const key = await inTime(PATIENCE_MS, this.#source.get(this.#projectId, epoch), late);
    return key ? this.#learn(epoch, key) : null;
  }

  async #fetchCurrent(): Promise<EpochKey | null> {
    const current = await inTime(PATIENCE_MS, this.#source.current(this.#projectId), late);
    if (!current) return null;
    const { epoch } = current;
    if (!isEpoch(epoch)) throw new EpochKeyError("The current epoch is not a whole number from 1.");
    const key = this.#learn(epoch, current.key);
    if (epoch > (this.#highest?.epoch ?? 0)) this.#highest = { epoch, key };
    return this.#highest;
  }

  #learn(epoch: number, given: Uint8Array): Uint8Array {
    const known = this.#keys.get(epoch);
    if (known) return known;
    const key = keyBytes(given);
    this.#keys.set(epoch, key);
    this.#askedFor.delete(epoch);
    this.#onNew();
    return key;
  }
}

function late(): never {
  throw new EpochKeyError("No answer within 15 s.");
}

const counts = ({ until }: Asked<unknown>): boolean => until === undefined || Date.now() < until;

function ask<Answer>(
  answer: Promise<Answer>,
  lifetime: (failed: boolean) => number,
): Asked<Answer> {
  const asked: Asked<Answer> = { answer };
  const settle = (failed: boolean) => {
    asked.until = Date.now() + lifetime(failed);
  };
  answer.then(
    () => settle(false),
    () => settle(true),
  );
  return asked;
}
