/** The history of one client's connection. */

import type { State } from "./connection.ts";
import { h } from "./dom.ts";
import { codeLink, pageOf } from "./error-page.ts";
import { timeOf } from "./frames.ts";
import { stateText } from "./state-text.ts";

/** A client that fails all night must not fill the page's memory. */
const MOST_ENTRIES = 200;

export class StateLog {
  readonly #list = h("ol", { class: "states", reversed: true, tabindex: "0" });
  readonly element: HTMLElement;
  readonly #summary = h("summary");
  #count = 0;
  #last: State | undefined;
  #lastAt = 0;

  constructor(owner: string) {
    this.#list.setAttribute("aria-label", `Connection of ${owner}`);
    this.element = h("details", { class: "snippet" }, this.#summary, this.#list);
  }

  /** Records a state, once each time it is entered. */
  note(state: State, at = new Date()): void {
    if (state === this.#last) return;
    this.#list.firstElementChild?.append(this.#lasted(at));
    this.#list.prepend(rowOf(state, at));
    if (this.#list.childElementCount > MOST_ENTRIES) this.#list.lastElementChild?.remove();
    this.#count += 1;
    this.#last = state;
    this.#lastAt = at.getTime();
    this.#summary.textContent = `Connection log (${this.#count})`;
  }

  #lasted(until: Date): HTMLElement {
    return h("span", { class: "hint" }, ` for ${durationOf(until.getTime() - this.#lastAt)}`);
  }
}

function rowOf(state: State, at: Date): HTMLElement {
  const time = h("time", { datetime: at.toISOString() }, timeOf(at));
  const text = stateText(state);
  if (state.name !== "ended") return h("li", {}, time, " ", h("b", {}, text));
  const { code, advice } = state.ending;
  return h("li", {}, time, " ", h("b", {}, codeLink(text, pageOf(code))), ` ${advice}`);
}

/** "40 ms", "3.2 s", "4 min" */
export function durationOf(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.max(0, Math.round(milliseconds))} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  return `${Math.round(milliseconds / 60_000)} min`;
}
