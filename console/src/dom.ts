/** Elements without a framework. Text is always set as text: nothing from outside becomes markup. */

import { visible } from "./visible.ts";

type Attributes = Record<string, string | boolean>;
type Child = Node | string;

/** Makes an element. An attribute that is false is not set. */
export function h<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes))
    if (value !== false) element.setAttribute(key, value === true ? "" : value);
  element.append(...children.map((child) => (typeof child === "string" ? visible(child) : child)));
  return element;
}

export function button(
  text: string,
  act: () => void,
  attributes: Attributes = {},
): HTMLButtonElement {
  const made = h("button", { type: "button", ...attributes }, text);
  made.addEventListener("click", act);
  return made;
}

/** A control with its label above it. */
export function labelled(text: string, control: HTMLElement, hint = ""): HTMLLabelElement {
  const name = h("span", { class: "label" }, text);
  if (hint !== "") name.append(" ", h("span", { class: "hint" }, hint));
  return h("label", { class: "field" }, name, control);
}

export function input(attributes: Attributes): HTMLInputElement {
  // Browsers must not suggest, correct or save what is typed here.
  return h("input", {
    type: "text",
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    ...attributes,
  });
}

/** A button that copies a text. */
export function copyButton(text: string, content: () => string): HTMLButtonElement {
  const made = button(text, async () => {
    const word = await copy(content()).then(
      () => "Copied",
      () => "Not copied",
    );
    announce(word);
    made.textContent = word;
    made.addEventListener("pointerleave", reset, { once: true });
    made.addEventListener("blur", reset, { once: true });
  });
  const reset = () => {
    made.textContent = text;
  };
  made.classList.add("copy");
  return made;
}

/** Over plain HTTP a browser gives the clipboard only to pages from this machine. Others need the old way. */
async function copy(text: string): Promise<void> {
  if (window.isSecureContext) return navigator.clipboard.writeText(text);
  const area = h("textarea", { class: "spoken" });
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

/** A block of code with a button to copy it. */
export function codeBlock(name: string): { element: HTMLElement; show(code: string): void } {
  const pre = h("pre", { class: "code", tabindex: "0", role: "region", "aria-label": name });
  const element = h(
    "div",
    { class: "code-block" },
    pre,
    copyButton("Copy", () => pre.textContent ?? ""),
  );
  return {
    element,
    show(code) {
      // Selected text stays selected.
      if (pre.textContent !== code) pre.textContent = code;
    },
  };
}

/** Tells a screen reader something that a sighted person sees anyway. */
export function announce(text: string): void {
  byId("announcer").textContent = text;
}

/** Sets a text only if it differs: a live region speaks each time its text is set. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no ${id}`);
  return found;
}
