/** `npm run bench -- --encryption` measures all of what it shows, with few of each. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { measureEncryption } from "../../bench/encryption/measure.mjs";
import { report } from "../../bench/encryption/report.mjs";
import { NEEDS_OWN_RUNTIME } from "../support/target.ts";

const COUNTS = { sealed: 3, sent: 2, broadcasts: 10 };
/** A kind of event, and one number for each of its columns. */
const WHAT = /^\| (seal|open|Node|Chromium|100 B|16 KB)/;

test("the bench measures encryption in Node, in Chromium and in the room", {
  skip: NEEDS_OWN_RUNTIME,
}, async () => {
  const doing: string[] = [];
  const measured = await measureEncryption(COUNTS, (what) => doing.push(what));
  assert.deepEqual(doing, ["Node", "Chromium", "the room"]);
  for (const { sealing, paths } of measured.places) {
    const sealed = sealing.flatMap(({ rows }) => rows.map(({ times }) => times));
    assert.deepEqual(
      sealed.map(({ length }) => length),
      Array(12).fill(COUNTS.sealed),
    );
    const sent = paths.flatMap(({ times }) => Object.values(times));
    assert.deepEqual(
      sent.map(({ length }) => length),
      Array(6).fill(COUNTS.sent),
    );
    assert.ok(sent.flat().every((time) => time > 0));
  }
  const rows = report(measured)
    .split("\n")
    .filter((line) => WHAT.test(line));
  assert.equal(rows.length, 6 + 4 + measured.rooms.length);
  assert.ok(
    rows.every((row) => !row.includes("–  ") && !row.includes("NaN")),
    rows.join("\n"),
  );
});
