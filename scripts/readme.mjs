/** The code that a README shows, for the tests that run it as it stands there. */

/** @typedef {{ language: string, code: string }} Block */

const HEADING = /^##+ (.+)$/m;
const BLOCK = /^```(\w+)\n(.*?)^```$/gms;

/**
 * The blocks of code between a heading and the next one of any level, in order. Fails if there is no such heading.
 * @param {string} markdown
 * @param {string} heading its text
 * @returns {Block[]}
 */
export function blocksOf(markdown, heading) {
  const parts = markdown.split(HEADING);
  const at = parts.indexOf(heading);
  if (at < 0) throw new Error(`no heading "${heading}"`);
  const blocks = (parts[at + 1] ?? "").matchAll(BLOCK);
  return [...blocks].map(([, language = "", code = ""]) => ({ language, code }));
}

/**
 * The headings that code stands under, in order.
 * @param {string} markdown
 */
export function sectionsWithCode(markdown) {
  const headings = [...markdown.matchAll(new RegExp(HEADING, "gm"))].map(([, text = ""]) => text);
  return headings.filter((heading) => blocksOf(markdown, heading).length > 0);
}
