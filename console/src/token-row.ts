/** Gives a new token to a client that needs one: pasted, or made here. */

import type { Identity } from "./connection.ts";
import { button, h, input } from "./dom.ts";
import { userIn } from "./token.ts";
import type { TokenMaker } from "./token-maker.ts";

export class TokenRow {
  readonly element: HTMLFormElement;
  readonly #token = input({
    type: "password",
    placeholder: "new token",
    "aria-label": "New token",
    required: true,
  });
  readonly #make: HTMLButtonElement;
  readonly #maker: TokenMaker;

  /** `onToken`: called with a token to reconnect with. */
  constructor(identity: () => Identity, maker: TokenMaker, onToken: (token: string) => void) {
    this.#maker = maker;
    this.#make = button("Make one", async () => onToken(await maker.tokenFor(identity())));
    this.element = h(
      "form",
      { class: "with-button", "aria-label": "A token for this client", hidden: true },
      this.#token,
      h("button", { type: "submit" }, "Use"),
      this.#make,
    );
    this.#token.addEventListener("input", () => this.#token.setCustomValidity(""));
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#use(onToken);
    });
  }

  show(isWanted: boolean): void {
    this.element.hidden = !isWanted;
    this.#make.hidden = !this.#maker.hasKey;
  }

  #use(onToken: (token: string) => void): void {
    const token = this.#token.value.trim();
    if (userIn(token) === undefined) {
      this.#token.setCustomValidity("This is not a JSON Web Token.");
      this.#token.reportValidity();
      return;
    }
    this.#token.value = "";
    onToken(token);
  }
}
