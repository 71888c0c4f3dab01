/** Random edits of all types that Yjs has, as editors make them and as nobody would. */

import * as Y from "yjs";
import type { Random } from "../../support/random.ts";

/** So that deletions keep up with what is typed, outside of pastes. */
const LONG = 400;
const WORDS = ["a", "b ", "text ", "\n", "ä", "漢字", "😀", "👩‍👩‍👧", "\u0000", "“", "e\u0301"];

/** Makes one change, which may be of several types. */
export function edit(doc: Y.Doc, random: Random): void {
  doc.transact(() => {
    for (let left = random.of(1, 1, 1, 2, 5); left > 0; left -= 1)
      random.of(type, type, type, editText, editArray, editMap, editXml)(doc, random);
  });
}

/** Types a word at a place, or takes one back. */
function type(doc: Y.Doc, random: Random): void {
  const text = doc.getText("text");
  const at = placeIn(text, random);
  if (random.below(text.length + 1) > LONG) remove(text, at, 30);
  else text.insert(at, random.of(...WORDS));
}

/** Puts many letters in at once. */
export function paste(doc: Y.Doc, random: Random, length: number): void {
  const words = Array.from({ length: length / 4 }, () => random.of(...WORDS));
  doc.getText("text").insert(placeIn(doc.getText("text"), random), words.join(""));
}

/** Deletes most of the text: what is deleted must cost nothing after a compaction. */
export function clear(doc: Y.Doc, random: Random): void {
  const text = doc.getText("text");
  const from = placeIn(text, random);
  remove(text, from, random.below(text.length - from + 1));
}

/** Not within a character of two units: each replica of Yjs mends that in its own way. */
function placeIn(text: Y.Text, random: Random): number {
  return boundary(text, random.below(text.length + 1));
}

function boundary(text: Y.Text, at: number): number {
  // What is embedded has a length, too, and is not in the text of `toString`.
  let [letter, passed] = ["", 0];
  for (const { insert } of text.toDelta()) {
    const length = typeof insert === "string" ? insert.length : 1;
    if (at >= passed && at < passed + length) letter = insert[at - passed] ?? "";
    passed += length;
  }
  return /[\udc00-\udfff]/.test(letter) ? at + 1 : at;
}

function remove(text: Y.Text, from: number, length: number): void {
  text.delete(from, boundary(text, Math.min(from + length, text.length)) - from);
}

function editText(doc: Y.Doc, random: Random): void {
  const text = doc.getText("rich");
  const at = placeIn(text, random);
  const length = boundary(text, Math.min(at + random.below(10), text.length)) - at;
  const change = random.of("insert", "insert", "delete", "format", "embed");
  if (change === "insert") text.insert(at, random.of(...WORDS), random.of({}, { bold: true }));
  else if (change === "delete") text.delete(at, length);
  else if (change === "format") text.format(at, length, { bold: random.of(true, null) });
  else text.insertEmbed(at, { image: "a.png", width: random.below(1_000) });
}

function editArray(doc: Y.Doc, random: Random): void {
  const array = doc.getArray("array");
  const at = random.below(array.length + 1);
  const length = Math.min(array.length - at, random.below(4));
  if (random.below(array.length + 1) > 20) array.delete(at, length);
  else if (array.length > 0 && random.below(3) === 0) editInside(array, random);
  else array.insert(at, [value(random)]);
}

/** Changes a type that is in another one. */
function editInside(array: Y.Array<unknown>, random: Random): void {
  const inside = array.get(random.below(array.length));
  if (inside instanceof Y.Text) inside.insert(0, random.of(...WORDS));
  else if (inside instanceof Y.Map) inside.set("k", value(random));
  else if (inside instanceof Y.Array) inside.push([value(random), value(random)]);
}

function editMap(doc: Y.Doc, random: Random): void {
  const map = doc.getMap("map");
  const key = random.of("a", "b", "c", "ключ", "");
  if (random.below(4) === 0) map.delete(key);
  else map.set(key, value(random));
}

function editXml(doc: Y.Doc, random: Random): void {
  const fragment = doc.getXmlFragment("xml");
  const at = random.below(fragment.length + 1);
  const element = fragment.length > at ? fragment.get(at) : undefined;
  if (!(element instanceof Y.XmlElement)) fragment.insert(at, [paragraph(random)]);
  else if (random.below(4) === 0) fragment.delete(at, 1);
  else if (random.below(2) === 0) element.setAttribute("level", `${random.below(6)}`);
  else (element.get(0) as Y.XmlText).insert(0, random.of(...WORDS));
}

function paragraph(random: Random): Y.XmlElement {
  const element = new Y.XmlElement(random.of("paragraph", "heading"));
  element.insert(0, [new Y.XmlText(random.of(...WORDS))]);
  return element;
}

function value(random: Random): unknown {
  return random.of<() => unknown>(
    () => random.below(2 ** 32) - 2 ** 31,
    () => random.below(1_000) / 7,
    () => random.of(...WORDS),
    () => random.of(null, true, false),
    () => ({ big: BigInt(random.below(2 ** 32)), none: undefined }),
    () => ({ deep: [{ er: random.of(...WORDS) }, [[]]] }),
    () => Uint8Array.from(random.bytes().subarray(0, 50)),
    () => new Y.Text(random.of(...WORDS)),
    () => new Y.Map([["k", 1]]),
    () => Y.Array.from([1, "two", null]),
    () => new Y.Doc({ guid: `guid-${random.below(1_000)}` }),
  )();
}
