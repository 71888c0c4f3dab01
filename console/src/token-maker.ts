/** Makes tokens for development. The signing key stays in its field, only in this page's memory. */

import type { Identity } from "./connection.ts";
import { announce, button, codeBlock, copyButton, h, input, labelled } from "./dom.ts";
import { CAN_SIGN, type Claims, sign } from "./jwt.ts";

const PERMISSIONS = ["subscribe", "presence", "publish"] as const;
type Permission = (typeof PERMISSIONS)[number];

/** Distinguishes observers from users in the server's log. */
const OBSERVER = { userId: "console-observer", userName: "Observer" };
const MINUTES = 15;

export class TokenMaker {
  readonly element: HTMLFormElement;
  readonly #key = input({ type: "password", placeholder: "paste it here" });
  readonly #sub = input({ value: "ann", required: true, maxlength: "128" });
  readonly #name = input({ value: "Ann" });
  readonly #projects = input({ value: "*", required: true });
  readonly #minutes = input({ type: "number", value: String(MINUTES), min: "0.1", step: "any" });
  readonly #issuer = input({ placeholder: "none" });
  readonly #audience = input({ placeholder: "none" });
  readonly #permissions: Readonly<Record<Permission, HTMLInputElement>>;
  readonly #claims = codeBlock("The claims of the token");
  readonly #made = h("div", { class: "part", hidden: true });
  readonly #problem = h("p", { class: "problem", role: "status", hidden: true });
  #token = "";

  /** `onUse`: called with a token to connect with. */
  constructor(onUse: (token: string) => void) {
    const [subscribe, presence, publish] = [true, true, false].map((checked) =>
      h("input", { type: "checkbox", checked }),
    ) as [HTMLInputElement, HTMLInputElement, HTMLInputElement];
    this.#permissions = { subscribe, presence, publish };
    this.#made.append(
      this.#claims.element,
      h(
        "div",
        { class: "bar" },
        button("Connect with it", () => onUse(this.#token), { class: "main" }),
        copyButton("Copy token", () => this.#token),
      ),
    );
    this.element = this.#build();
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#make();
    });
  }

  /** Whether it can sign. */
  get hasKey(): boolean {
    return CAN_SIGN && this.#key.value.trim() !== "";
  }

  /** A token for this user and this project. Everything else comes from the fields. */
  tokenFor({ projectId, userId, userName }: Omit<Identity, "token">): Promise<string> {
    return this.#sign({
      sub: userId,
      ...(userName === "" ? {} : { name: userName }),
      projects: [projectId],
    });
  }

  /** A token with which a client watches a project without being present. */
  tokenToWatch(projectId: string): Promise<string> {
    const { userId: sub, userName: name } = OBSERVER;
    return this.#sign({ sub, name, projects: [projectId], permissions: ["subscribe"] });
  }

  async #make(): Promise<void> {
    const problem = this.#problemOfKey();
    this.#problem.textContent = problem;
    this.#problem.hidden = problem === "";
    this.#made.hidden = problem !== "";
    if (problem !== "") return this.#key.focus();
    const claims = { ...this.#wanted(), ...this.#times() };
    this.#token = await sign(claims, this.#key.value.trim());
    this.#claims.show(JSON.stringify(claims, null, 2));
    this.#made.scrollIntoView({ block: "nearest" });
    announce("Token made");
  }

  #problemOfKey(): string {
    if (!CAN_SIGN)
      return "This browser can't sign on a page loaded over plain HTTP. Open it on localhost or over HTTPS.";
    return this.hasKey ? "" : "Paste JWT_SECRET first. In development it is in .dev.vars.";
  }

  #wanted(): Claims {
    const projects = this.#projects.value.trim();
    const name = this.#name.value;
    return {
      sub: this.#sub.value,
      ...(name === "" ? {} : { name }),
      projects: projects === "*" ? "*" : projects.split(",").map((id) => id.trim()),
      permissions: PERMISSIONS.filter((permission) => this.#permissions[permission].checked),
    };
  }

  #sign(claims: Claims): Promise<string> {
    return sign({ ...claims, ...this.#times() }, this.#key.value.trim());
  }

  #times(): Claims {
    const iat = Math.floor(Date.now() / 1_000);
    const [iss, aud] = [this.#issuer.value.trim(), this.#audience.value.trim()];
    return {
      iat,
      exp: Math.floor(iat + (Number(this.#minutes.value) || MINUTES) * 60),
      ...(iss === "" ? {} : { iss }),
      ...(aud === "" ? {} : { aud }),
    };
  }

  #build(): HTMLFormElement {
    const permissions = PERMISSIONS.map((name) =>
      h("label", { class: "check" }, this.#permissions[name], name),
    );
    return h(
      "form",
      { class: "card token-maker", "aria-label": "Make a token for development" },
      h("h2", {}, "Tokens for development"),
      h(
        "p",
        { class: "hint" },
        "Signed in this page, with HS256. Tokens for real users come from your API: never paste the key of a production server here.",
      ),
      labelled("JWT_SECRET", this.#key, "kept only in this page's memory"),
      h(
        "div",
        { class: "fields" },
        labelled("User (sub)", this.#sub),
        labelled("Name (name)", this.#name),
        labelled("Projects", this.#projects, "a,b or *"),
        labelled("Minutes", this.#minutes),
        labelled("Issuer (iss)", this.#issuer),
        labelled("Audience (aud)", this.#audience),
      ),
      h("div", { class: "bar", role: "group", "aria-label": "Permissions" }, ...permissions),
      this.#problem,
      h("div", { class: "bar" }, h("button", { type: "submit", class: "main" }, "Make a token")),
      this.#made,
    );
  }
}
