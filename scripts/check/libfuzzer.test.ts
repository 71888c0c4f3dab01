import assert from "node:assert/strict";
import { test } from "node:test";
import { artifact, type Input, mostReaching, panic, progress, readMerge } from "./libfuzzer.ts";

const OUTPUT = `INFO: seed corpus: files: 20 min: 1b max: 332b total: 1180b rss: 27Mb
#21	INITED cov: 165 ft: 280 corp: 20/1180b exec/s: 0 rss: 27Mb
#207115	REDUCE cov: 265 ft: 1064 corp: 403/24Kb lim: 345 exec/s: 29587 rss: 28Mb L: 6/332 MS: 3 EraseBytes-

thread '<unnamed>' (8529) panicked at /work/crates/fuzz/src/subprotocol.rs:15:5:
assertion \`left == right\` failed
  left: Some("chat")
 right: None
note: run with \`RUST_BACKTRACE=1\` environment variable to display a backtrace
artifact_prefix='/a/'; Test unit written to /a/slow-unit-55a7
==8529== ERROR: libFuzzer: deadly signal
artifact_prefix='/a/'; Test unit written to /a/crash-094b
Base64: Yg==
`;

test("the last line of progress says how far a run got", () => {
  assert.deepEqual(progress(OUTPUT), { executions: 207115, perSecond: 29587, coverage: 265 });
  assert.equal(progress("INFO: Seed: 1\n"), undefined);
});

test("the target's output is shown without the stack", () => {
  const said = panic(OUTPUT);
  assert.match(
    said ?? "",
    /^thread .*panicked at .*subprotocol\.rs:15:5:\n.* failed\n.*\n right: None$/,
  );
  assert.equal(panic("==1== ERROR: libFuzzer: timeout after 25 seconds"), undefined);
});

test("the input of a failure is found", () => {
  assert.equal(artifact(OUTPUT), "/a/crash-094b");
  assert.equal(artifact("Done 12 runs in 1 second(s)"), undefined);
});

const files = (inputs: Input[]) => inputs.map(({ file }) => file);

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
