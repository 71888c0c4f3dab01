/**
 * The field for the broadcast secret. The secret stays in this field's memory. It is never in an
 * attribute or a URL, and not in storage either, unless the user wants this tab to remember it.
 */

import { h, input, labelled } from "./dom.ts";

export class SecretField {
  readonly #input = input({ type: "password", placeholder: "paste it here", id: "secret" });
  readonly #remember = h("input", { type: "checkbox" });
  readonly #problem = h("p", { class: "problem", role: "status", hidden: true });
  readonly element = h(
    "div",
    { class: "secret" },
    labelled("Broadcast secret", this.#input),
    h(
      "label",
      { class: "check" },
      this.#remember,
      "Remember in this tab",
      h("span", { class: "hint" }, "tokens and frames too"),
    ),
    this.#problem,
  );

  constructor() {
    this.#input.addEventListener("input", () => this.#show(""));
  }

  get value(): string {
    return this.#input.value.trim();
  }

  set value(secret: string) {
    this.#input.value = secret;
    this.#show("");
  }

  get isRemembered(): boolean {
    return this.#remember.checked;
  }

  set isRemembered(wanted: boolean) {
    this.#remember.checked = wanted;
  }

  /** Asks for the secret if it is missing. Returns whether it is there. */
  demand(): boolean {
    if (this.value !== "") return true;
    this.#show("Paste BROADCAST_SECRET first. In development it is in .dev.vars.");
    this.#input.focus();
    return false;
  }

  #show(problem: string): void {
    this.#problem.textContent = problem;
    this.#problem.hidden = problem === "";
  }
}
