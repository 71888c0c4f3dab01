/** The frames of one client as a list, the newest on top, with filter, pause and copy. */

import { button, copyButton, h, input } from "./dom.ts";
import { FrameLog, MOST_FRAMES, matches, type Received, sizeOf, timeOf } from "./frames.ts";
import { pretty, prettyText, type Token } from "./json.ts";
import { type Frame, familyOf } from "./protocol.ts";

/** Longer ones are shown without colours: a span for each token of a megabyte would be slow. */
const MOST_COLOURED_BYTES = 32_768;
const PREVIEW_LENGTH = 160;
/** A row lights up for a frame that has just come, not for one that a filter brings back. */
const NEW_MS = 1_000;

export class FrameList {
  readonly element: HTMLElement;
  readonly log = new FrameLog();
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
  /** The newest frame that was there when the list was paused. */
  #pausedAt: number | undefined;
  #isDue = false;
  /** The rows that are in the list, by the number of their frame. */
  readonly #rows = new Map<number, HTMLElement>();

  constructor(owner: string) {
    this.#list.setAttribute("aria-label", `Frames to ${owner}`);
    this.#pause = button("Pause", () => this.#togglePause(), { "aria-pressed": "false" });
    this.#search.addEventListener("input", () => this.#render());
    this.#type.addEventListener("change", () => this.#render());
    const tools = h(
      "div",
      { class: "tools", role: "group", "aria-label": "Frames" },
      this.#search,
      this.#type,
      this.#pause,
      copyButton("Copy all", () =>
        this.#shown()
          .map(({ text }) => text)
          .join("\n"),
      ),
      button("Clear", () => this.#clear()),
    );
    this.element = h("div", { class: "frame-list" }, tools, this.#list, this.#empty, this.#summary);
    this.#render();
  }

  add(text: string, frame: Frame, wasMissed: boolean): void {
    this.log.add(text, frame, wasMissed);
    if (this.#isDue) return;
    // A burst is drawn once.
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      this.#render();
    });
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
    // From the oldest up: each row stands just above the one before. Rows that are right stay as they are, open or not.
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
    const row = rowOf(frame);
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
    this.#pause.dataset.waiting = waiting > 0 ? `${waiting}` : "";
    const bounded = count > MOST_FRAMES ? `, the newest ${MOST_FRAMES} kept` : "";
    const paused = this.#pausedAt === undefined ? "" : ` · paused, ${waiting} new`;
    this.#summary.textContent = `${shown} of ${count} frames · ${sizeOf(bytes)}${bounded}${paused}`;
    this.#empty.hidden = shown > 0;
    this.#empty.textContent =
      frames.length === 0 ? "No frame yet." : "No frame matches the filter.";
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

function rowOf({ frame, at, text, bytes, wasMissed }: Received): HTMLElement {
  const { type, payload, seq } = frame;
  const summary = h(
    "summary",
    {},
    h("time", { datetime: at.toISOString() }, timeOf(at)),
    h("b", { class: "type" }, type),
    h("span", { class: "preview" }, (JSON.stringify(payload) ?? "").slice(0, PREVIEW_LENGTH)),
    h("span", { class: "seq" }, seq === undefined ? "" : `#${seq}`),
    h("span", { class: "bytes" }, sizeOf(bytes)),
  );
  if (wasMissed) summary.append(h("span", { class: "missed" }, "missed"));
  const details = h("details", {}, summary);
  // What nobody opens is not laid out.
  details.addEventListener("toggle", () => details.append(bodyOf(text, bytes)), { once: true });
  const isNew = Date.now() - at.getTime() < NEW_MS;
  const marks = { "data-family": familyOf(type), "data-type": type, "data-new": isNew };
  return h("li", { class: "frame", ...marks }, details);
}

function bodyOf(text: string, bytes: number): HTMLElement {
  const code = bytes > MOST_COLOURED_BYTES ? [prettyText(text)] : pretty(text).map(coloured);
  const pre = h("pre", { class: "code", tabindex: "0", "aria-label": "The frame" }, ...code);
  return h(
    "div",
    { class: "code-block" },
    pre,
    copyButton("Copy", () => text),
  );
}

function coloured({ kind, text }: Token): Node | string {
  return kind === "space" || kind === "punctuation" ? text : h("span", { class: kind }, text);
}
