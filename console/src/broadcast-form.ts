/** The form for broadcasts: a known event, or any JSON. Below it is the same call as a command. */

import { SERVER } from "./base.ts";
import { answerIn, bodyOf, type Call, roomPath } from "./broadcast.ts";
import { FIRST_PROJECT } from "./connect-form.ts";
import type { DeliveryView } from "./delivery-view.ts";
import { button, codeBlock, h, input, labelled } from "./dom.ts";
import { EventField } from "./event-field.ts";
import { prettyText, problemOf } from "./json.ts";
import { type NamedFields, readFields, writeFields } from "./kept-fields.ts";
import { showOutcome } from "./outcome.ts";
import { randomId } from "./random-id.ts";
import type { SecretField } from "./secret-field.ts";
import { ask } from "./server.ts";
import { curlFor, curlNote } from "./snippets.ts";

type Mode = "form" | "raw";

/** An event to send again. */
export interface Again {
  readonly projectId: string;
  readonly eventType: string;
  /** JSON, byte for byte. */
  readonly payload: string;
}

const isJson = (text: string) => text.trim() === "" || problemOf(text) === undefined;

export class BroadcastForm {
  readonly element: HTMLFormElement;
  readonly #secret: SecretField;
  readonly #deliveries: DeliveryView;
  readonly #project = input({
    value: FIRST_PROJECT,
    required: true,
    maxlength: "128",
    list: "projects",
  });
  readonly #event = new EventField();
  readonly #payload = textArea("Payload", "7");
  readonly #exclude = input({ placeholder: "nobody", list: "users" });
  readonly #only = input({ placeholder: "everybody", list: "users" });
  readonly #ephemeral = h("input", { type: "checkbox" });
  readonly #key = input({ placeholder: "none", maxlength: "64" });
  readonly #raw = textArea("Body", "14");
  readonly #problems: Record<Mode, HTMLElement> = { form: problemPlace(), raw: problemPlace() };
  readonly #outcome = h("div", { class: "outcome", role: "status" });
  readonly #curl = codeBlock("The call as a command");
  readonly #send = h("button", { type: "submit", class: "main" }, "Broadcast");
  readonly #modes: Record<Mode, HTMLButtonElement> = {
    form: button("Form", () => this.#setMode("form")),
    raw: button("Raw JSON", () => this.#setMode("raw")),
  };
  readonly #parts: Record<Mode, HTMLElement>;
  #mode: Mode = "form";
  /** The example filled in for the chosen event. A payload that the user has changed is left alone. */
  #example = "";

  constructor(secret: SecretField, deliveries: DeliveryView) {
    this.#secret = secret;
    this.#deliveries = deliveries;
    this.#parts = {
      form: this.#formPart(),
      raw: h(
        "div",
        { class: "part" },
        labelled("Body", this.#raw, "sent exactly as typed"),
        this.#problems.raw,
      ),
    };
    this.element = this.#build();
    this.#listen();
    this.#setMode("form");
  }

  /** Fills in the project of an added client, unless the user has typed another. */
  suggestProject(projectId: string): void {
    if (this.#project.value !== FIRST_PROJECT && this.#project.value !== "") return;
    this.#project.value = projectId;
    this.#refresh();
  }

  /** A client received an event. */
  see(type: string, payload: string): void {
    this.#event.see(type, payload);
  }

  /** Fills in an event that was already sent, now for everybody, and sends it if `isSent`. */
  again({ projectId, eventType, payload }: Again, isSent: boolean): void {
    this.#setMode("form");
    this.#project.value = projectId;
    this.#event.type = eventType;
    this.#example = prettyText(payload);
    this.#payload.value = this.#example;
    for (const field of [this.#exclude, this.#only, this.#key]) field.value = "";
    this.#ephemeral.checked = false;
    this.#refresh();
    if (isSent) this.element.requestSubmit();
    else this.#payload.focus();
  }

  /** The fields that differ from their first values. */
  get fields(): Record<string, string> {
    const texts = readFields(this.#named(), { to: FIRST_PROJECT, payload: this.#example });
    const isFirst = this.#event.type === new EventField().type;
    return {
      ...texts,
      ...(isFirst ? {} : { event: this.#event.type }),
      ...(this.#ephemeral.checked ? { ephemeral: "yes" } : {}),
      ...(this.#mode === "raw" ? { body: this.#raw.value } : {}),
    };
  }

  set fields(kept: Readonly<Record<string, string>>) {
    const { event, ephemeral, body } = kept;
    if (event !== undefined) this.#event.type = event;
    writeFields(this.#named(), kept);
    this.#ephemeral.checked = ephemeral === "yes";
    if (kept.payload === undefined) this.#payload.value = this.#example;
    this.#refresh();
    if (body === undefined) return;
    this.#setMode("raw");
    this.#raw.value = body;
    this.#refresh();
  }

  #named(): NamedFields {
    return {
      to: this.#project,
      payload: this.#payload,
      exclude: this.#exclude,
      only: this.#only,
      key: this.#key,
    };
  }

  #build(): HTMLFormElement {
    const modes = h("div", { class: "modes", role: "group", "aria-label": "Input mode" });
    modes.append(this.#modes.form, this.#modes.raw);
    const keys = h("span", { class: "hint keys" }, "Ctrl or ⌘ + Enter");
    return h(
      "form",
      { class: "broadcast", "aria-label": "Broadcast" },
      h("div", { class: "bar" }, h("h2", {}, "Broadcast"), modes),
      this.#secret.element,
      labelled("To project", this.#project),
      this.#parts.form,
      this.#parts.raw,
      labelled("Idempotency key", this.#keyField(), "to repeat the call safely"),
      h("div", { class: "bar" }, this.#send, keys),
      h("div", { class: "result" }, this.#outcome, this.#deliveries.element),
      this.#curl.element,
      h("p", { class: "hint note" }, curlNote(SERVER)),
    );
  }

  #formPart(): HTMLElement {
    const targets = h(
      "div",
      { class: "pair" },
      labelled("Exclude users", this.#exclude),
      labelled("Only users", this.#only),
    );
    const ephemeral = h("label", { class: "check" }, this.#ephemeral, "Ephemeral");
    ephemeral.append(h("span", { class: "hint" }, "not kept for clients that return"));
    return h(
      "div",
      { class: "part" },
      labelled("Event", this.#event.element),
      labelled("Payload", this.#payload, "JSON"),
      this.#problems.form,
      targets,
      ephemeral,
    );
  }

  #keyField(): HTMLElement {
    const fill = button("New", () => {
      this.#key.value = randomId();
      this.#refresh();
    });
    fill.setAttribute("aria-label", "New idempotency key");
    return h("span", { class: "with-button" }, this.#key, fill);
  }

  #listen(): void {
    this.element.addEventListener("input", () => this.#refresh());
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      this.element.requestSubmit();
    });
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#broadcast();
    });
  }

  #setMode(mode: Mode): void {
    if (mode === "raw" && this.#mode === "form") this.#raw.value = prettyText(this.#call().body);
    this.#mode = mode;
    for (const each of ["form", "raw"] as const) {
      this.#parts[each].hidden = each !== mode;
      this.#modes[each].setAttribute("aria-pressed", String(each === mode));
    }
    this.#refresh();
  }

  /** Updates everything that depends on the fields. */
  #refresh(): void {
    this.#event.show();
    this.#fillInExample();
    const problem = this.#problemOfFields();
    const place = this.#problems[this.#mode];
    place.textContent = problem;
    place.hidden = problem === "";
    this.#send.disabled = problem !== "";
    this.#curl.show(curlFor(SERVER, this.#call()));
  }

  #fillInExample(): void {
    if (this.#payload.value !== this.#example) return;
    this.#example = this.#event.example(this.#project.value);
    this.#payload.value = this.#example;
  }

  #problemOfFields(): string {
    const [area, name] = this.#mode === "raw" ? [this.#raw, "body"] : [this.#payload, "payload"];
    const isValid = isJson(area.value);
    area.setAttribute("aria-invalid", String(!isValid));
    return isValid ? "" : `The ${name} is not JSON: ${problemOf(area.value)}`;
  }

  #call(): Call {
    const draft = {
      eventType: this.#event.type,
      payload: this.#payload.value,
      exclude: this.#exclude.value,
      only: this.#only.value,
      ephemeral: this.#ephemeral.checked,
    };
    return {
      projectId: this.#project.value,
      body: this.#mode === "raw" ? this.#raw.value : bodyOf(draft),
      idempotencyKey: this.#key.value,
    };
  }

  async #broadcast(): Promise<void> {
    if (!this.#secret.demand()) return;
    const call = this.#call();
    const clickedAt = Date.now();
    this.#send.disabled = true;
    this.#deliveries.clear();
    const path = roomPath(call.projectId);
    const outcome = await ask({ method: "POST", path, secret: this.#secret.value, ...call });
    this.#send.disabled = false;
    showOutcome(this.#outcome, outcome);
    if (outcome.status === 200)
      this.#deliveries.follow({ clickedAt, ...call }, answerIn(outcome.text));
    // On a phone it is below the button, and often off the screen.
    this.#outcome.scrollIntoView({ block: "nearest" });
  }
}

function problemPlace(): HTMLElement {
  return h("p", { class: "problem", role: "status", hidden: true });
}

function textArea(name: string, rows: string): HTMLTextAreaElement {
  return h("textarea", { rows, spellcheck: "false", "aria-label": name, autocomplete: "off" });
}
