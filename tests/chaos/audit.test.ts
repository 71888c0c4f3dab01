/** The auditor of the chaos test must notice every fault. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Audit, type Entry } from "./audit.ts";
import { Ledger } from "./ledger.ts";
import { misjudged } from "./verdict.ts";

/** Five events; ann gets 1, 2 and 5. */
function ledger(): Ledger {
  const truth = new Ledger();
  const audiences = [{}, { userIds: ["ann"] }, { excludeUserId: "ann" }, { userIds: ["ben"] }, {}];
  for (const [index, audience] of audiences.entries())
    assert.equal(truth.place(index + 1, { id: index + 101, ...audience }, "backend"), undefined);
  return truth;
}

/** What is wrong when ann gets these numbers, each with the event that has it. */
function wrongFor(...seqs: number[]): string[] {
  return wrongWith([{ base: 0 }, ...seqs.map((seq) => ({ seq, id: seq + 100 }))]);
}

function wrongWith(log: Entry[]): string[] {
  const violations: string[] = [];
  const audit = new Audit(ledger(), "ann", (text) => violations.push(text));
  audit.judge(log);
  audit.judgeEnd();
  return violations;
}

test("a client that gets everything meant for it, once and in order, passes", () => {
  assert.deepEqual(wrongFor(1, 2, 5), []);
  assert.deepEqual(
    wrongWith([{ base: 0 }, { seq: 1, id: 101 }, { base: 4 }, { seq: 5, id: 105 }]),
    [],
  );
});

test("a missed event is found, at the start, between others, and at the end", () => {
  assert.deepEqual(wrongFor(2, 5), ["missed 1, between 0 and 2"]);
  assert.deepEqual(wrongFor(1, 5), ["missed 2, between 1 and 5"]);
  assert.deepEqual(wrongFor(1, 2), ["missed 5, between 2 and 6"]);
});

test("an event that comes twice, or late, is found", () => {
  assert.deepEqual(wrongFor(1, 1, 2, 5), ["got 1 after 1"]);
  assert.deepEqual(wrongFor(2, 1, 5), ["missed 1, between 0 and 2", "got 1 after 2"]);
});

test("an event that is not for a client, or not the one of its number, is found", () => {
  assert.deepEqual(wrongFor(1, 2, 3, 5), ["got 3, which is not for it"]);
  const log = [{ base: 2 }, { seq: 5, id: 104 }];
  assert.deepEqual(wrongWith(log), ["got event 104 as 5, which is event 105"]);
});

test("an unanswered publication is not judged yet", () => {
  const [truth, log, violations] = [new Ledger(), [{ seq: 1, id: 101 }], [] as string[]];
  const audit = new Audit(truth, undefined, (text) => violations.push(text));
  audit.judge(log);
  truth.place(1, { id: 101 }, "backend");
  audit.judge(log);
  assert.deepEqual([log, violations], [[], []]);
});

test("one number for two events, and a publisher's events out of order, are found", () => {
  assert.match(ledger().place(5, { id: 106 }, "backend") ?? "", /both have number 5/);
  const truth = new Ledger();
  truth.place(2, { id: 1 }, "backend");
  assert.match(truth.place(1, { id: 2 }, "backend") ?? "", /published 1 after 2/);
});

test("a wrong answer to a position is found either way", () => {
  const told = (since: number, seq: number, recovered: boolean, epoch = "e") =>
    misjudged({ epoch: "e", seq: since }, { epoch, seq, recovered }, 5);
  assert.deepEqual(
    [told(5, 10, true), told(4, 10, false), told(4, 4, false, "f")].filter(Boolean),
    [],
  );
  assert.match(told(5, 10, false) ?? "", /without reason/);
  assert.match(told(4, 10, true) ?? "", /against all reason/);
  assert.match(told(4, 4, true, "f") ?? "", /against all reason/);
  assert.match(told(4, 3, true) ?? "", /forgotten/);
});
