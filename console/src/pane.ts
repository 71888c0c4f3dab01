/** One client on the screen: its connection, who is there, and every frame that it gets. */

import { Connection, type Identity } from "./connection.ts";
import { button, codeBlock, h } from "./dom.ts";
import { FrameList } from "./frame-list.ts";
import { avatarOf, showPeople } from "./people.ts";
import { Roster } from "./roster.ts";
import { clientFor } from "./snippets.ts";
import { noticeOf, stateText } from "./state-text.ts";

export interface PaneOptions {
  readonly identity: Identity;
  /** Called when it is taken from the screen. */
  onRemove(pane: Pane): void;
  /** Called when somebody comes or goes. */
  onPeople(): void;
}

export class Pane {
  readonly element: HTMLElement;
  readonly roster = new Roster();
  readonly connection: Connection;
  readonly #options: PaneOptions;
  readonly #name: string;
  readonly #frames: FrameList;
  readonly #state = h("span", { class: "state", role: "status" });
  readonly #notice = h("p", { class: "notice", role: "status" });
  readonly #position = h("span", { class: "position" });
  readonly #here = h("h4");
  readonly #people = h("ul", { class: "people" });
  readonly #main: HTMLButtonElement;
  readonly #leave: HTMLButtonElement;

  constructor(options: PaneOptions) {
    this.#options = options;
    const { userId, userName, projectId } = options.identity;
    this.#name = userName || userId || "anonymous";
    this.#frames = new FrameList(`${this.#name} in ${projectId}`);
    this.connection = new Connection(options.identity, {
      changed: () => this.#show(),
      received: (text, frame, wasMissed) => {
        this.#frames.add(text, frame, wasMissed);
        if (this.roster.hear(frame)) this.#showPeople();
        if (frame.seq !== undefined) this.#showPosition();
      },
    });
    this.#main = button("Cut", () => this.#act());
    this.#leave = button("Leave", () => this.connection.leave());
    this.element = this.#build();
    this.connection.connect();
  }

  #build(): HTMLElement {
    const { identity, onRemove } = this.#options;
    const { userId, userName, projectId } = identity;
    const remove = () => {
      this.connection.leave();
      this.element.remove();
      onRemove(this);
    };
    const snippet = codeBlock("Client code");
    snippet.show(clientFor(new URL(location.href), identity));
    const title = h("h3", {}, this.#name);
    if (userName !== "" && userId !== "") title.append(h("span", { class: "hint" }, ` ${userId}`));
    return h(
      "article",
      { class: "pane", "aria-label": `${this.#name} in ${projectId}` },
      h(
        "header",
        {},
        avatarOf({ userId, userName: this.#name }),
        h("div", { class: "who" }, title, h("span", { class: "project" }, projectId)),
        this.#state,
        button("×", remove, {
          class: "quiet",
          "aria-label": `Remove ${this.#name}`,
          title: "Remove",
        }),
      ),
      h("div", { class: "controls" }, this.#main, this.#leave, this.#position),
      this.#notice,
      h("section", { class: "presence", "aria-label": "Present" }, this.#here, this.#people),
      this.#frames.element,
      h("details", { class: "snippet" }, h("summary", {}, "Client code"), snippet.element),
    );
  }

  /** What the main button does depends on where the connection is. */
  #act(): void {
    if (this.connection.state.name === "open") this.connection.cut();
    else this.connection.connect();
  }

  #show(): void {
    const { state, recovery } = this.connection;
    const isOpen = state.name === "open";
    this.element.dataset.state = state.name;
    setText(this.#state, stateText(state));
    this.#main.textContent = MAIN[state.name];
    this.#main.classList.toggle("main", !isOpen);
    this.#main.disabled = state.name === "connecting";
    this.#main.title = isOpen ? "Breaks the connection, as a lost network does" : "";
    this.#leave.disabled = !isOpen;
    const { text, tone } = noticeOf(state, recovery);
    setText(this.#notice, text);
    this.#notice.hidden = text === "";
    this.#notice.dataset.tone = tone;
    this.#showPeople();
    this.#showPosition();
  }

  #showPeople(): void {
    this.#here.textContent = `Here ${this.roster.active}`;
    showPeople(this.#people, this.roster, this.#options.identity.userId);
    this.#options.onPeople();
  }

  #showPosition(): void {
    const { position } = this.connection;
    this.#position.textContent = position === undefined ? "" : `position ${position}`;
    this.#position.title = "<epoch>:<seq>, which the client gives as since when it returns";
  }
}

const MAIN = {
  connecting: "Cut",
  open: "Cut",
  cut: "Return",
  left: "Connect",
  ended: "Connect",
} as const;

/** A live region speaks each time that its text is set. */
function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
