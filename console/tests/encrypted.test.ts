import assert from "node:assert/strict";
import { test } from "node:test";
import { envelopeIn, readable, readableText } from "../src/encrypted.ts";

const ENVELOPE = {
  e2e: 1,
  k: 7,
  n: "oKGio6Slpqeoqaqr",
  c: "HKV1Gdy43_WYsVpJCo5cuc2Z3SkktcbMpcFmVTDRJ_U",
};

test("P14.1 an envelope is its epoch and its size", () => {
  assert.deepEqual(envelopeIn(ENVELOPE), { epoch: 7, bytes: 32 });
  assert.equal(readable(ENVELOPE), "encrypted, epoch 7 (32 B)");
});

test("an envelope among other things is words, and the rest stays as it is", () => {
  const users = [{ userId: "ann", data: [{ connectionId: "c1", data: { ...ENVELOPE, at: "x" } }] }];
  const words =
    '[{"userId":"ann","data":[{"connectionId":"c1","data":"encrypted, epoch 7 (32 B)"}]}]';
  assert.equal(readable(users), words);
  const frame = { type: "CONNECTED", payload: { users } };
  const shown = `{"type":"CONNECTED","payload":{"users":${words}}}`;
  assert.equal(readableText(JSON.stringify(frame), frame), shown);
});

test("what is not encrypted is shown byte for byte", () => {
  const text = '{"type":"PRICE","payload":{"n": 12345678901234567890}}';
  assert.equal(readableText(text, JSON.parse(text)), text);
  for (const other of [null, 1, "e2e", [], { e2e: 1 }, { ...ENVELOPE, k: "7" }])
    assert.equal(readable(other), JSON.stringify(other));
  assert.equal(readable(undefined), "");
});
