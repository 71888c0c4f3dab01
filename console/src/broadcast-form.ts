/** The form that broadcasts: an event that is known, or any JSON. Below it the same call as a command. */

import { bodyOf, type Call, post } from "./broadcast.ts";
import { FIRST_PROJECT } from "./connect-form.ts";
import { button, codeBlock, h, input, labelled } from "./dom.ts";
import { prettyText, problemOf } from "./json.ts";
import { examplePayload, KNOWN_EVENTS } from "./known-events.ts";
import { showOutcome } from "./outcome.ts";
import type { SecretField } from "./secret-field.ts";
import { curlFor } from "./snippets.ts";

type Mode = "form" | "raw";

const OTHER = "";
const isJson = (text: string) => text.trim() === "" || problemOf(text) === undefined;

export class BroadcastForm {
  readonly element: HTMLFormElement;
  readonly #secret: SecretField;
  readonly #project = input({
    value: FIRST_PROJECT,
    required: true,
    maxlength: "128",
    list: "projects",
  });
  readonly #event = h("select", { "aria-label": "Event" }, ...eventOptions());
  readonly #otherEvent = input({ placeholder: "EVENT_TYPE", "aria-label": "Type of the event" });
  readonly #payload = textArea("Payload", "7");
  readonly #exclude = input({ placeholder: "nobody", list: "users" });
  readonly #only = input({ placeholder: "everybody", list: "users" });
  readonly #ephemeral = h("input", { type: "checkbox" });
  readonly #key = input({ placeholder: "none", maxlength: "64" });
  readonly #raw = textArea("Body", "14");
  readonly #problem = h("p", { class: "problem", role: "status" });
  readonly #outcome = h("div", { class: "outcome", role: "status" });
  readonly #curl = codeBlock("The call as a command");
  readonly #send = h("button", { type: "submit", class: "main" }, "Broadcast");
  readonly #modes: Record<Mode, HTMLButtonElement> = {
    form: button("Form", () => this.#setMode("form")),
    raw: button("Raw JSON", () => this.#setMode("raw")),
  };
  readonly #parts: Record<Mode, HTMLElement>;
  #mode: Mode = "form";
  /** The payload as it was filled in for the event that was chosen: one that somebody has changed is left alone. */
  #example = "";

  constructor(secret: SecretField) {
    this.#secret = secret;
    this.#parts = {
      form: this.#formPart(),
      raw: h("div", { class: "part" }, labelled("Body", this.#raw, "sent as it stands")),
    };
    const modes = h("div", { class: "modes", role: "group", "aria-label": "How to write it" });
    modes.append(this.#modes.form, this.#modes.raw);
    this.element = h(
      "form",
      { class: "broadcast", "aria-label": "Broadcast" },
      h("div", { class: "bar" }, h("h2", {}, "Broadcast"), modes),
      secret.element,
      labelled("To project", this.#project),
      this.#parts.form,
      this.#parts.raw,
      labelled("Idempotency key", this.#keyField(), "to repeat it safely"),
      this.#problem,
      h(
        "div",
        { class: "bar" },
        this.#send,
        h("span", { class: "hint keys" }, "Ctrl or ⌘ + Enter"),
      ),
      this.#outcome,
      this.#curl.element,
    );
    this.#listen();
    this.#setMode("form");
  }

  /** Fills in the project of a client that was added, as long as nobody has typed another. */
  suggestProject(projectId: string): void {
    if (this.#project.value !== FIRST_PROJECT && this.#project.value !== "") return;
    this.#project.value = projectId;
    this.#refresh();
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
      labelled("Event", h("span", { class: "event" }, this.#event, this.#otherEvent)),
      labelled("Payload", this.#payload, "JSON"),
      targets,
      ephemeral,
    );
  }

  #keyField(): HTMLElement {
    const fill = button("New", () => {
      this.#key.value = crypto.randomUUID();
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

  /** Brings what follows from the fields in line with them. */
  #refresh(): void {
    this.#otherEvent.hidden = this.#event.value !== OTHER;
    this.#fillInExample();
    const problem = this.#problemOfFields();
    this.#problem.textContent = problem;
    this.#problem.hidden = problem === "";
    this.#send.disabled = problem !== "";
    this.#curl.show(curlFor(location.origin, this.#call()));
  }

  #fillInExample(): void {
    if (this.#payload.value !== this.#example) return;
    this.#example = examplePayload(this.#event.value, this.#project.value);
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
      eventType: this.#event.value === OTHER ? this.#otherEvent.value : this.#event.value,
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
    if (!this.#secret.demand()) {
      const where = "Paste BROADCAST_SECRET first. In development it stands in .dev.vars.";
      this.#outcome.replaceChildren(h("p", { class: "problem" }, where));
      return;
    }
    this.#send.disabled = true;
    const outcome = await post(this.#call(), this.#secret.value);
    this.#send.disabled = false;
    showOutcome(this.#outcome, outcome);
  }
}

function eventOptions(): HTMLOptionElement[] {
  const known = KNOWN_EVENTS.map(({ type, what }) =>
    h("option", { value: type, title: what }, type),
  );
  return [...known, h("option", { value: OTHER }, "Another event")];
}

function textArea(name: string, rows: string): HTMLTextAreaElement {
  return h("textarea", { rows, spellcheck: "false", "aria-label": name, autocomplete: "off" });
}
