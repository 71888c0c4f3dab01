import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutExportsOfOthers } from "./wasm-ld.mjs";

const OURS = "2aab677b1d7a8762";
const OTHERS = "501db30cf628aeaf";
const exporting = (...names: string[]) => names.flatMap((name) => ["--export", name]);

test("our exports, and those of wasm-bindgen's runtime, stay", () => {
  const ours = exporting(`fetch_${OURS}`, `__wbindgen_describe_fetch_${OURS}`);
  const args = ["-flavor", "wasm", ...ours, ...exporting("__wbindgen_malloc"), "-O2"];
  assert.deepEqual(withoutExportsOfOthers(args), args);
});

test("an export of another crate goes, and its description with it", () => {
  const ours = exporting(`fetch_${OURS}`);
  const pull = `intounderlyingsource_pull_${OTHERS}`;
  const theirs = exporting(pull, `__wbindgen_describe_${pull}`);
  assert.deepEqual(withoutExportsOfOthers([...theirs, ...ours]), ours);
});

test("the crate of documents is ours, too", () => {
  const ours = exporting(`document_new_${OURS}`, `document_message_${OURS}`);
  const args = [...exporting(`intounderlyingsource_pull_${OTHERS}`), ...ours];
  assert.deepEqual(withoutExportsOfOthers(args), ours);
});

test("the description of an import stays, whichever crate declares it", () => {
  const args = exporting(`fetch_${OURS}`, `__wbindgen_describe___wbg_log_${OTHERS}`);
  assert.deepEqual(withoutExportsOfOthers(args), args);
});
