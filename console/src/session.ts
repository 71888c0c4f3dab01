/** Keeps the page's state over a reload: in its address and, if the user wants that, in the tab's memory. */

import { fragmentOf, type Kept, keptIn, replaceFragment } from "./address.ts";
import { forget, type Memory, recall, remember } from "./memory.ts";

/** Safari allows a hundred changes of the address in half a minute. */
const SETTLE_MS = 300;

export interface Subject {
  /** What the address keeps now. */
  kept(): Kept;
  /** What the tab remembers now. Undefined if it must not remember. */
  memory(): Memory | undefined;
}

export class Session {
  readonly #subject: Subject;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(subject: Subject) {
    this.#subject = subject;
    addEventListener("pagehide", () => this.#leave());
    // A page that comes back as it was does not need the memory.
    addEventListener("pageshow", ({ persisted }) => persisted && forget());
  }

  /** What was here before the page was reloaded. */
  static restore(): { kept: Kept; memory: Memory | undefined } {
    return { kept: keptIn(location.hash), memory: recall() };
  }

  /** A client was added or removed. The address is written at once: a reload uses whatever it finds. */
  touch(): void {
    clearTimeout(this.#timer);
    replaceFragment(fragmentOf(this.#subject.kept()));
  }

  /** Somebody is typing. */
  touchSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.touch(), SETTLE_MS);
  }

  /** The memory is written when the page is left, and no earlier. */
  #leave(): void {
    this.touch();
    const memory = this.#subject.memory();
    if (memory) remember(memory);
  }
}
