/** The form that adds a client: a user who is present, or an observer who is not. */

import type { Identity } from "./connection.ts";
import { announce, button, h, input, labelled } from "./dom.ts";
import { userIn } from "./token.ts";
import type { TokenMaker } from "./token-maker.ts";

/** Suggested users, one after the other. Two are enough to see something. */
const CAST = ["Ann", "Ben", "Cleo", "Dan", "Eve", "Finn"];
export const FIRST_PROJECT = "demo";

export class ConnectForm {
  readonly element: HTMLFormElement;
  readonly #onConnect: (identity: Identity) => void;
  readonly #maker: TokenMaker;
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

  constructor(maker: TokenMaker, onConnect: (identity: Identity) => void) {
    this.#maker = maker;
    this.#onConnect = onConnect;
    this.element = h(
      "form",
      { class: "connect", "aria-label": "Add a client" },
      labelled("Project", this.#project),
      labelled("User id", this.#userId),
      labelled("Name", this.#userName),
      labelled("Token", this.#token),
      h("button", { type: "submit", class: "main" }, "Connect"),
      button("Watch", () => void this.#watch(), {
        title: "Adds an observer, which receives the project's events and is not seen by anybody",
      }),
    );
    this.#token.addEventListener("input", () => this.#token.setCustomValidity(""));
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      const identity = this.#identity();
      if (identity === undefined) return;
      this.#add(identity);
      this.#suggest();
    });
    this.#suggest();
  }

  /** Adds the suggested clients without filling in the form. */
  connectSuggested(amount: number): void {
    for (let count = 0; count < amount; count++) this.element.requestSubmit();
  }

  /** Adds a client with this token. */
  connectWith(token: string): void {
    this.#token.value = token;
    this.element.requestSubmit();
  }

  /** The field kept in the page's address. */
  get fields(): Record<string, string> {
    const project = this.#project.value;
    return project === FIRST_PROJECT ? {} : { project };
  }

  set fields({ project }: Readonly<Record<string, string>>) {
    if (project !== undefined) this.#project.value = project;
  }

  /** Skips suggested users who are already here. */
  skip(names: readonly string[]): void {
    while (names.includes(this.#userName.value) && this.#next < CAST.length) this.#suggest();
  }

  /** Without a token an observer is a socket without a user. With one it is the token's user. */
  async #watch(): Promise<void> {
    if (!this.#project.reportValidity()) return;
    const projectId = this.#project.value;
    const given = this.#token.value.trim();
    const isMade = given === "" && this.#maker.hasKey;
    const token = isMade ? await this.#maker.tokenToWatch(projectId) : given;
    const user = token === "" ? { userId: "", userName: "" } : userIn(token);
    if (user === undefined) return this.#refuse();
    this.#token.value = "";
    this.#add({ projectId, ...user, token });
  }

  #add(identity: Identity): void {
    this.#onConnect(identity);
    announce(`${nameOf(identity)} was added`);
  }

  #identity(): Identity | undefined {
    const projectId = this.#project.value;
    const token = this.#token.value.trim();
    if (token === "") {
      return { projectId, userId: this.#userId.value, userName: this.#userName.value, token };
    }
    // The server refuses an id that is not the token's.
    const user = userIn(token);
    if (user) return { projectId, ...user, token };
    this.#refuse();
    return undefined;
  }

  #refuse(): void {
    this.#token.setCustomValidity("This is not a JSON Web Token.");
    this.#token.reportValidity();
  }

  #suggest(): void {
    const name = CAST[this.#next % CAST.length] ?? "";
    this.#next += 1;
    this.#userId.value = name.toLowerCase();
    this.#userName.value = name;
    this.#token.value = "";
  }
}

/** A client's name on the page. */
export function nameOf({ userId, userName }: Pick<Identity, "userId" | "userName">): string {
  return userName || userId || "Observer";
}
