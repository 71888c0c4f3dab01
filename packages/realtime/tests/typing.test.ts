/** Who is typing: what a client says of it and believes of it, with fake sockets and a fake clock. */

import assert from "node:assert/strict";
import { describe, mock, test } from "node:test";
import { Typing, typingOf } from "../src/collaboration/typing.ts";
import { roomWith, sentBy, sentEvents, told, user } from "./support/colleagues.ts";
import { type FakeSocket, online, pass, socket, withFakeClock } from "./support/fake-socket.ts";

withFakeClock();

const TOPIC = "task:t1";

/** Ann's client, with these users in the room. */
async function annWith(...others: string[]) {
  const { project, first } = await online(roomWith(...others.map(user)));
  return { project, first, typing: typingOf(project) };
}

/** What was said of the topic, after what was just done. */
async function said(to: FakeSocket, topic = TOPIC) {
  await pass(0);
  return sentEvents(to, "client-typing")
    .map(({ payload }) => payload as { topic: string; on: boolean })
    .filter((payload) => payload.topic === topic)
    .map(({ on }) => on);
}

const types = (userId: string, on = true, topic = TOPIC) =>
  sentBy(userId, "client-typing", { topic, on });
const names = (typing: Typing, topic = TOPIC) =>
  typing.typists(topic).map(({ userName }) => userName);

describe("what a client says", () => {
  test("is said with the first key at once, and every 8 s while keys are pressed", async () => {
    const { first, typing } = await annWith("ben");
    for (let second = 0; second < 20; second += 1) {
      typing.keystroke(TOPIC);
      if (second === 0) assert.deepEqual(await said(first), [true]);
      await pass(1_000);
    }
    assert.deepEqual(await said(first), [true, true, true]);
  });

  test("a stop is said once, and the next key says it anew", async () => {
    const { first, typing } = await annWith("ben");
    typing.keystroke(TOPIC);
    typing.stop(TOPIC);
    typing.stop(TOPIC);
    typing.keystroke(TOPIC);
    assert.deepEqual(await said(first), [true, false, true]);
  });

  test("nothing is said of a stop that nobody would notice", async () => {
    const { first, typing } = await annWith("ben");
    typing.stop(TOPIC);
    typing.keystroke(TOPIC);
    await pass(10_000);
    typing.stop(TOPIC);
    assert.deepEqual(await said(first), [true]);
  });

  test("nothing is said while nobody else is there, not even somebody who is about to leave", async () => {
    const { first, typing } = await annWith();
    typing.keystroke(TOPIC);
    first.says(told("USER_JOINED", { ...user("ben"), leavesAt: Date.now() + 30_000 }));
    typing.keystroke(TOPIC);
    assert.deepEqual(await said(first), []);
    first.says(told("USER_UPDATED", user("ben")));
    typing.keystroke(TOPIC);
    assert.deepEqual(await said(first), [true]);
  });

  test("whoever comes while somebody types hears of it with the next key, at most once a second", async () => {
    const { first, typing } = await annWith("ben");
    typing.keystroke(TOPIC);
    await pass(2_000);
    first.says(told("USER_JOINED", user("cem")));
    typing.keystroke(TOPIC);
    assert.deepEqual(await said(first), [true, true]);
    first.says(told("USER_JOINED", user("dan")));
    typing.keystroke(TOPIC);
    assert.deepEqual(await said(first), [true, true]);
    await pass(1_000);
    typing.keystroke(TOPIC);
    assert.deepEqual(await said(first), [true, true, true]);
  });

  test("after a reconnect the next key says it again", async () => {
    const { first, typing } = await annWith("ben");
    typing.keystroke(TOPIC);
    first.ends();
    typing.keystroke(TOPIC);
    await pass(3_000);
    const second = await socket();
    second.accepts(roomWith(user("ben")));
    typing.keystroke(TOPIC);
    assert.deepEqual(await said(second), [true]);
  });

  test("what could not be sent was not said", async () => {
    const { first, typing } = await annWith("ben");
    first.ends();
    typing.keystroke(TOPIC);
    await pass(3_000);
    const second = await socket();
    second.accepts(roomWith(user("ben")));
    typing.keystroke(TOPIC);
    assert.deepEqual([await said(first), await said(second)], [[], [true]]);
  });
});

describe("what a client believes", () => {
  test("is who has said so, in the order in which they began, by name", async () => {
    const { first, typing } = await annWith("ben", "cem");
    first.says([types("cem"), types("ben"), types("cem")]);
    assert.deepEqual(names(typing), ["Cem", "Ben"]);
    assert.deepEqual(typing.typists("task:t2"), []);
    first.says(types("cem", false));
    assert.deepEqual(names(typing), ["Ben"]);
  });

  test("is the same list while nothing has changed, and listeners hear of changes only", async () => {
    const { first, typing } = await annWith("ben");
    let changes = 0;
    typing.subscribe(() => (changes += 1));
    first.says(types("ben"));
    const before = typing.typists(TOPIC);
    first.says(types("ben"));
    first.says(told("USER_JOINED", user("cem")));
    assert.equal(typing.typists(TOPIC), before);
    assert.equal(changes, 1);
    first.says(told("USER_UPDATED", { ...user("ben"), userName: "Benjamin" }));
    assert.deepEqual([names(typing), changes], [["Benjamin"], 2]);
  });

  test("is nothing of the user's own devices, of nobody by name, and of nonsense", async () => {
    const { first, typing } = await annWith("ben");
    const payload = { topic: TOPIC, on: true };
    first.says(sentBy({ userId: "ann", connectionId: "ann2" }, "client-typing", payload));
    first.says(sentBy({ userId: null, connectionId: "x" }, "client-typing", payload));
    for (const wrong of [null, 1, {}, { topic: 1, on: true }, { topic: TOPIC, on: "yes" }])
      first.says(sentBy("ben", "client-typing", wrong));
    assert.deepEqual(names(typing), []);
  });

  test("somebody who types in two windows types until both have stopped, and is named once", async () => {
    const { first, typing } = await annWith("ben");
    const payload = { topic: TOPIC, on: true };
    first.says([
      types("ben"),
      sentBy({ userId: "ben", connectionId: "ben2" }, "client-typing", payload),
    ]);
    assert.deepEqual(names(typing), ["Ben"]);
    first.says(types("ben", false));
    assert.deepEqual(names(typing), ["Ben"]);
    await pass(10_000);
    assert.deepEqual(names(typing), []);
  });
});

/** Each is a public report about another product. None of them may happen here. */
describe("nobody is stuck typing", () => {
  test("when a stop is lost: nobody is believed for longer than 10 s after the last word (open-chat#947)", async () => {
    const { first, typing } = await annWith("ben");
    first.says(types("ben"));
    await pass(8_000);
    first.says(types("ben"));
    await pass(9_999);
    assert.deepEqual(names(typing), ["Ben"]);
    await pass(1);
    assert.deepEqual(names(typing), []);
  });

  test("when the receiver's clock is set back meanwhile", async () => {
    const { first, typing } = await annWith("ben");
    first.says(types("ben"));
    const now = Date.now;
    mock.method(Date, "now", () => now() - 3_600_000);
    await pass(10_000);
    assert.deepEqual(names(typing), []);
  });

  test("when a tab is closed: its last words are a stop (Core-PWA#1959)", async (context) => {
    const page = new EventTarget();
    for (const name of ["addEventListener", "removeEventListener"] as const)
      Object.assign(globalThis, { [name]: page[name].bind(page) });
    context.after(() => {
      for (const name of ["addEventListener", "removeEventListener"])
        delete (globalThis as Record<string, unknown>)[name];
    });
    const { first, typing } = await annWith("ben");
    typing.keystroke(TOPIC);
    typing.keystroke("task:t2");
    page.dispatchEvent(new Event("pagehide"));
    assert.deepEqual(
      [await said(first), await said(first, "task:t2")],
      [
        [true, false],
        [true, false],
      ],
    );
  });

  test("when a tab is closed: whoever leaves types no more (spreed#9604)", async () => {
    const { first, typing } = await annWith("ben", "cem");
    first.says([types("ben"), types("cem")]);
    first.says(told("USER_LEFT", user("ben")));
    assert.deepEqual(names(typing), ["Cem"]);
  });

  test("when a laptop is closed: whose last connection is lost types no more, before they have left", async () => {
    const { first, typing } = await annWith("ben");
    first.says(types("ben"));
    first.says(told("USER_UPDATED", { ...user("ben"), leavesAt: Date.now() + 30_000 }));
    assert.deepEqual(names(typing), []);
  });

  test("when the receiver was away meanwhile", async () => {
    const { first, typing } = await annWith("ben", "cem");
    first.says([types("ben"), types("cem")]);
    first.ends();
    await pass(3_000);
    (await socket()).accepts(roomWith(user("cem")));
    assert.deepEqual(names(typing), ["Cem"]);
    await pass(7_000);
    assert.deepEqual(names(typing), []);
  });

  test("when the message is sent: it ends with the message, even if the stop is lost (react-widgets#53)", async () => {
    const { first, typing } = await annWith("ben", "cem");
    first.says([types("ben"), types("cem"), types("ben", true, "task:t2")]);
    typing.clear(TOPIC, "ben");
    assert.deepEqual([names(typing), names(typing, "task:t2")], [["Cem"], ["Ben"]]);
  });

  test("when the message goes over HTTP and races the socket: whichever comes first (release-script#137)", async () => {
    const { first, typing } = await annWith("ben");
    first.says([types("ben"), types("ben", false)]);
    typing.clear(TOPIC, "ben");
    assert.deepEqual(names(typing), []);
    first.says(types("ben"));
    typing.clear(TOPIC, "ben");
    first.says(types("ben", false));
    assert.deepEqual(names(typing), []);
    // The word that he types comes after his message: the stop follows on the same socket.
    typing.clear(TOPIC, "ben");
    first.says([types("ben"), types("ben", false)]);
    assert.deepEqual(names(typing), []);
  });

  test("and typing fast reaches no limit: 100 keys in 3 s are one message, and no presence data (flutter_supabase_chat_core#38)", async () => {
    const { first, typing } = await annWith("ben");
    for (let key = 0; key < 100; key += 1) {
      typing.keystroke(TOPIC);
      await pass(30);
    }
    await pass(0);
    assert.deepEqual(
      first.sent.flat().map(({ type }) => type),
      ["SEND"],
    );
  });
});

test("typing is one for a connection, whoever asks", async () => {
  const { project, typing } = await annWith();
  assert.equal(typingOf(project), typing);
  assert.ok(typing instanceof Typing);
});
