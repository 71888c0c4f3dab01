/** Cursors at a place: what a client tells of its own and shows of the others', with fake sockets. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Cursors } from "../src/collaboration/cursors.ts";
import type { ProjectConnection } from "../src/index.ts";
import {
  dataOf,
  roomWith,
  sentBy,
  sentEvents,
  sentPatches,
  told,
  user,
  userAt,
} from "./support/colleagues.ts";
import {
  connect,
  type FakeSocket,
  online,
  pass,
  socket,
  withFakeClock,
} from "./support/fake-socket.ts";
import { FAKE_PAGE, flow } from "./support/frames.ts";

withFakeClock();

type Points = [dt: number, x: number, y: number][];

/** Ann's client at the board, with these users in the room. */
async function boardWith(...others: { userId: string }[]) {
  const { project, first } = await online(roomWith(...others));
  const { cursors, stop } = openAt(project, "board");
  await pass(200);
  return { project, first, cursors, stop };
}

function openAt(project: ProjectConnection, at: string) {
  const cursors = new Cursors(project, at, FAKE_PAGE);
  return { cursors, stop: cursors.start() };
}

const sent = (socket: FakeSocket) => sentEvents(socket, "client-pointer");
const batches = (socket: FakeSocket) =>
  sent(socket).map(({ payload }) => (payload as { points: Points }).points);
const moved = (userId: string, points: unknown, at = "board") =>
  sentBy(userId, "client-pointer", { at, points });
const names = (cursors: Cursors) => cursors.shown.map(({ user }) => user.userName);
const says = (userId: string, data: Parameters<typeof dataOf>[1]) =>
  told("USER_UPDATED", { ...user(userId), data: dataOf(userId, data) });

/** A pointer that moves for this long, a position each frame. */
const wander = (cursors: Cursors, milliseconds: number) =>
  flow(milliseconds, (at) => at % 16 === 0 && cursors.move(at / 10_000, 0.5));

describe("a client's own cursor", () => {
  test("is told of at once when it begins to move, and then each 100 ms, with when it was where", async () => {
    const { first, cursors } = await boardWith(userAt("ben", "board"));
    await wander(cursors, 320);
    const [begin, ...rest] = batches(first);
    assert.deepEqual(begin, [[0, 0.0016, 0.5]]);
    assert.equal(rest.length, 3);
    for (const points of rest) {
      const lasted = points.reduce((all, [dt]) => all + dt, 0);
      assert.ok(points.length >= 6 && lasted > 80 && lasted < 120, JSON.stringify(points));
    }
    await flow(100);
    assert.equal(
      batches(first)
        .flat()
        .reduce((all, [dt]) => all + dt, 0),
      304,
    );
  });

  test("at rest is in the presence data after a second, and nothing more is sent", async () => {
    const { first, cursors } = await boardWith(userAt("ben", "board"));
    await wander(cursors, 320);
    await pass(1_500);
    assert.deepEqual(sentPatches(first), [{ at: "board" }, { cursor: [0.032, 0.5] }]);
    const before = first.sent.length;
    await pass(20_000);
    assert.equal(first.sent.length, before);
  });

  test("is told of to nobody while nobody else is at this place", async () => {
    const { first, cursors } = await boardWith(user("ben"), userAt("cem", "task:t1"));
    await wander(cursors, 500);
    await pass(2_000);
    assert.deepEqual([sent(first), sentPatches(first)], [[], [{ at: "board" }]]);
  });

  test("is seen by the first who comes, without a movement", async () => {
    const { first, cursors } = await boardWith(user("ben"));
    await wander(cursors, 160);
    await pass(5_000);
    first.says(says("ben", { at: "board" }));
    await pass(200);
    assert.deepEqual(sentPatches(first), [{ at: "board" }, { cursor: [0.016, 0.5] }]);
    first.says(told("USER_JOINED", userAt("cem", "board")));
    await pass(200);
    assert.equal(sentPatches(first).length, 2, "whoever comes later gets it from the server");
  });

  test("is sent only to those who are at this place", async () => {
    const here = [userAt("ben", "board"), userAt("cem", "board")];
    const { first, cursors } = await boardWith(...here, userAt("dan", "task:t1"));
    cursors.move(0.5, 0.5);
    await flow(1);
    assert.deepEqual(sent(first)[0]?.userIds, ["ben", "cem"]);
    first.says(told("USER_LEFT", user("dan")));
    await flow(200);
    cursors.move(0.6, 0.5);
    await flow(1);
    assert.equal(sent(first)[1]?.userIds, undefined);
  });

  test("that leaves the element is gone for the others at once, and is not in the presence data", async () => {
    const { first, cursors } = await boardWith(userAt("ben", "board"));
    await wander(cursors, 320);
    await pass(1_500);
    cursors.leave();
    await pass(200);
    assert.deepEqual(batches(first).at(-1), []);
    assert.deepEqual(sentPatches(first).at(-1), { cursor: null });
    cursors.leave();
    await pass(5_000);
    assert.equal(batches(first).filter(({ length }) => length === 0).length, 1);
  });

  test("that leaves while a batch waits sends nothing after that", async () => {
    const { first, cursors } = await boardWith(userAt("ben", "board"));
    await wander(cursors, 150);
    cursors.leave();
    await pass(3_000);
    assert.deepEqual(batches(first).at(-1), []);
  });

  test("before many is told of less often: each 100 ms for 25 that look on", async () => {
    const crowd = Array.from({ length: 60 }, (_, index) => userAt(`user${index}`, "board"));
    const { first, cursors } = await boardWith(...crowd);
    await wander(cursors, 1_000);
    assert.equal(sent(first).length, 4);
  });

  test("uses half of the messages that the server takes, and no more", async () => {
    const { project, first } = await online({
      ...roomWith(userAt("ben", "board")),
      limits: { clientFrameBytes: 16_384, presenceDataBytes: 2_048, clientMessagesPerSecond: 4 },
    });
    const { cursors } = openAt(project, "board");
    await pass(200);
    await wander(cursors, 2_000);
    assert.equal(sent(first).length, 4);
  });

  test("slows down when the server refuses, waits as long as it says, and recovers", async () => {
    const { first, cursors } = await boardWith(userAt("ben", "board"));
    await wander(cursors, 100);
    const refusal = { code: "rate_limited", limit: "clientDeliveriesPerSecond", retryAfterMs: 500 };
    first.says({ type: "ERROR", payload: refusal, timestamp: 1 });
    const before = sent(first).length;
    await wander(cursors, 450);
    assert.equal(sent(first).length, before);
    await wander(cursors, 1_050);
    assert.ok(sent(first).length - before <= 6, `${sent(first).length - before} in a second`);
    await wander(cursors, 6_000);
    const recovered = sent(first).length;
    await wander(cursors, 1_000);
    assert.ok(sent(first).length - recovered >= 9, `${sent(first).length - recovered} in a second`);
  });

  test("sends nothing while the connection is lost", async () => {
    const { first, cursors } = await boardWith(userAt("ben", "board"));
    first.ends();
    await wander(cursors, 300);
    assert.deepEqual(sent(first), []);
  });
});

describe("where a client is", () => {
  test("is said while it is there, and not any more when it has left", async () => {
    const { project, first, stop } = await boardWith();
    assert.deepEqual(sentPatches(first), [{ at: "board" }]);
    stop();
    await pass(200);
    assert.deepEqual(sentPatches(first).at(-1), { at: null });
    assert.deepEqual(project.self?.data, {});
  });

  test("is the dialog in front of a board, and the board again when it is closed", async () => {
    const { project, first, cursors } = await boardWith(userAt("ben", "board"));
    await wander(cursors, 160);
    await pass(1_500);
    const dialog = openAt(project, "task:t1");
    await pass(200);
    assert.deepEqual(project.self?.data, { at: "task:t1" });
    const before = sent(first).length;
    await wander(cursors, 160);
    await pass(1_500);
    assert.equal(sent(first).length, before, "nobody sees a cursor behind the dialog");
    assert.deepEqual(project.self?.data, { at: "task:t1" });
    dialog.stop();
    await pass(200);
    assert.deepEqual(project.self?.data, { at: "board" });
  });

  test("is said once when one element takes the place of another", async () => {
    const { project, first, stop } = await boardWith();
    stop();
    openAt(project, "task:t1");
    await pass(200);
    assert.deepEqual(sentPatches(first), [{ at: "board" }, { at: "task:t1" }]);
  });

  test("is not said any more if it has left before it was connected", async () => {
    const project = connect();
    openAt(project, "board").stop();
    const { stop } = openAt(project, "list");
    await pass(0);
    stop();
    const first = await socket();
    first.accepts(roomWith());
    await pass(200);
    assert.deepEqual([sentPatches(first), project.self?.data], [[], {}]);
  });

  test("is what the app says, if it says something else", async () => {
    const { project, stop } = await boardWith();
    project.setPresence({ at: "settings" });
    stop();
    await pass(200);
    assert.deepEqual(project.self?.data, { at: "settings" });
  });
});

describe("the others' cursors", () => {
  /** What a cursor has been told. */
  function follow(cursors: Cursors, index = 0) {
    const seen: [number, number][] = [];
    cursors.shown[index]?.subscribe((x, y) => seen.push([x, y]));
    return seen;
  }

  test("are shown when they move, by name, and move between the points that arrive", async () => {
    const { first, cursors } = await boardWith(userAt("ben", "board"));
    assert.deepEqual(names(cursors), []);
    first.says(moved("ben", [[0, 0.1, 0.1]]));
    assert.deepEqual(names(cursors), ["Ben"]);
    const seen = follow(cursors);
    await flow(16);
    assert.deepEqual(seen.at(-1), [0.1, 0.1]);
    await flow(84);
    first.says(moved("ben", [[100, 0.5, 0.1]]));
    await flow(200);
    const xs = seen.map(([x]) => x);
    assert.equal(xs.at(-1), 0.5);
    assert.ok(xs.length >= 7, `${xs.length} positions`);
    assert.deepEqual(xs, [...xs].sort());
  });

  test("are the same list however they move", async () => {
    const { first, cursors } = await boardWith(userAt("ben", "board"));
    let changes = 0;
    cursors.subscribe(() => (changes += 1));
    first.says(moved("ben", [[0, 0.1, 0.1]]));
    const { shown } = cursors;
    for (let at = 1; at < 20; at += 1) {
      first.says(moved("ben", [[100, at / 20, 0.1]]));
      await flow(100);
    }
    first.says(says("ben", { at: "board", cursor: [0.9, 0.1] }));
    assert.equal(cursors.shown, shown);
    assert.equal(changes, 1);
    first.says(told("USER_UPDATED", { ...user("ben"), userName: "Benjamin" }));
    assert.deepEqual([names(cursors), changes], [["Benjamin"], 2]);
    assert.equal(cursors.shown[0]?.ref, shown[0]?.ref);
  });

  test("are where they rest for whoever comes", async () => {
    const { cursors } = await boardWith(
      userAt("ben", "board", { cursor: [0.3, 0.4] }),
      userAt("cem", "board"),
    );
    assert.deepEqual(names(cursors), ["Ben"]);
    assert.deepEqual(follow(cursors), [[0.3, 0.4]]);
  });

  test("are only of those who are at this place, and gone with whoever goes: no ghosts", async () => {
    const { first, cursors } = await boardWith(
      userAt("ben", "board"),
      userAt("cem", "task:t1"),
      user("dan"),
      userAt("eve", "board"),
    );
    first.says(["ben", "cem", "dan", "eve", "zoe"].map((id) => moved(id, [[0, 0.1, 0.1]])));
    first.says(moved("cem", [[0, 0.1, 0.1]], "task:t1"));
    assert.deepEqual(names(cursors), ["Ben", "Eve"]);
    first.says(says("ben", { at: "task:t1" }));
    assert.deepEqual(names(cursors), ["Eve"]);
    first.says(told("USER_UPDATED", { ...userAt("eve", "board"), leavesAt: Date.now() + 30_000 }));
    assert.deepEqual(names(cursors), []);
  });

  test("are gone when they leave the element, also if only the presence data say so", async () => {
    const rest = { cursor: [0.3, 0.4] as const };
    const { first, cursors } = await boardWith(
      userAt("ben", "board"),
      userAt("cem", "board", rest),
    );
    first.says(moved("ben", [[0, 0.1, 0.1]]));
    assert.deepEqual(names(cursors), ["Ben", "Cem"]);
    first.says(moved("ben", []));
    first.says(says("cem", { at: "board" }));
    assert.deepEqual(names(cursors), []);
  });

  test("are not moved by whoever pretends to be another connection", async () => {
    const { first, cursors } = await boardWith(userAt("ben", "board"), userAt("cem", "board"));
    const payload = { at: "board", points: [[0, 0.1, 0.1]] };
    first.says(sentBy({ userId: "cem", connectionId: "ben1" }, "client-pointer", payload));
    first.says(sentBy({ userId: null, connectionId: "ben1" }, "client-pointer", payload));
    assert.deepEqual(names(cursors), []);
  });

  test("do not go back to an older position when the presence data come late", async () => {
    const { first, cursors } = await boardWith(userAt("ben", "board", { cursor: [0.1, 0.1] }));
    const seen = follow(cursors);
    first.says(moved("ben", [[0, 0.8, 0.1]]));
    first.says(says("ben", { at: "board", cursor: [0.2, 0.1] }));
    await flow(100);
    assert.deepEqual(seen, [
      [0.1, 0.1],
      [0.8, 0.1],
    ]);
  });

  test("jump for somebody who has asked for less motion", async (context) => {
    Object.assign(globalThis, { matchMedia: () => ({ matches: true }) });
    context.after(() => delete (globalThis as { matchMedia?: unknown }).matchMedia);
    const { first, cursors } = await boardWith(userAt("ben", "board"));
    first.says(moved("ben", [[0, 0.1, 0.1]]));
    const seen = follow(cursors);
    first.says(
      moved("ben", [
        [50, 0.3, 0.1],
        [50, 0.5, 0.1],
      ]),
    );
    await flow(200);
    assert.deepEqual(seen, [
      [0.1, 0.1],
      [0.5, 0.1],
    ]);
  });

  test("end with the component, and can begin again", async () => {
    const { first, cursors, stop } = await boardWith(userAt("ben", "board", { cursor: [0, 0] }));
    stop();
    assert.deepEqual(cursors.shown, []);
    first.says(moved("ben", [[0, 0.1, 0.1]]));
    assert.deepEqual(cursors.shown, []);
    cursors.start();
    assert.deepEqual(names(cursors), ["Ben"]);
  });
});
