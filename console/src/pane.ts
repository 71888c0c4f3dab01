/** One client on the screen: its connection, who is online, and every frame that it receives. */

import type {
  ConnectedPayload,
  ErrorPayload,
  KeyEpochPayload,
} from "../../packages/realtime/src/server-frames.ts";
import type { KeptClient } from "./address.ts";
import { SERVER } from "./base.ts";
import type { Clock } from "./clock.ts";
import { nameOf } from "./connect-form.ts";
import { Connection, type Identity, type State } from "./connection.ts";
import { button, codeBlock, h, setText } from "./dom.ts";
import { codeLink, pageOf } from "./error-page.ts";
import { FrameList } from "./frame-list.ts";
import type { FrameActions } from "./frame-row.ts";
import type { RememberedClient } from "./memory.ts";
import { Pad } from "./pad.ts";
import { avatarOf, showPeople } from "./people.ts";
import type { Frame } from "./protocol.ts";
import { Roster } from "./roster.ts";
import { clientFor } from "./snippets.ts";
import { SpeakForm } from "./speak-form.ts";
import { StateLog } from "./state-log.ts";
import { noticeOf, stateText } from "./state-text.ts";
import type { Timeline } from "./timeline.ts";
import { isPresent } from "./token.ts";
import type { TokenMaker } from "./token-maker.ts";
import { TokenRow } from "./token-row.ts";

/** What all clients on the page share. */
export interface Surroundings {
  readonly clock: Clock;
  readonly timeline: Timeline;
  readonly maker: TokenMaker;
  /** Called when it is removed from the screen. */
  onRemove(pane: Pane): void;
  /** Called when somebody joins or leaves, or when the connection changes. */
  onChange(pane: Pane): void;
  /** Called with each frame. */
  onFrame(text: string, frame: Frame): void;
  /** Called when the user wants to manage who is here. */
  onManage(projectId: string): void;
  onAgain: FrameActions["onAgain"];
}

/** How much of a client the tab remembers. */
const MOST_REMEMBERED = 100;

let count = 0;

export class Pane {
  readonly element: HTMLElement;
  readonly roster = new Roster();
  readonly connection: Connection;
  readonly name: string;
  /** Numbers the clients of this page. */
  readonly number = ++count;
  readonly #around: Surroundings;
  readonly #frames: FrameList;
  readonly #tokens: TokenRow;
  readonly #log: StateLog;
  readonly #pad: Pad;
  readonly #speak: SpeakForm;
  readonly #state = h("span", { class: "state", role: "status" });
  readonly #noticeText = h("span");
  readonly #noticeLink = h("span");
  readonly #notice = h(
    "p",
    { class: "notice", role: "status" },
    this.#noticeText,
    " ",
    this.#noticeLink,
  );
  readonly #floor = h("span", { class: "floor", title: FLOOR_MEANS });
  readonly #position = h("span", { class: "position" });
  readonly #here = h("h4");
  readonly #people = h("ul", { class: "people" });
  readonly #main = button("Cut", () => this.#act());
  readonly #leave = button("Leave", () => this.connection.leave());

  /** `before`: what the tab remembers of the client from before a reload. */
  constructor(identity: Identity, around: Surroundings, before?: RememberedClient) {
    this.#around = around;
    const { projectId } = identity;
    this.name = nameOf(identity);
    const { onAgain } = around;
    this.#frames = new FrameList(`${this.name} in ${projectId}`, { projectId, onAgain });
    this.#log = new StateLog(this.name);
    const send = (message: object) => this.connection.send(message);
    this.#pad = new Pad(this.name, send);
    this.#speak = new SpeakForm(send);
    const listener = {
      changed: () => this.#show(),
      received: this.#receive.bind(this),
    };
    this.connection = new Connection(identity, listener, before);
    this.#tokens = new TokenRow(
      () => this.connection.identity,
      around.maker,
      (token) => this.connection.renew(token),
    );
    for (const { text, at, wasMissed } of before?.frames ?? [])
      this.#frames.add({ text, frame: JSON.parse(text), wasMissed, at: new Date(at) });
    this.element = this.#build();
  }

  /** Connects, or returns to the state in which the page was left. */
  begin(was: State["name"] = "open"): void {
    if (was === "cut") this.connection.cut();
    else if (was === "left") this.connection.leave();
    else if (was === "waiting") this.connection.wait();
    else this.connection.connect();
  }

  get state(): State {
    return this.connection.state;
  }

  get isOpen(): boolean {
    return this.state.name === "open";
  }

  /** What the page's address keeps of the client. */
  get kept(): KeptClient {
    const { token, ...user } = this.connection.identity;
    return { ...user, hadToken: token !== "" || this.state.name === "waiting" };
  }

  /** What the tab remembers of the client, if the user wants that. */
  get remembered(): RememberedClient {
    const { identity, id, position } = this.connection;
    const frames = this.#frames.log.frames
      .slice(-MOST_REMEMBERED)
      .map(({ text, at, wasMissed }) => ({ text, at: at.getTime(), wasMissed }));
    return { identity, id, position, state: this.state.name, frames };
  }

  #receive(text: string, frame: Frame, wasMissed: boolean, askedAt: number | undefined): void {
    const at = new Date();
    const { clock, timeline, onFrame } = this.#around;
    const { timestamp } = frame;
    if (timestamp !== undefined && !wasMissed) clock.note(timestamp, at.getTime(), askedAt);
    const latencyMs =
      timestamp === undefined || wasMissed ? undefined : clock.latency(timestamp, at.getTime());
    this.#frames.add({ text, frame, wasMissed, at, latencyMs });
    const arrival = { at: at.getTime(), latencyMs, wasMissed };
    timeline.note(this.number, this.connection.identity.projectId, text, frame, arrival);
    onFrame(text, frame);
    if (this.roster.hear(frame)) this.#showPeople();
    this.#pad.hear(frame);
    this.#hear(frame);
    if (frame.seq !== undefined) this.#showPosition();
  }

  #hear({ type, payload }: Frame): void {
    if (type === "CONNECTED") {
      const { clientEvents, minKeyEpoch } = payload as ConnectedPayload;
      this.#speak.show(clientEvents);
      this.#showFloor(minKeyEpoch);
    }
    if (type === "KEY_EPOCH") this.#showFloor((payload as KeyEpochPayload).minKeyEpoch);
    if (type === "ERROR") this.#speak.refused(payload as ErrorPayload);
  }

  #showFloor(minKeyEpoch: number | undefined): void {
    setText(
      this.#floor,
      minKeyEpoch === undefined ? "" : ` · encrypted, from epoch ${minKeyEpoch}`,
    );
    this.#speak.showEncrypted(minKeyEpoch !== undefined);
  }

  #build(): HTMLElement {
    const { identity } = this.connection;
    const { projectId } = identity;
    const snippet = codeBlock("Client code");
    snippet.show(clientFor(SERVER, identity));
    return h(
      "article",
      { class: "pane", "aria-label": `${this.name} in ${projectId}` },
      this.#header(),
      h("div", { class: "controls" }, this.#main, this.#leave, this.#position),
      this.#notice,
      this.#tokens.element,
      h(
        "section",
        { class: "presence", "aria-label": "Present" },
        this.#here,
        this.#people,
        button("Manage", () => this.#around.onManage(projectId), { class: "small" }),
      ),
      this.#frames.element,
      h(
        "div",
        { class: "extras" },
        this.#log.element,
        this.#speak.element,
        this.#pad.element,
        h("details", { class: "snippet" }, h("summary", {}, "Client code"), snippet.element),
      ),
    );
  }

  #header(): HTMLElement {
    const { userId, userName, projectId, token } = this.connection.identity;
    const title = h("h3", {}, this.name);
    if (userName !== "" && userId !== "") title.append(h("span", { class: "hint" }, ` ${userId}`));
    const project = h("span", { class: "project" }, projectId);
    if (!isPresent(token, userId)) project.append(" · not present");
    project.append(this.#floor);
    return h(
      "header",
      {},
      avatarOf({ userId, userName: this.name }),
      h("div", { class: "who" }, title, project),
      this.#state,
      button("×", () => this.#remove(), {
        class: "quiet",
        "aria-label": `Remove ${this.name}`,
        title: "Remove",
      }),
    );
  }

  #remove(): void {
    this.connection.leave();
    this.element.remove();
    this.#around.onRemove(this);
  }

  /** The main button's action depends on the state of the connection. */
  #act(): void {
    if (this.isOpen) this.connection.cut();
    else this.connection.connect();
  }

  #show(): void {
    const { state, recovery } = this.connection;
    const ending = state.name === "ended" ? state.ending : undefined;
    this.element.dataset.state = state.name;
    setText(this.#state, stateText(state));
    this.#main.textContent = MAIN[state.name];
    this.#main.classList.toggle("main", !this.isOpen);
    this.#main.disabled = state.name === "connecting";
    this.#main.title = this.isOpen ? "Breaks the connection, as a lost network does" : "";
    this.#leave.disabled = !this.isOpen;
    const { text, tone } = noticeOf(state, recovery);
    setText(this.#noticeText, text);
    const page = ending && pageOf(ending.code);
    this.#noticeLink.replaceChildren(
      ...(ending && page ? [codeLink(`About ${ending.code}`, page)] : []),
    );
    this.#notice.hidden = text === "";
    this.#notice.dataset.tone = tone;
    this.#tokens.show(state.name === "waiting" || ending?.wantsToken === true);
    this.#log.note(state);
    this.#showPeople();
    this.#showPosition();
  }

  #showPeople(): void {
    this.#here.textContent = `Here ${this.roster.active}`;
    showPeople(this.#people, this.roster, this.connection.identity.userId);
    this.#around.onChange(this);
  }

  #showPosition(): void {
    const { position } = this.connection;
    this.#position.textContent = position === undefined ? "" : `position ${position}`;
    this.#position.title = "<epoch>:<seq>, which the client sends as since when it returns";
  }
}

const FLOOR_MEANS =
  "minKeyEpoch: the server refuses what is not encrypted here, or under the key of an older epoch";

const MAIN = {
  connecting: "Cut",
  open: "Cut",
  cut: "Return",
  left: "Connect",
  waiting: "Connect",
  ended: "Connect",
} as const;
