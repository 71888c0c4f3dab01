/** The users in a project, as the server reports them, and what can be done to them. */

import { button, h, input, labelled } from "./dom.ts";
import { factList, showOutcome } from "./outcome.ts";
import { avatarOf, verifiedMark } from "./people.ts";
import {
  lookAt,
  type RoomState,
  type RoomUser,
  raiseKeyEpoch,
  removeUser,
  revokeTokens,
} from "./room.ts";
import type { SecretField } from "./secret-field.ts";
import type { Outcome } from "./server.ts";

/** Joins and leaves that come together need only one look. */
const SETTLE_MS = 300;

export class RoomView {
  readonly element: HTMLFormElement;
  readonly #secret: SecretField;
  readonly #project = input({ required: true, maxlength: "128", list: "projects" });
  readonly #seconds = input({
    type: "number",
    value: "0",
    min: "0",
    max: "31536000",
    "aria-label": "Seconds before a removed user can return",
  });
  readonly #keyEpoch = input({
    type: "number",
    min: "1",
    max: "4294967295",
    placeholder: "as it is",
    "aria-label": "Oldest key epoch that the project takes",
  });
  readonly #raise = twoSteps("Raise", "Raise the oldest key epoch", () => this.#raiseKeyEpoch());
  readonly #facts = h("div");
  readonly #users = h("ul", { class: "members", "aria-label": "Users in the project" });
  readonly #outcome = h("div", { class: "outcome", role: "status" });
  /** The project that is shown. */
  #shown = "";
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(secret: SecretField) {
    this.#secret = secret;
    this.element = h(
      "form",
      { class: "card room", "aria-label": "Who is here" },
      h("h2", {}, "Who is here"),
      h(
        "div",
        { class: "fields" },
        labelled("Project to look at", this.#project),
        labelled("Keep out for", this.#seconds, "seconds; 0 allows a return"),
        labelled(
          "Oldest key epoch",
          h("span", { class: "with-button" }, this.#keyEpoch, this.#raise),
          "raised alone, or with a removal",
        ),
        h("button", { type: "submit", class: "main" }, "Look"),
      ),
      this.#outcome,
      this.#facts,
      this.#users,
    );
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#look();
    });
  }

  get project(): string {
    return this.#project.value;
  }

  set project(projectId: string) {
    this.#project.value = projectId;
  }

  /** Looks now, if the secret is there. Otherwise asks for it. */
  open(projectId: string): void {
    this.#project.value = projectId;
    void this.#look();
  }

  /** Somebody joined or left: what is shown is out of date. */
  peopleChanged(): void {
    clearTimeout(this.#timer);
    if (this.#shown === "" || this.#secret.value === "" || this.element.hidden) return;
    this.#timer = setTimeout(() => void this.#refresh(), SETTLE_MS);
  }

  async #look(): Promise<void> {
    if (!this.#secret.demand()) return;
    this.#outcome.replaceChildren();
    await this.#refresh();
  }

  async #refresh(): Promise<void> {
    const projectId = this.#project.value;
    const outcome = await lookAt(projectId, this.#secret.value);
    if (outcome.status !== 200) return this.#fail(outcome);
    this.#shown = projectId;
    this.#show(JSON.parse(outcome.text) as RoomState);
  }

  #fail(outcome: Outcome): void {
    this.#shown = "";
    this.#facts.replaceChildren();
    this.#users.replaceChildren();
    this.#tell(outcome);
  }

  #show({ connections, activeUsers, users, epoch, seq, oldestSeq, ...room }: RoomState): void {
    const { minKeyEpoch } = room;
    const facts = {
      Users: String(activeUsers),
      Connections: String(connections),
      ...(epoch === undefined ? {} : { Position: `${epoch}:${seq}` }),
      ...(typeof oldestSeq === "number" ? { "Kept from": `#${oldestSeq}` } : {}),
      ...(minKeyEpoch === undefined ? {} : { Encrypted: `from epoch ${minKeyEpoch}` }),
    };
    this.#facts.replaceChildren(factList(facts));
    const nobody = h(
      "li",
      { class: "more" },
      "Nobody is present. Observers count only as connections.",
    );
    const items = users.map((user) => this.#itemOf(user));
    this.#users.replaceChildren(...(items.length === 0 ? [nobody] : items));
  }

  #itemOf(user: RoomUser): HTMLElement {
    const { userId, userName, devices, verified } = user;
    const name = userName ?? userId;
    const where =
      devices === 0
        ? "expected back"
        : `${devices} ${devices === 1 ? "connection" : "connections"}`;
    const who = h(
      "span",
      { class: "who" },
      h("b", {}, h("bdi", {}, name)),
      " ",
      h("bdi", {}, userName === null ? "" : userId),
    );
    if (verified) who.append(" ", verifiedMark());
    return h(
      "li",
      { "data-user": userId },
      avatarOf(user),
      who,
      h("span", { class: "hint" }, where),
      h(
        "span",
        { class: "acts" },
        twoSteps("Remove", `Remove ${name}`, () => this.#remove(userId, name)),
        twoSteps("Revoke tokens", `Revoke tokens of ${name}`, () => this.#revoke(userId, name)),
      ),
    );
  }

  async #remove(userId: string, name: string): Promise<void> {
    const seconds = Math.round(Number(this.#seconds.value)) || 0;
    const minKeyEpoch = Number(this.#keyEpoch.value);
    const removal = { seconds, minKeyEpoch };
    const outcome = await removeUser(this.#shown, userId, removal, this.#secret.value);
    const until = seconds > 0 ? ` and can't come back for ${seconds} s` : " and can come back";
    await this.#done(outcome, `${name} was removed${until}.`);
  }

  async #revoke(userId: string, name: string): Promise<void> {
    const outcome = await revokeTokens(this.#shown, userId, this.#secret.value);
    await this.#done(outcome, `All tokens issued to ${name} so far are revoked.`);
  }

  async #raiseKeyEpoch(): Promise<void> {
    if (!this.#secret.demand()) return;
    const epoch = Number(this.#keyEpoch.value);
    this.#shown = this.#project.value;
    const outcome = await raiseKeyEpoch(this.#shown, epoch, this.#secret.value);
    const { minKeyEpoch } = outcome.status === 200 ? JSON.parse(outcome.text) : {};
    await this.#done(outcome, `The project takes epoch ${minKeyEpoch} and newer.`);
  }

  async #done(outcome: Outcome, words: string): Promise<void> {
    this.#tell(outcome, words);
    await this.#refresh();
  }

  #tell(outcome: Outcome, words?: string): void {
    showOutcome(this.#outcome, outcome, words);
    this.#outcome.scrollIntoView({ block: "nearest" });
  }
}

/** A button that acts on its second click: the first could be a slip, and would affect a user. */
function twoSteps(text: string, name: string, act: () => Promise<void>): HTMLButtonElement {
  let isSure = false;
  const made = button(text, () => {
    if (isSure) {
      made.disabled = true;
      void act().finally(() => {
        made.disabled = false;
        reset();
      });
      return;
    }
    isSure = true;
    show("Sure?", `${name}: sure?`);
    made.classList.add("danger");
  });
  const show = (label: string, fullName: string) => {
    made.textContent = label;
    made.setAttribute("aria-label", fullName);
  };
  const reset = () => {
    isSure = false;
    show(text, name);
    made.classList.remove("danger");
  };
  made.addEventListener("blur", reset);
  show(text, name);
  return made;
}
