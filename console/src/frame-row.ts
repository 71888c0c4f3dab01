/** One frame as a row. It opens to show the whole frame, formatted, and what can be done with it. */

import type { Again } from "./broadcast-form.ts";
import { button, copyButton, h } from "./dom.ts";
import { envelopeIn, readable, readableText } from "./encrypted.ts";
import { codeLink, pageOf } from "./error-page.ts";
import { type Received, sizeOf, timeOf } from "./frames.ts";
import { memberText, pretty, prettyText, type Token } from "./json.ts";
import { type Frame, familyOf } from "./protocol.ts";

/** Longer frames are shown without colours: a span for each token of a megabyte would be slow. */
const MOST_COLOURED_BYTES = 32_768;
const PREVIEW_LENGTH = 160;
/** A row lights up for a frame that has just arrived, not for one that a filter brings back. */
const NEW_MS = 1_000;

const NO_KEYS = "Only members of the project have the key. Copy gives the frame as it came.";

export interface FrameActions {
  readonly projectId: string;
  /** Fills the form with a received event, and sends it if `isSent`. */
  onAgain(again: Again, isSent: boolean): void;
}

export function rowOf(received: Received, actions: FrameActions): HTMLElement {
  const { frame, at, bytes, wasMissed, latencyMs } = received;
  const { type, payload, seq } = frame;
  const latency = latencyMs === undefined ? "" : `${latencyMs} ms`;
  const summary = h(
    "summary",
    {},
    h("time", { datetime: at.toISOString() }, timeOf(at)),
    h("b", { class: "type" }, type),
    h("span", { class: "preview" }, readable(payload).slice(0, PREVIEW_LENGTH)),
    h("span", { class: "seq" }, seq === undefined ? "" : `#${seq}`),
    wasMissed
      ? h("span", { class: "missed" }, "missed")
      : h("span", { class: "latency", title: "From the server's timestamp to here" }, latency),
    h("span", { class: "bytes" }, sizeOf(bytes)),
  );
  const details = h("details", {}, summary);
  // Formatted only when opened.
  details.addEventListener("toggle", () => details.append(insideOf(received, actions)), {
    once: true,
  });
  const isNew = Date.now() - at.getTime() < NEW_MS;
  const marks = { "data-family": familyOf(type), "data-type": type, "data-new": isNew };
  return h("li", { class: "frame", ...marks }, details);
}

function insideOf({ text, bytes, frame }: Received, actions: FrameActions): HTMLElement {
  const shown = readableText(text, frame);
  const code = bytes > MOST_COLOURED_BYTES ? [prettyText(shown)] : pretty(shown).map(coloured);
  const pre = h("pre", { class: "code", tabindex: "0", "aria-label": "The frame" }, ...code);
  const copy = copyButton("Copy", () => text);
  const block = h("div", { class: "code-block" }, pre, copy);
  return h("div", { class: "inside" }, block, ...whatToDo(text, frame, actions));
}

function whatToDo(text: string, frame: Frame, { projectId, onAgain }: FrameActions): Node[] {
  const { type, payload } = frame;
  const family = familyOf(type);
  if (family === "error") {
    const { code = "", docs } = (payload ?? {}) as { code?: string; docs?: string };
    const link = codeLink(`What ${code} means`, pageOf(code, docs));
    return typeof link === "string" ? [] : [h("p", {}, link)];
  }
  // Their receivers would drop a repeated one.
  if (envelopeIn(payload)) return [h("p", { class: "hint" }, NO_KEYS)];
  if (family !== "event") return [];
  const again = { projectId, eventType: type, payload: memberText(text, "payload") ?? "{}" };
  return [
    h(
      "div",
      { class: "bar" },
      button("Send again", () => onAgain(again, true)),
      button("Edit in the form", () => onAgain(again, false)),
    ),
  ];
}

function coloured({ kind, text }: Token): Node | string {
  return kind === "space" || kind === "punctuation" ? text : h("span", { class: kind }, text);
}
