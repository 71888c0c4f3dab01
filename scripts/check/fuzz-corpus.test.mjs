import assert from "node:assert/strict";
import { test } from "node:test";
import { mostReaching, readMerge } from "./fuzz-corpus.mjs";

const files = (/** @type {import("./fuzz-corpus.mjs").Input[]} */ inputs) =>
  inputs.map(({ file }) => file);

test("the record of a merge says what each file reaches", () => {
  const record =
    "2\n1\ncorpus/a\nwork/b\nSTARTED 0 5\nFT 0 1 2\nCOV 0 7\nSTARTED 1 5\nFT 1 \nCOV 1\n";
  assert.deepEqual(readMerge(record)[0], { file: "corpus/a", features: [1, 2] });
  assert.deepEqual(files(readMerge(record)), ["corpus/a", "work/b"]);
});

test("the input that adds the most comes first, and none that adds nothing", () => {
  const kept = [{ file: "kept", features: [1, 2, 3] }];
  const candidates = [
    { file: "nothing new", features: [1, 2] },
    { file: "one", features: [1, 4] },
    { file: "three", features: [4, 5, 6] },
    { file: "another", features: [3, 7] },
  ];
  assert.deepEqual(files(mostReaching(candidates, kept, 9)), ["three", "another"]);
  assert.deepEqual(files(mostReaching(candidates, kept, 1)), ["three"]);
});
