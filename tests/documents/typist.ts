/** Somebody writes a real text, letter by letter, with mistakes and second thoughts. */

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type * as Y from "yjs";
import { ROOT } from "../../scripts/common/paths.ts";
import type { Random } from "../support/random.ts";

/** One in so many letters is mistyped, and in so many words comes a second thought. */
const MISTYPED = 25;
const SECOND_THOUGHTS = 12;
const LETTERS = "etaoinshrdlu";

/** The documentation of this project, again and again. */
function* words(): Generator<string> {
  const files = globSync("docs/*.md", { cwd: ROOT }).sort();
  const text = files.map((file) => readFileSync(join(ROOT, file), "utf8")).join("\n");
  for (;;) yield* text.split(/(?<=\s)/u);
}

/** Writes into a text, and makes exactly so many edits, each of one letter or of one deletion. */
export function* write(text: Y.Text, edits: number, random: Random): Generator<void> {
  const typist = new Typist(text, random);
  let made = 0;
  for (const word of words())
    for (const _ of typist.write(word)) {
      yield;
      made += 1;
      if (made === edits) return;
    }
}

class Typist {
  readonly #text: Y.Text;
  readonly #random: Random;
  #at = 0;

  constructor(text: Y.Text, random: Random) {
    this.#text = text;
    this.#random = random;
  }

  *write(word: string): Generator<void> {
    for (const letter of word) {
      if (this.#random.below(MISTYPED) === 0) {
        yield this.#insert(this.#random.of(...LETTERS));
        yield this.#backspace(1);
      }
      yield this.#insert(letter);
    }
    if (this.#random.below(SECOND_THOUGHTS) === 0) yield* this.#thinkAgain(word);
  }

  /** Goes back somewhere, writes a word there or takes a few letters away, and returns to the end. */
  *#thinkAgain(word: string): Generator<void> {
    this.#at = this.#random.below(this.#text.length + 1);
    if (this.#random.below(2) === 0) for (const letter of word) yield this.#insert(letter);
    else yield this.#backspace(Math.min(this.#at, 8));
    this.#at = this.#text.length;
  }

  #insert(letter: string): void {
    this.#text.insert(this.#at, letter);
    this.#at += letter.length;
  }

  #backspace(length: number): void {
    this.#at -= length;
    this.#text.delete(this.#at, length);
  }
}
