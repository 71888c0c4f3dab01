/** Mentions in the text of a comment. They are kept as ids, `<@ann>`, because names change. */

import type { User } from "./board.ts";

const MENTION = /<@([\w-]{1,64})>/g;

/** A part of a text: plain, or a user who is mentioned. */
export type Part = { text: string } | { userId: string };

/** The ids of the users mentioned in a text, each once. */
export function mentionsIn(text: string): string[] {
  return [...new Set(Array.from(text.matchAll(MENTION), ([, userId = ""]) => userId))];
}

/** A text in parts. Somebody who is not known is no mention. */
export function partsOf(text: string, users: readonly User[]): Part[] {
  // A pattern with a group: every second part is what the group has matched.
  return text.split(MENTION).flatMap((part, place): Part[] => {
    if (place % 2 === 0) return part === "" ? [] : [{ text: part }];
    const isKnown = users.some(({ id }) => id === part);
    return [isKnown ? { userId: part } : { text: `<@${part}>` }];
  });
}

/** A text as people write it: `@Ann Keller`. */
export function toWritten(text: string, users: readonly User[]): string {
  const nameOf = (userId: string) => users.find(({ id }) => id === userId)?.name;
  return partsOf(text, users)
    .map((part) => ("text" in part ? part.text : `@${nameOf(part.userId)}`))
    .join("");
}

/** What people wrote, with ids instead of names. */
export function toStored(written: string, users: readonly User[]): string {
  // The longest first, since one name can begin with another.
  const longest = users.toSorted((a, b) => b.name.length - a.name.length);
  return longest.reduce((text, { id, name }) => text.replaceAll(`@${name}`, `<@${id}>`), written);
}
