/** Whom a text is about to mention. */

import type { User } from "../../../shared/board.ts";

const SHOWN_MAX = 5;

/** An `@` at the beginning of a word, up to the caret. */
const ASKED = /(?<=^|\s)@([^@]{0,40})$/;

/** The people whose names fit what is typed after an `@` in front of the caret. */
export function suggestionsFor(text: string, caret: number, users: readonly User[]): User[] {
  const typed = ASKED.exec(text.slice(0, caret))?.[1];
  if (typed === undefined) return [];
  const begun = plain(typed);
  const fitting = users.filter(({ name }) => plain(name) !== begun && fits(plain(name), begun));
  return fitting.slice(0, SHOWN_MAX);
}

/** The text with a name in the place of what was typed, and where the caret is then. */
export function withMention(text: string, caret: number, { name }: User) {
  const before = text.slice(0, caret).replace(ASKED, `@${name} `);
  return { text: before + text.slice(caret).trimStart(), caret: before.length };
}

/** Any word of a name can be the one that somebody begins with. */
function fits(name: string, begun: string): boolean {
  return name.startsWith(begun) || name.split(" ").some((word) => word.startsWith(begun));
}

function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}
