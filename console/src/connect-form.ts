/** The form that adds a client. */

import type { Identity } from "./connection.ts";
import { announce, h, input, labelled } from "./dom.ts";
import { userIn } from "./token.ts";

/** Who is suggested, one after the other: two are enough to see something. */
const CAST = ["Ann", "Ben", "Cleo", "Dan", "Eve", "Finn"];
export const FIRST_PROJECT = "demo";

export class ConnectForm {
  readonly element: HTMLFormElement;
  readonly #project = input({
    value: FIRST_PROJECT,
    required: true,
    maxlength: "128",
    list: "projects",
  });
  readonly #userId = input({ maxlength: "128", placeholder: "anonymous" });
  readonly #userName = input({ maxlength: "256" });
  readonly #token = input({ type: "password", placeholder: "optional" });
  #next = 0;

  constructor(onConnect: (identity: Identity) => void) {
    this.element = h(
      "form",
      { class: "connect", "aria-label": "Add a client" },
      labelled("Project", this.#project),
      labelled("User id", this.#userId),
      labelled("Name", this.#userName),
      labelled("Token", this.#token),
      h("button", { type: "submit", class: "main" }, "Connect"),
    );
    this.#token.addEventListener("input", () => this.#token.setCustomValidity(""));
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      const identity = this.#identity();
      if (identity === undefined) return;
      onConnect(identity);
      announce(`${identity.userName || identity.userId || "An anonymous client"} was added`);
      this.#suggest();
    });
    this.#suggest();
  }

  /** Adds the clients that are suggested, without a form to fill in. */
  connectSuggested(amount: number): void {
    for (let count = 0; count < amount; count++) this.element.requestSubmit();
  }

  #identity(): Identity | undefined {
    const projectId = this.#project.value;
    const token = this.#token.value.trim();
    if (token === "") {
      return { projectId, userId: this.#userId.value, userName: this.#userName.value, token };
    }
    // The server refuses another id beside that of the token.
    const user = userIn(token);
    if (user) return { projectId, ...user, token };
    this.#token.setCustomValidity("This is no JSON Web Token.");
    this.#token.reportValidity();
    return undefined;
  }

  #suggest(): void {
    const name = CAST[this.#next % CAST.length] ?? "";
    this.#next += 1;
    this.#userId.value = name.toLowerCase();
    this.#userName.value = name;
    this.#token.value = "";
  }
}
