/** Keeps what is on the page over a reload: in its address, and where somebody wants that, in the tab's memory. */

import { fragmentOf, type Kept, keptIn, replaceFragment } from "./address.ts";
import { forget, type Memory, recall, remember } from "./memory.ts";

/** Safari takes a hundred changes of the address in half a minute. */
const SETTLE_MS = 300;

export interface Subject {
  /** What the address keeps now. */
  kept(): Kept;
  /** What the tab remembers now; undefined if it must not. */
  memory(): Memory | undefined;
}

export class Session {
  readonly #subject: Subject;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(subject: Subject) {
    this.#subject = subject;
    addEventListener("pagehide", () => this.#leave());
    // A page that comes back as it was has no need of it.
    addEventListener("pageshow", ({ persisted }) => persisted && forget());
  }

  /** What was here before the page was loaded again. */
  static restore(): { kept: Kept; memory: Memory | undefined } {
    return { kept: keptIn(location.hash), memory: recall() };
  }

  /** A client came or went. An address is written as soon as it changes: a reload takes the one that it finds. */
  touch(): void {
    clearTimeout(this.#timer);
    replaceFragment(fragmentOf(this.#subject.kept()));
  }

  /** Somebody types. */
  touchSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.touch(), SETTLE_MS);
  }

  /** What is remembered is written when the page is left, and no earlier. */
  #leave(): void {
    this.touch();
    const memory = this.#subject.memory();
    if (memory) remember(memory);
  }
}
