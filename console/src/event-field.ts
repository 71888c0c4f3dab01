/** Chooses the event to broadcast: a known one, one seen here, or any other, with an example payload. */

import { h, input } from "./dom.ts";
import { examplePayload, KNOWN_EVENTS } from "./known-events.ts";
import { familyOf } from "./protocol.ts";

const OTHER = "";
/** A longer list would not help. */
const MOST_SEEN = 50;

export class EventField {
  readonly #other = input({ placeholder: "EVENT_TYPE", "aria-label": "Event type" });
  readonly #seen = h("optgroup", { label: "Seen here" });
  readonly #select = h(
    "select",
    { "aria-label": "Event" },
    h("optgroup", { label: "Known events" }, ...KNOWN_EVENTS.map(optionOf)),
    h("option", { value: OTHER }, "Another event"),
  );
  readonly element = h("span", { class: "event" }, this.#select, this.#other);
  /** The payloads of the events seen here, as they were sent. */
  readonly #payloads = new Map<string, string>();

  get type(): string {
    return this.#select.value === OTHER ? this.#other.value : this.#select.value;
  }

  set type(type: string) {
    const isListed = [...this.#select.options].some(({ value }) => value === type);
    this.#select.value = isListed ? type : OTHER;
    this.#other.value = isListed ? "" : type;
    this.show();
  }

  /** Records a received event: it can be sent again, and its payload is the best example. */
  see(type: string, payload: string): void {
    if (familyOf(type) !== "event" || KNOWN_EVENTS.some((known) => known.type === type)) return;
    const isNew = !this.#payloads.has(type);
    if (isNew && this.#payloads.size >= MOST_SEEN) return;
    this.#payloads.set(type, payload);
    if (!isNew) return;
    this.#seen.append(h("option", { value: type }, type));
    this.#select.querySelector("option[value='']")?.before(this.#seen);
  }

  example(projectId: string): string {
    return this.#payloads.get(this.type) ?? examplePayload(this.type, projectId);
  }

  show(): void {
    this.#other.hidden = this.#select.value !== OTHER;
  }
}

function optionOf({ type, what }: { type: string; what: string }): HTMLOptionElement {
  return h("option", { value: type, title: what }, type);
}
