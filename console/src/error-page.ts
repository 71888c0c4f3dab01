/** Links the server's codes to their pages. */

import { CLOSE_CODES, ERROR_CODES } from "../../packages/realtime/src/codes.ts";
import { h } from "./dom.ts";

const PAGES = "https://github.com/validiant/validiant-realtime/blob/main/docs/errors/";
const CLOSES = new Set<number>(Object.values(CLOSE_CODES).map(({ number }) => number));

/**
 * The address of the page about an error or close code. Undefined if the code is not the server's.
 * @param said the address that the server sent with the code
 */
export function pageOf(code: string | number, said?: unknown): string | undefined {
  if (typeof said === "string" && /^https?:\/\/[^\s]+$/.test(said)) return said;
  const isKnown = typeof code === "number" ? CLOSES.has(code) : Object.hasOwn(ERROR_CODES, code);
  return isKnown ? `${PAGES}${code}.md` : undefined;
}

/** The text as a link to the page about its code, or unchanged if there is no page. */
export function codeLink(text: string, page: string | undefined): HTMLElement | string {
  if (page === undefined) return text;
  const attributes = { href: page, target: "_blank", rel: "noopener noreferrer" };
  return h("a", { ...attributes, title: "What it means, and what to do" }, text);
}
