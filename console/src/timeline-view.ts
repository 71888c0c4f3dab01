/** One timeline over all clients: each event once, with how long it took to reach each client. */

import { button, h } from "./dom.ts";
import { readableText } from "./encrypted.ts";
import { timeOf } from "./frames.ts";
import { type Arrival, type Happening, MOST_EVENTS, type Timeline } from "./timeline.ts";

export interface Column {
  readonly number: number;
  readonly name: string;
  readonly projectId: string;
}

const PREVIEW_LENGTH = 160;

export class TimelineView {
  readonly element: HTMLElement;
  readonly #timeline: Timeline;
  readonly #columns: () => Column[];
  readonly #head = h("tr");
  readonly #body = h("tbody");
  readonly #empty = h("p", { class: "nothing" }, "No events yet. Broadcast one.");
  readonly #table: HTMLElement;
  #isDue = false;

  /** `columns`: the clients that are on the page now. */
  constructor(timeline: Timeline, columns: () => Column[]) {
    this.#timeline = timeline;
    this.#columns = columns;
    const table = h("table", {}, h("thead", {}, this.#head), this.#body);
    const region = { class: "scrolls", tabindex: "0", role: "region", "aria-label": "Events" };
    this.#table = h("div", region, table);
    this.element = h(
      "section",
      { class: "card timeline", "aria-label": "Timeline" },
      h(
        "div",
        { class: "bar" },
        h("h2", {}, "Timeline"),
        button("Clear", () => timeline.clear(), { class: "last" }),
      ),
      h(
        "p",
        { class: "hint" },
        "How long each event took to arrive, from the server's timestamp in it.",
      ),
      this.#table,
      this.#empty,
    );
    timeline.listen(() => this.draw());
  }

  /** Redraws with the screen's next frame, if it is visible. */
  draw(): void {
    if (this.#isDue || this.element.hidden) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      this.#render();
    });
  }

  #render(): void {
    const columns = this.#columns();
    const events = this.#timeline.newestFirst().slice(0, MOST_EVENTS);
    const clients = columns.map(({ name }) => name);
    const names = ["Seq", "Event", ...clients, "Sent", "Project"];
    this.#head.replaceChildren(
      ...names.map((name) => h("th", { scope: "col", title: name }, name)),
    );
    this.#body.replaceChildren(...events.map((event) => rowOf(event, columns)));
    this.#table.hidden = events.length === 0;
    this.#empty.hidden = events.length > 0;
  }
}

function rowOf({ projectId, frame, text, arrivals }: Happening, columns: Column[]): HTMLElement {
  const { seq, type, timestamp } = frame;
  const sent = timestamp === undefined ? "" : timeOf(new Date(timestamp));
  return h(
    "tr",
    { "data-type": type },
    h("td", { class: "seq" }, seq === undefined ? "–" : `#${seq}`),
    h("td", { class: "type", title: readableText(text, frame).slice(0, PREVIEW_LENGTH) }, type),
    ...columns.map((column) =>
      column.projectId === projectId
        ? cellOf(arrivals.get(column.number))
        : h("td", { class: "elsewhere" }),
    ),
    h("td", {}, h("time", {}, sent)),
    h("td", { class: "project" }, projectId),
  );
}

function cellOf(arrival: Arrival | undefined): HTMLElement {
  if (arrival === undefined) return h("td", { class: "without" }, "–");
  if (arrival.wasMissed) return h("td", {}, h("span", { class: "missed" }, "missed"));
  return h("td", {}, arrival.latencyMs === undefined ? "received" : `${arrival.latencyMs} ms`);
}
