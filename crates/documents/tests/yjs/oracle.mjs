/**
 * The judge of crates/documents/tests/yjs.rs, which starts it with a seed and a number of documents. Several people edit each
 * document with Yjs. What the test makes of their updates, asked for on stdout and answered on stdin, must load as they do.
 */

import assert from "node:assert/strict";
import { readSync, writeSync } from "node:fs";
import * as Y from "yjs";

const [firstSeed = "1", documents = "1"] = process.argv.slice(2);
const TEXTS = ["a", "some words", "größer", "☃", "😀", "a😀b👩‍🚀"];
const KEYS = ["title", "done", "größe"];
const VALUES = [
  1,
  -70.5,
  "text",
  null,
  true,
  { a: [1, { b: "😀" }, undefined, 2n ** 40n] },
  new Uint8Array([1, 2]),
];

function judge(seed) {
  const random = randomOf(seed);
  const updates = edit(random);
  const whole = load(updates);
  const merged = ask("merge", updates);
  same(whole, load([merged]), "merged");
  assert.deepEqual(ask("merge", [merged]), merged, "merged again");

  const parts = chunks(shuffled([...updates, ...picked(updates, random)], random), random);
  const other = ask(
    "merge",
    shuffled(parts, random).map((part) => ask("merge", part)),
  );
  same(whole, load([other]), "merged in parts and another order");
  assert.deepEqual(Y.encodeStateVectorFromUpdate(other), Y.encodeStateVectorFromUpdate(merged));

  const known = updates.slice(0, random(updates.length + 1));
  const lacking = ask("missing", updates, Y.encodeStateVector(load(known)));
  same(whole, load([...known, lacking]), "caught up");

  const less = new Map([...whole.store.clients].map(([id]) => [id, Y.getState(whole.store, id)]));
  for (const [id, clock] of less) less.set(id, Math.max(0, clock - random(9)));
  const overlapping = ask("missing", updates, encodeStateVector(less));
  const late = updates.filter(() => random(8) === 0);
  const gaps = ask(
    "merge",
    updates.filter((update) => !late.includes(update)),
  );
  same(load([gaps, ...late]), whole, "what was lost comes later");
  same(whole, load([ask("merge", [overlapping, gaps, ...late])]), "overlapping");
}

/** Asks for one update out of several. */
function ask(what, updates, have = new Uint8Array([0])) {
  const words = [what, ...[have, ...updates].map((bytes) => Buffer.from(bytes).toString("hex"))];
  say(words.join(" "));
  const answer = line();
  assert.match(answer, /^[0-9a-f]+$/);
  return new Uint8Array(Buffer.from(answer, "hex"));
}

function say(words) {
  let rest = Buffer.from(`${words}\n`);
  while (rest.length > 0) rest = rest.subarray(writeSync(1, rest));
}

function line() {
  const parts = [];
  const buffer = Buffer.alloc(65_536);
  for (;;) {
    const read = readSync(0, buffer);
    parts.push(Buffer.from(buffer.subarray(0, read)));
    if (read === 0 || buffer[read - 1] === 10) return Buffer.concat(parts).toString().trim();
  }
}

/** The updates that several people send while they edit. */
function edit(random) {
  const updates = [];
  const people = Array.from({ length: 2 + random(3) }, (_, index) => {
    const doc = newDocument();
    doc.clientID = (random(3) === 0 ? random(20) : random(2 ** 28)) * 8 + index + 1;
    doc.on("update", (update) => updates.push(update));
    const undo = new Y.UndoManager([text(doc), map(doc), array(doc), xml(doc)], {
      captureTimeout: 0,
    });
    return { doc, undo };
  });
  const steps = 5 + random(120);
  for (let step = 0; step < steps; step++) {
    const { doc, undo } = people[random(people.length)];
    const choice = random(20);
    if (choice < 14) EDITS[random(EDITS.length)](doc, random);
    else if (choice === 14) undo.undo();
    else if (choice === 15) undo.redo();
    else hear(doc, people[random(people.length)].doc);
  }
  return updates;
}

function hear(doc, other) {
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(other, Y.encodeStateVector(doc)), "heard");
}

const text = (doc) => doc.getText("text");
const map = (doc) => doc.getMap("map");
const array = (doc) => doc.getArray("array");
const xml = (doc) => doc.getXmlFragment("xml");

function newDocument() {
  const doc = new Y.Doc();
  for (const type of [text, map, array, xml]) type(doc);
  return doc;
}

const EDITS = [
  (doc, random) => write(text(doc), random),
  (doc, random) => write(text(doc), random),
  (doc, random) => erase(text(doc), random),
  (doc, random) => {
    const [at, length] = range(text(doc).length, random);
    // Where a format changes nothing, Yjs cuts characters in two without telling anybody.
    if (!/[\u{10000}-\u{10ffff}]/u.test(text(doc).toString()))
      text(doc).format(at, length, { bold: random(2) === 0 ? true : null });
  },
  (doc, random) => text(doc).insertEmbed(random(text(doc).length + 1), { image: "x.png" }),
  (doc, random) => map(doc).set(KEYS[random(3)], VALUES[random(VALUES.length)]),
  (doc, random) => map(doc).set(KEYS[random(3)], nested(random)),
  (doc, random) => map(doc).delete(KEYS[random(3)]),
  (doc, random) => {
    const value = map(doc).get(KEYS[random(3)]);
    if (value instanceof Y.Text) write(value, random);
    if (value instanceof Y.Map) value.set(KEYS[random(3)], nested(random));
  },
  (doc, random) => array(doc).insert(random(array(doc).length + 1), picked(VALUES, random)),
  (doc, random) => array(doc).push([VALUES[random(VALUES.length)]]),
  (doc, random) => array(doc).insert(random(array(doc).length + 1), [nested(random)]),
  (doc, random) => erase(array(doc), random),
  (doc, random) => xml(doc).insert(random(xml(doc).length + 1), [block(random)]),
  (doc, random) => erase(xml(doc), random),
  (doc, random) => {
    const element = xml(doc).get(random(xml(doc).length || 1));
    if (element instanceof Y.XmlElement) {
      element.setAttribute("level", String(random(4)));
      const inner = element.get(0);
      if (inner instanceof Y.XmlText) random(2) === 0 ? write(inner, random) : erase(inner, random);
    }
  },
  (doc, random) =>
    doc.transact(() => {
      for (let edits = random(4); edits > 0; edits--) EDITS[random(EDITS.length)](doc, random);
    }),
];

function write(into, random) {
  into.insert(random(into.length + 1), TEXTS[random(TEXTS.length)]);
}

function erase(from, random) {
  const [at, length] = range(from.length, random);
  if (length > 0) from.delete(at, length);
}

function range(length, random) {
  const at = random(length + 1);
  return [at, Math.min(random(6), length - at)];
}

function nested(random) {
  if (random(8) === 0) return new Y.Doc({ guid: `inner ${random(10)}`, meta: { a: 1 } });
  return [new Y.Text("inner"), new Y.Map([["a", 1]]), Y.Array.from([1, 2])][random(3)];
}

function block(random) {
  if (random(6) === 0) return new Y.XmlHook("hook");
  const element = new Y.XmlElement("p");
  element.insert(0, [new Y.XmlText("A block")]);
  return element;
}

/** In one transaction: after each, Yjs deletes formats that are in vain then, so what is left would depend on their number. */
function load(updates) {
  const doc = newDocument();
  doc.clientID = 0;
  doc.transact(() => {
    for (const update of updates) Y.applyUpdate(doc, update);
  });
  return doc;
}

function same(a, b, what) {
  assert.deepEqual(seen(a), seen(b), what);
  const [left, right] = [a, b].map((doc) => Y.encodeStateAsUpdate(doc));
  assert.deepEqual(Buffer.from(left).toString("hex"), Buffer.from(right).toString("hex"), what);
}

/** All that an app can see of a document, as text. */
function seen(doc) {
  const types = { map: map(doc).toJSON(), array: array(doc).toJSON() };
  const all = { ...types, text: text(doc).toDelta(), xml: xml(doc).toString() };
  return JSON.stringify(all, (_key, value) => {
    if (value instanceof Y.Doc) return { guid: value.guid };
    if (typeof value === "bigint") return String(value);
    if (value?.constructor !== Object) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function encodeStateVector(clocks) {
  return Y.encodeStateVector(clocks);
}

function picked(list, random) {
  return list.filter(() => random(4) === 0);
}

function chunks(list, random) {
  const parts = [];
  const rest = [...list];
  while (rest.length > 0) parts.push(rest.splice(0, 1 + random(6)));
  return parts;
}

function shuffled(list, random) {
  const copy = [...list];
  for (let at = copy.length - 1; at > 0; at--) {
    const other = random(at + 1);
    [copy[at], copy[other]] = [copy[other], copy[at]];
  }
  return copy;
}

/** Random numbers below a limit, always the same for a seed. */
function randomOf(seed) {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return Math.floor((((value ^ (value >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

for (let seed = Number(firstSeed); seed < Number(firstSeed) + Number(documents); seed++) {
  try {
    judge(seed);
  } catch (error) {
    console.error(`Seed ${seed}:`, error);
    process.exit(1);
  }
}
say("done");
