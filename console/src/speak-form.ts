/** What a client says to the others: client events (P11) and presence data (P12). */

import type { ErrorPayload } from "../../packages/realtime/src/server-frames.ts";
import { button, h, input, labelled } from "./dom.ts";
import { codeLink, pageOf } from "./error-page.ts";
import { problemOf } from "./json.ts";
import type { Send } from "./pad.ts";

const FIRST_TYPE = "client-wave";
/** The codes with which a project that is encrypted refuses what is not, or no longer well. */
const OF_ENCRYPTION = new Set(["not_encrypted", "stale_key_epoch"]);
const FIRST_PATCH = '{"status": "away"}';

export class SpeakForm {
  readonly element: HTMLElement;
  readonly #send: Send;
  readonly #type = input({ value: FIRST_TYPE });
  readonly #payload = area("{}");
  readonly #only = input({ placeholder: "everybody", list: "users" });
  readonly #patch = area(FIRST_PATCH);
  readonly #problem = h("p", { class: "problem", role: "status", hidden: true });
  readonly #encrypted = h(
    "p",
    { class: "hint", hidden: true },
    "This project is encrypted, and the console has no keys: the server refuses what is said here.",
  );
  readonly #off = h(
    "p",
    { class: "hint", hidden: true },
    "Clients may not talk to each other here. The server needs CLIENT_EVENTS = on, and a token the permission send.",
  );

  constructor(send: Send) {
    this.#send = send;
    this.element = h(
      "details",
      { class: "snippet speak" },
      h("summary", {}, "Say something"),
      this.#off,
      this.#encrypted,
      h(
        "div",
        { class: "pair" },
        labelled("Client event", this.#type),
        labelled("To users", this.#only),
      ),
      labelled("Content", this.#payload, "JSON"),
      button("Send event", () => this.#say()),
      labelled("Presence data", this.#patch, "JSON that is merged; null deletes a key"),
      button("Set presence", () => this.#set()),
      this.#problem,
    );
  }

  /** `mayTalk`: what the server said of this connection. */
  show(mayTalk: boolean): void {
    this.#off.hidden = mayTalk;
  }

  showEncrypted(isEncrypted: boolean): void {
    this.#encrypted.hidden = !isEncrypted;
  }

  /** The server has refused a message. */
  refused({ code, message }: ErrorPayload): void {
    if (!OF_ENCRYPTION.has(code)) return;
    this.#problem.replaceChildren(codeLink(code, pageOf(code)), `: ${message}`);
    this.#problem.hidden = false;
  }

  #say(): void {
    if (!this.#accepts("content", this.#payload)) return;
    const users = this.#only.value.split(",").map((id) => id.trim());
    const userIds = users.filter((id) => id !== "");
    this.#send({
      type: "SEND",
      eventType: this.#type.value,
      payload: JSON.parse(this.#payload.value || "null"),
      ...(userIds.length > 0 ? { userIds } : {}),
    });
  }

  #set(): void {
    if (!this.#accepts("presence data", this.#patch)) return;
    this.#send({ type: "PRESENCE_SET", patch: JSON.parse(this.#patch.value || "{}") });
  }

  #accepts(name: string, { value }: HTMLTextAreaElement): boolean {
    const problem = value.trim() === "" ? undefined : problemOf(value);
    this.#problem.hidden = problem === undefined;
    this.#problem.textContent = problem === undefined ? "" : `The ${name} is not JSON: ${problem}`;
    return problem === undefined;
  }
}

function area(text: string): HTMLTextAreaElement {
  const made = h("textarea", { rows: "2", spellcheck: "false", autocomplete: "off" });
  made.value = text;
  return made;
}
