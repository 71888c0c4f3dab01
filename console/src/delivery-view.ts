/** How long a broadcast took from the click to each client of this page. */

import type { Answer, Call } from "./broadcast.ts";
import { h } from "./dom.ts";
import type { Happening, Timeline } from "./timeline.ts";

export interface Reached {
  readonly number: number;
  readonly name: string;
  readonly projectId: string;
  readonly isOpen: boolean;
}

interface Sent extends Call {
  readonly clickedAt: number;
}

export class DeliveryView {
  readonly element = h("div", { class: "deliveries", hidden: true });
  readonly #list = h("ul", { "aria-label": "From the click to each client" });
  readonly #timeline: Timeline;
  readonly #clients: () => Reached[];
  #stop: () => void = () => {};

  /** `clients`: the clients on the page now. */
  constructor(timeline: Timeline, clients: () => Reached[]) {
    this.#timeline = timeline;
    this.#clients = clients;
    this.element.append(h("span", { class: "hint" }, "click to client"), this.#list);
  }

  clear(): void {
    this.#stop();
    this.element.hidden = true;
  }

  /** Shows live which clients the last event of a broadcast reaches. */
  follow({ projectId, clickedAt, body }: Sent, answer: Answer): void {
    this.#stop();
    const clients = this.#clients().filter(
      (client) => client.isOpen && client.projectId === projectId,
    );
    if (answer.duplicate || clients.length === 0) return;
    const seq = (answer.events?.at(-1) ?? answer).seq;
    const type = seq === undefined ? typeIn(body) : undefined;
    const show = () => {
      const happening = this.#timeline.find(projectId, clickedAt, { seq, type });
      this.#list.replaceChildren(...clients.map((client) => itemOf(client, happening, clickedAt)));
      if (clients.every(({ number }) => happening?.arrivals.has(number))) this.#stop();
    };
    this.#stop = this.#timeline.listen(show);
    this.element.hidden = false;
    show();
  }
}

function itemOf(
  { number, name }: Reached,
  happening: Happening | undefined,
  since: number,
): HTMLElement {
  const at = happening?.arrivals.get(number)?.at;
  const time = at === undefined ? "not received" : `${Math.max(0, at - since)} ms`;
  return h("li", { "data-reached": String(at !== undefined) }, `${name} `, h("b", {}, time));
}

/** An ephemeral event has no number, so it is recognised by its type. */
function typeIn(body: string): string | undefined {
  const { eventType, events } = JSON.parse(body) as {
    eventType?: string;
    events?: { eventType?: string }[];
  };
  return events?.at(-1)?.eventType ?? eventType;
}
