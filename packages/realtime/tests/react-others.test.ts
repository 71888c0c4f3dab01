/** The React hooks for who else is here, with fake sockets and a fake clock. */

import assert from "node:assert/strict";
import { describe, mock, test } from "node:test";
import { useEffect } from "react";
import { renderToString } from "react-dom/server";
import type { PresenceData } from "../src/index.ts";
import {
  useAvatarStack,
  useMyPresence,
  useOther,
  useOthers,
  useOthersAt,
  useSelf,
} from "../src/react.ts";
import { dataOf, roomWith, sentPatches, told, user, userAt } from "./support/colleagues.ts";
import { FakeSocket, pass, withFakeClock } from "./support/fake-socket.ts";
import { accept, both, inAct, opener, probe, render, strictly } from "./support/render.ts";

withFakeClock();

const ids = (people: readonly { userId: string }[] | undefined) =>
  people?.map(({ userId }) => userId);
/** A change of what a user's first connection says. */
const says = (userId: string, data: PresenceData | null) =>
  told("USER_UPDATED", { ...user(userId), data: dataOf(userId, data) });

describe("useOthers", () => {
  test("has one entry for each of the others, however many windows they have open", async () => {
    const others = probe(() => useOthers());
    await render(both(others.with(), opener("p1")));
    const data = ["ben1", "ben2"].map((connectionId) => ({ connectionId, data: { at: "t1" } }));
    await accept(roomWith({ ...user("ben"), data } as never, user("cem")));
    assert.deepEqual(ids(others.seen.result), ["ben", "cem"]);
    assert.equal(others.seen.result?.[0]?.connections.length, 2);
    assert.deepEqual(others.seen.result?.[0]?.data, { at: "t1" });
  });

  test("renders only when what it selects is another, with functions that are new on each render", async () => {
    const status = probe((_: number) =>
      useOthers((others) => others.map(({ data }) => data.status ?? "active")),
    );
    const count = probe(() => useOthers((others) => others.length));
    const page = await render(both(status.with(1), count.with(), opener("p1")));
    const socket = await accept(roomWith(user("ben"), user("cem")));
    assert.deepEqual([status.seen.result, count.seen.result], [["active", "active"], 2]);
    const before = [status.seen.renders, count.seen.renders];
    await inAct(() => socket.says(says("ben", { at: "t1" })));
    await inAct(() => socket.says(says("ben", { at: "t2", cursor: [0, 0] })));
    assert.deepEqual([status.seen.renders, count.seen.renders], before);
    const { result } = status.seen;
    await page.show(both(status.with(2), count.with(), opener("p1")));
    assert.equal(status.seen.result, result);
    await inAct(() => socket.says(says("ben", { status: "away" })));
    assert.deepEqual(status.seen.result, ["away", "active"]);
    assert.equal(count.seen.renders, (before[1] ?? 0) + 1);
  });

  test("renders by what isEqual says", async () => {
    const places = probe(() =>
      useOthers(
        (others) => others.map(({ data }) => data.at),
        (one, other) => one.length === other.length,
      ),
    );
    await render(both(places.with(), opener("p1")));
    const socket = await accept(roomWith(user("ben")));
    const { renders } = places.seen;
    await inAct(() => socket.says(says("ben", { at: "t1" })));
    assert.equal(places.seen.renders, renders);
    await inAct(() => socket.says(told("USER_JOINED", user("cem"))));
    assert.deepEqual(places.seen.result, ["t1", undefined]);
  });

  test("without a selector does not render for a cursor that comes to rest, and with one can", async () => {
    const all = probe(() => useOthers());
    const cursor = probe(() => useOther("ben", ({ data }) => data.cursor));
    await render(both(all.with(), cursor.with(), opener("p1")));
    const socket = await accept(roomWith(userAt("ben", "board")));
    const { renders } = all.seen;
    await inAct(() => socket.says(says("ben", { at: "board", cursor: [0.5, 0.5] })));
    assert.deepEqual([all.seen.renders, cursor.seen.result], [renders, [0.5, 0.5]]);
    await inAct(() => socket.says(says("ben", { at: "board", editing: "title" })));
    assert.equal(all.seen.renders, renders + 1);
  });

  test("is about the project that it names", async () => {
    const others = probe(() => useOthers(undefined, undefined, "p2"));
    const unknown = probe(() => useOthers(undefined, undefined, null));
    await render(both(others.with(), unknown.with(), opener("p1"), opener("p2")));
    const [one, two] = FakeSocket.made;
    await inAct(() => one?.accepts(roomWith(user("ben"))));
    await inAct(() => two?.accepts(roomWith(user("cem"))));
    assert.deepEqual([ids(others.seen.result), ids(unknown.seen.result)], [["cem"], []]);
  });
});

describe("useOther", () => {
  test("has one of them, or nothing while they are not online", async () => {
    const ben = probe((id: string | null) => useOther(id, ({ data }) => data.at));
    const page = await render(both(ben.with("ben"), opener("p1")));
    const socket = await accept(roomWith(userAt("ben", "t1"), userAt("cem", "t2")));
    assert.equal(ben.seen.result, "t1");
    const { renders } = ben.seen;
    await inAct(() => socket.says(says("cem", { at: "t3" })));
    assert.equal(ben.seen.renders, renders);
    await inAct(() => socket.says(told("USER_LEFT", user("ben"))));
    assert.equal(ben.seen.result, undefined);
    await page.show(both(ben.with("cem"), opener("p1")));
    assert.equal(ben.seen.result, "t3");
    await page.show(both(ben.with(null), opener("p1")));
    assert.equal(ben.seen.result, undefined);
  });
});

describe("useOthersAt", () => {
  test("has who is at a place by any of their windows, and renders for nobody else", async () => {
    const here = probe(() => useOthersAt("t1"));
    await render(both(here.with(), opener("p1")));
    const socket = await accept(roomWith(userAt("ben", "t1"), userAt("cem", "t2")));
    assert.deepEqual(ids(here.seen.result), ["ben"]);
    const { renders } = here.seen;
    await inAct(() => socket.says(says("cem", { at: "t3" })));
    await inAct(() => socket.says(says("ben", { at: "t1", cursor: [0.1, 0.2] })));
    assert.equal(here.seen.renders, renders);
    const data = [{ connectionId: "cem2", data: { at: "t1", editing: "title" } }];
    await inAct(() => socket.says(told("USER_UPDATED", { ...user("cem"), data })));
    assert.deepEqual(ids(here.seen.result), ["ben", "cem"]);
    assert.equal(here.seen.result?.[1]?.data.editing, "title");
  });
});

describe("useSelf and useMyPresence", () => {
  test("have what this client says, at once", async () => {
    const self = probe(() => useSelf());
    const may = probe(() => useSelf(({ maySend }) => maySend));
    const mine = probe(() => useMyPresence());
    await render(both(self.with(), may.with(), mine.with(), opener("p1")));
    assert.deepEqual([self.seen.result, mine.seen.result?.[0]], [undefined, {}]);
    const socket = await accept(roomWith());
    assert.equal(self.seen.result?.userId, "ann");
    assert.equal(may.seen.result, true);
    const { renders } = may.seen;
    await inAct(() => mine.seen.result?.[1]({ at: "t1", status: "busy" }));
    assert.deepEqual(mine.seen.result?.[0], { at: "t1", status: "busy" });
    assert.deepEqual(self.seen.result?.data, { at: "t1", status: "busy" });
    assert.deepEqual(sentPatches(socket), [{ at: "t1", status: "busy" }]);
    assert.equal(may.seen.renders, renders);
    await inAct(() => mine.seen.result?.[1]({ status: null }));
    assert.deepEqual(mine.seen.result?.[0], { at: "t1" });
  });

  test("an effect says it to a connection that a component around it opens, once, also in StrictMode", async () => {
    const place = probe((at: string) => {
      const [, setPresence] = useMyPresence();
      useEffect(() => setPresence({ at }), [at, setPresence]);
    });
    const page = await render(strictly(both(place.with("t1"), opener("p1"))));
    const socket = await accept(roomWith());
    await inAct(() => pass(100));
    assert.deepEqual(sentPatches(socket), [{ at: "t1" }]);
    await page.show(strictly(both(place.with("t2"), opener("p1"))));
    await inAct(() => pass(100));
    assert.deepEqual(sentPatches(socket), [{ at: "t1" }, { at: "t2" }]);
  });
});

describe("useAvatarStack", () => {
  test("has who came first, how many more there are, and who is about to leave", async () => {
    const stack = probe(() => useAvatarStack({ max: 2 }));
    await render(both(stack.with(), opener("p1")));
    const socket = await accept(roomWith(user("cem"), user("dan"), user("ben")));
    const { avatars = [], more } = stack.seen.result ?? {};
    assert.deepEqual(
      avatars.map(({ user, initials }) => [user.userName, initials]),
      [
        ["Ben", "B"],
        ["Cem", "C"],
      ],
    );
    assert.deepEqual([more, avatars.some(({ isLeaving }) => isLeaving)], [1, false]);
    const leavesAt = Date.now() + 30_000;
    await inAct(() => socket.says(told("USER_UPDATED", { ...user("ben"), leavesAt })));
    assert.equal(stack.seen.result?.avatars[0]?.isLeaving, true);
    await inAct(() => socket.says(told("USER_LEFT", user("ben"))));
    assert.deepEqual(ids(stack.seen.result?.avatars.map(({ user }) => user)), ["cem", "dan"]);
    assert.equal(stack.seen.result?.more, 0);
  });

  test("counts whom a large room does not name", async () => {
    const stack = probe(() => useAvatarStack());
    await render(both(stack.with(), opener("p1")));
    const room = roomWith(user("ben"), user("cem"));
    await accept({ ...room, activeUsers: 140 });
    assert.deepEqual([stack.seen.result?.avatars.length, stack.seen.result?.more], [2, 137]);
  });

  test("does not render for what it does not show", async () => {
    const stack = probe(() => useAvatarStack());
    await render(both(stack.with(), opener("p1")));
    const socket = await accept(roomWith(user("ben")));
    const { renders } = stack.seen;
    await inAct(() => socket.says(says("ben", { at: "t1", cursor: [0.5, 0.5] })));
    assert.equal(stack.seen.renders, renders);
  });
});

test("during server rendering nobody is there", () => {
  const errors = mock.method(console, "error", () => {});
  const all = probe(() => [
    useOthers().length,
    useOthers((others) => others.length),
    useOther("ben"),
    useOthersAt("t1").length,
    useSelf(),
    useMyPresence()[0],
    useAvatarStack(),
  ]);
  renderToString(all.with());
  const stack = { avatars: [], more: 0 };
  assert.deepEqual(all.seen.result, [0, 0, undefined, 0, undefined, {}, stack]);
  assert.equal(errors.mock.callCount(), 0);
});
