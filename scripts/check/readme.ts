/** The code blocks of a README, for the tests that run them unchanged. */

export type Block = { language: string; code: string };

const HEADING = /^##+ (.+)$/m;
const BLOCK = /^```(\w+)\n(.*?)^```$/gms;

/** The code blocks between a heading and the next one of any level, in order. Fails if the heading is missing. */
export function blocksOf(markdown: string, heading: string): Block[] {
  const parts = markdown.split(HEADING);
  const at = parts.indexOf(heading);
  if (at < 0) throw new Error(`no heading "${heading}"`);
  const blocks = (parts[at + 1] ?? "").matchAll(BLOCK);
  return [...blocks].map(([, language = "", code = ""]) => ({ language, code }));
}

/** The headings with code below them, in order. */
export function sectionsWithCode(markdown: string): string[] {
  const headings = [...markdown.matchAll(new RegExp(HEADING, "gm"))].map(([, text = ""]) => text);
  return headings.filter((heading) => blocksOf(markdown, heading).length > 0);
}
