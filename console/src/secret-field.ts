/** Where the secret of broadcasts is pasted. It stays in this field's memory: in no attribute, no URL and no storage. */

import { h, input, labelled } from "./dom.ts";

export class SecretField {
  readonly #input = input({ type: "password", placeholder: "paste it here", id: "secret" });
  readonly element = h(
    "div",
    { class: "secret" },
    labelled("Broadcast secret", this.#input, "kept in this page's memory only"),
  );

  get value(): string {
    return this.#input.value.trim();
  }

  /** Asks for it, if it is not there. Answers whether it is. */
  demand(): boolean {
    if (this.value !== "") return true;
    this.#input.focus();
    return false;
  }
}
