/** The parts of the page that share one place, shown one at a time. */

import { button, h } from "./dom.ts";

export interface View {
  readonly name: string;
  readonly element: HTMLElement;
  /** Called when it is shown. */
  onShow?(): void;
}

export class Views {
  readonly element = h("div", {
    class: "modes views",
    role: "group",
    "aria-label": "View",
  });
  readonly #views: readonly View[];
  readonly #onChange: () => void;
  readonly #buttons: HTMLButtonElement[];
  #current = 0;

  constructor(views: readonly View[], onChange: () => void) {
    this.#views = views;
    this.#onChange = onChange;
    this.#buttons = views.map(({ name }) => button(name, () => this.show(name)));
    this.element.append(...this.#buttons);
    this.#render();
  }

  get current(): string {
    return this.#views[this.#current]?.name ?? "";
  }

  get isFirst(): boolean {
    return this.#current === 0;
  }

  show(name: string): void {
    const index = this.#views.findIndex((view) => view.name === name);
    if (index < 0) return;
    this.#current = index;
    this.#render();
    this.#views[index]?.onShow?.();
    this.#onChange();
  }

  #render(): void {
    for (const [index, { element }] of this.#views.entries()) {
      element.hidden = index !== this.#current;
      this.#buttons[index]?.setAttribute("aria-pressed", String(index === this.#current));
    }
  }
}
