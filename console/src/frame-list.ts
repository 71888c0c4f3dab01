/** One client's frames as a list, the newest first, with filter, pause and copy. */

import { button, copyButton, h, input } from "./dom.ts";
import { type FrameActions, rowOf } from "./frame-row.ts";
import { type Arriving, FrameLog, MOST_FRAMES, matches, type Received, sizeOf } from "./frames.ts";

export class FrameList {
  readonly element: HTMLElement;
  readonly log = new FrameLog();
  readonly #actions: FrameActions;
  readonly #list = h("ol", { class: "frames", reversed: true, tabindex: "0" });
  readonly #empty = h("p", { class: "nothing" });
  readonly #summary = h("span", { class: "tally" });
  readonly #search = input({
    type: "search",
    placeholder: "Filter",
    "aria-label": "Filter by text",
  });
  readonly #type = h(
    "select",
    { "aria-label": "Filter by type" },
    h("option", { value: "" }, "All types"),
  );
  readonly #pause: HTMLButtonElement;
  /** The newest frame when the list was paused. */
  #pausedAt: number | undefined;
  #isDue = false;
  /** The rows in the list, by frame number. */
  readonly #rows = new Map<number, HTMLElement>();

  constructor(owner: string, actions: FrameActions) {
    this.#actions = actions;
    this.#list.setAttribute("aria-label", `Frames to ${owner}`);
    this.#pause = button("Pause", () => this.#togglePause(), {
      class: "pause",
      "aria-pressed": "false",
    });
    this.#search.addEventListener("input", () => this.#render());
    this.#type.addEventListener("change", () => this.#render());
    this.element = this.#build();
    this.#render();
  }

  add(arriving: Arriving): void {
    this.log.add(arriving);
    if (this.#isDue) return;
    // A burst is rendered once.
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      this.#render();
    });
  }

  #build(): HTMLElement {
    const copyAll = copyButton("Copy all", () =>
      this.#shown()
        .map(({ text }) => text)
        .join("\n"),
    );
    const above = { class: "tools", role: "group", "aria-label": "Filter frames" };
    const below = { class: "tools", role: "group", "aria-label": "All frames" };
    return h(
      "div",
      { class: "frame-list" },
      h("div", above, this.#search, this.#type, this.#pause),
      this.#list,
      this.#empty,
      h(
        "div",
        below,
        this.#summary,
        copyAll,
        button("Clear", () => this.#clear()),
      ),
    );
  }

  #shown(): Received[] {
    const filter = { type: this.#type.value, text: this.#search.value };
    const last = this.#pausedAt ?? Number.POSITIVE_INFINITY;
    return this.log.frames.filter((frame) => frame.number <= last && matches(frame, filter));
  }

  #render(): void {
    const shown = this.#shown();
    const wanted = new Set(shown.map(({ number }) => number));
    for (const [number, row] of this.#rows)
      if (!wanted.has(number)) {
        row.remove();
        this.#rows.delete(number);
      }
    // From the oldest up: each row goes just above the previous one. Rows already in place are not touched.
    let below: Element | null = null;
    for (const frame of shown) {
      const row = this.#rows.get(frame.number) ?? this.#newRow(frame);
      if (!row.isConnected || row.nextElementSibling !== below) this.#list.insertBefore(row, below);
      below = row;
    }
    this.#showTypes();
    this.#showCounts(shown.length);
  }

  #newRow(frame: Received): HTMLElement {
    const row = rowOf(frame, this.#actions);
    this.#rows.set(frame.number, row);
    return row;
  }

  #showTypes(): void {
    const types = this.log.types();
    const known = [...this.#type.options].map(({ value }) => value);
    for (const type of types)
      if (!known.includes(type)) this.#type.append(h("option", { value: type }, type));
  }

  #showCounts(shown: number): void {
    const { count, bytes, frames } = this.log;
    const waiting = this.#pausedAt === undefined ? 0 : count - this.#pausedAt;
    this.#pause.textContent = this.#pausedAt === undefined ? "Pause" : "Resume";
    const bounded = count > MOST_FRAMES ? `, the newest ${MOST_FRAMES} kept` : "";
    const paused = this.#pausedAt === undefined ? "" : ` · paused, ${waiting} new`;
    this.#summary.textContent = `${shown} of ${count} frames · ${sizeOf(bytes)}${bounded}${paused}`;
    this.#empty.hidden = shown > 0;
    this.#empty.textContent =
      frames.length === 0 ? "No frames yet." : "No frames match the filter.";
  }

  #togglePause(): void {
    this.#pausedAt = this.#pausedAt === undefined ? this.log.count : undefined;
    this.#pause.setAttribute("aria-pressed", String(this.#pausedAt !== undefined));
    this.#render();
  }

  #clear(): void {
    this.log.clear();
    this.#render();
  }
}
