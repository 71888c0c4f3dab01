/** A person's initials and colour, the same wherever the person is shown. */

import type { OnlineUser } from "../server-frames.ts";

/** What stands for a person where there is no picture. */
export interface Avatar {
  /** One or two letters: `AL` for Ada Lovelace, `B` for ben. */
  readonly initials: string;
  /** The hue of `background`, in degrees, for shades of your own: `oklch(0.9 0.05 ${hue})`. */
  readonly hue: number;
  /** A colour for the avatar and for the person's cursor, as `#rrggbb`. */
  readonly background: string;
  /** A colour for text on `background`: the contrast is at least 5.5 to 1. */
  readonly color: string;
}

/** Colours of the same lightness, 30 degrees apart: oklch(0.5 0.14 hue), as far as sRGB reaches. */
const BACKGROUNDS = [
  ...["#9f3960", "#a43c2f", "#915006", "#796006", "#5b6c09", "#087736"],
  ...["#037465", "#06707e", "#0e6a9b", "#455bb2", "#714ca6", "#8e4088"],
];

/** The initials and the colour of a user. The colour depends only on the id. */
export function avatarOf({ userId, userName }: Pick<OnlineUser, "userId" | "userName">): Avatar {
  const index = hash(userId) % BACKGROUNDS.length;
  return {
    initials: initialsOf(userName ?? "") || initialsOf(userId),
    hue: index * 30,
    background: BACKGROUNDS[index] as string,
    color: "#ffffff",
  };
}

function initialsOf(name: string): string {
  const words = name.normalize("NFC").trim().split(/\s+/);
  const ends = words.length > 1 ? [words[0], words.at(-1)] : words;
  return ends.map((word) => firstOf(word ?? "")).join("");
}

/** A letter or digit if the word has one. Not half of a character of two UTF-16 units. */
function firstOf(word: string): string {
  const first = /[\p{L}\p{N}]/u.exec(word)?.[0] ?? [...word][0] ?? "";
  return first.toUpperCase();
}

/** FNV-1a, mixed once more at the end: ids that differ in one letter get unrelated colours. */
function hash(text: string): number {
  let value = 2_166_136_261;
  for (const letter of text) value = Math.imul(value ^ (letter.codePointAt(0) ?? 0), 16_777_619);
  value = Math.imul(value ^ (value >>> 16), 2_246_822_507);
  return (value ^ (value >>> 13)) >>> 0;
}
