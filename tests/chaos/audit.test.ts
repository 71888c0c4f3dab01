/** The auditor of the chaos test must notice every fault. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Audit, type Entry } from "./audit.ts";
import { Ledger } from "./ledger.ts";
import { misjudged, type Welcome } from "./verdict.ts";

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
  return wrongWith([afresh(0), ...seqs.map((seq) => ({ seq, id: seq + 100 }))]);
}

/** It connects without a position, or with one of another epoch. */
function afresh(seq: number): Entry {
  const history = { epoch: "e", seq, recovered: false };
  return { since: undefined, history, historySize: 5, life: 0 };
}

/** It comes back after a crash. */
function returns(since: number, seq: number, recovered: boolean, epoch = "e"): Entry {
  const history = { epoch, seq, recovered };
  return { since: { epoch: "e", seq: since, life: 0 }, history, historySize: 5, life: 1 };
}

/** It comes back to the server that it had left. */
function returnsBefore(since: number, seq: number): Entry {
  return { ...(returns(since, seq, true) as Welcome), life: 0 };
}

function wrongWith(log: Entry[], truth = ledger()): string[] {
  const violations: string[] = [];
  const audit = new Audit(truth, "ann", (text) => violations.push(text));
  audit.judge(log);
  audit.judgeEnd();
  return violations;
}

test("a client that gets everything meant for it, once and in order, passes", () => {
  assert.deepEqual(wrongFor(1, 2, 5), []);
  assert.deepEqual(wrongWith([afresh(0), { seq: 1, id: 101 }, afresh(4), { seq: 5, id: 105 }]), []);
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
  const log = [afresh(2), { seq: 5, id: 104 }];
  assert.deepEqual(wrongWith(log), ["got event 104 as 5, which is event 105"]);
});

test("an unanswered publication is not judged yet", () => {
  const [truth, log, violations] = [new Ledger(), [{ seq: 1, id: 101 }], [] as string[]];
  const audit = new Audit(truth, undefined, (text) => violations.push(text));
  truth.begin("a publication");
  truth.place(2, { id: 102 }, "another backend");
  audit.judge(log);
  assert.deepEqual([log.length, violations], [1, []]);
  truth.place(1, { id: 101 }, "backend");
  truth.end("a publication");
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
    misjudged(returns(since, seq, recovered, epoch) as Welcome, after(10));
  assert.deepEqual(
    [told(5, 10, true), told(4, 10, false), told(4, 4, false, "f"), told(0, 5, true)].filter(
      Boolean,
    ),
    [],
  );
  assert.match(told(5, 10, false) ?? "", /without reason/);
  assert.match(told(4, 10, true) ?? "", /against all reason/);
  assert.match(told(4, 4, true, "f") ?? "", /against all reason/);
});

/** So many events for everybody. */
function after(events: number): Ledger {
  const truth = new Ledger();
  for (let seq = 1; seq <= events; seq += 1) truth.place(seq, { id: seq + 100 }, "backend");
  return truth;
}

/** A crash took 3 and 4 after ann had seen them; 1003 came then. */
function withGap(): Ledger {
  const truth = after(2);
  truth.place(1_003, { id: 103 }, "backend");
  return truth;
}

const SEEN_AND_LOST: Entry[] = [afresh(2), { seq: 3, id: 103 }, { seq: 4, id: 104 }];

test("a client that has seen a lost event, is told so and goes on passes", () => {
  const wrong = wrongWith(
    [...SEEN_AND_LOST, returns(4, 2, false), { seq: 1_003, id: 103 }],
    withGap(),
  );
  assert.deepEqual(wrong, []);
});

test("a client that comes back before a seen event is lost, and once more after, passes", () => {
  const log = [...SEEN_AND_LOST, returnsBefore(4, 4), returns(4, 2, false)];
  assert.deepEqual(wrongWith([...log, { seq: 1_003, id: 103 }], withGap()), []);
});

test("P7.6 a client that has seen a lost event and is not told so is found", () => {
  const recovered = wrongWith(
    [...SEEN_AND_LOST, returns(4, 2, true), { seq: 1_003, id: 103 }],
    withGap(),
  );
  assert.match(recovered.join(), /against all reason.*got 1003 after 4, which was lost/);
  assert.match(wrongWith([...SEEN_AND_LOST], withGap()).join(), /saw 4, and is not told/);
});

test("P2.14 the loss of an event that was answered is found", () => {
  const wrong = wrongWith(
    [afresh(0), { seq: 1, id: 101 }, { seq: 2, id: 102 }, returns(2, 1, false)],
    after(2),
  );
  assert.match(wrong.join(), /without reason/);
});

test("P7.6 a number that two clients saw for different events is found", () => {
  assert.match(wrongWith([afresh(1), { seq: 2, id: 7 }], after(2)).join(), /got event 7 as 2/);
});
