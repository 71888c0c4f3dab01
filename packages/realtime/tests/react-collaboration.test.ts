/** The React hooks for typing and for cursors, with fake sockets, a fake clock and a page of happy-dom. */

import assert from "node:assert/strict";
import { describe, mock, test } from "node:test";
import { createElement, type ReactNode, useRef } from "react";
import { renderToString } from "react-dom/server";
import {
  useAvatarStack,
  useCursors,
  useOther,
  useOthers,
  useOthersAt,
  useProjectEvent,
  useProjectRealtime,
  useTyping,
} from "../src/react.ts";
import {
  roomWith,
  sentBy,
  sentEvents,
  sentPatches,
  told,
  user,
  userAt,
} from "./support/colleagues.ts";
import { type FakeSocket, pass, withFakeClock } from "./support/fake-socket.ts";
import { flow, observed, resized, withFakeFrames } from "./support/frames.ts";
import { accept, both, inAct, opener, options, probe, render, strictly } from "./support/render.ts";

withFakeClock();
withFakeFrames();

const typing = (userId: string, topic: string, on = true) =>
  sentBy(userId, "client-typing", { topic, on });
const moved = (userId: string, points: unknown, at = "board") =>
  sentBy(userId, "client-pointer", { at, points });
const said = (socket: FakeSocket) =>
  sentEvents(socket, "client-typing").map(({ payload }) => payload);
const pointed = (socket: FakeSocket) =>
  sentEvents(socket, "client-pointer").map(
    ({ payload }) => (payload as { points: unknown[] }).points,
  );

describe("useTyping", () => {
  const hook = () => probe((topic: string | null) => useTyping(topic));
  const names = ({ seen }: ReturnType<typeof hook>) =>
    seen.result?.typists.map(({ userName }) => userName);

  test("says what the user does, and returns who else types", async () => {
    const comments = hook();
    await render(both(comments.with("t1"), opener("p1")));
    const socket = await accept(roomWith(user("ben")));
    await inAct(() => comments.seen.result?.keystroke());
    await inAct(() => comments.seen.result?.stop());
    assert.deepEqual(said(socket), [
      { topic: "t1", on: true },
      { topic: "t1", on: false },
    ]);
    await inAct(() => socket.says(typing("ben", "t1")));
    assert.deepEqual(names(comments), ["Ben"]);
    await inAct(() => comments.seen.result?.clear("ben"));
    assert.deepEqual(names(comments), []);
  });

  test("renders for no other topic, and for nobody who types on", async () => {
    const comments = hook();
    await render(both(comments.with("t1"), opener("p1")));
    const socket = await accept(roomWith(user("ben"), user("cem")));
    await inAct(() => socket.says(typing("ben", "t1")));
    const { renders, result } = comments.seen;
    await inAct(() => socket.says([typing("ben", "t1"), typing("cem", "t2")]));
    await inAct(() => comments.seen.result?.keystroke());
    assert.deepEqual([comments.seen.renders, comments.seen.result], [renders, result]);
  });

  test("has functions that stay the same", async () => {
    const functions = new Set<unknown>();
    const comments = probe((_: number) => {
      const { keystroke, stop, clear } = useTyping("t1");
      for (const each of [keystroke, stop, clear]) functions.add(each);
    });
    const page = await render(both(comments.with(1), opener("p1")));
    await accept(roomWith(user("ben")));
    functions.clear();
    for (const number of [2, 3]) await page.show(both(comments.with(number), opener("p1")));
    assert.equal(functions.size, 3);
  });

  for (const where of ["another topic", "another page", "no topic yet"])
    test(`says stop when the user goes on to ${where} (Expensify/App#846)`, async () => {
      const comments = hook();
      const page = await render(both(comments.with("t1"), opener("p1")));
      const socket = await accept(roomWith(user("ben")));
      await inAct(() => comments.seen.result?.keystroke());
      if (where === "another page") await page.show(opener("p1"));
      else
        await page.show(both(comments.with(where === "another topic" ? "t2" : null), opener("p1")));
      assert.deepEqual(said(socket).at(-1), { topic: "t1", on: false });
    });

  test("shows of another topic nobody who typed about the one before", async () => {
    const comments = hook();
    const page = await render(both(comments.with("t1"), opener("p1")));
    const socket = await accept(roomWith(user("ben")));
    await inAct(() => socket.says(typing("ben", "t1")));
    await page.show(both(comments.with("t2"), opener("p1")));
    assert.deepEqual(names(comments), []);
  });

  test("does not say stop for a component that only shows who types", async () => {
    const [composer, indicator] = [hook(), hook()];
    const page = await render(both(composer.with("t1"), indicator.with("t1"), opener("p1")));
    const socket = await accept(roomWith(user("ben")));
    await inAct(() => composer.seen.result?.keystroke());
    await page.show(both(composer.with("t1"), opener("p1")));
    assert.deepEqual(said(socket), [{ topic: "t1", on: true }]);
  });

  test("in StrictMode says each thing once", async () => {
    const comments = hook();
    const page = await render(strictly(both(comments.with("t1"), opener("p1"))));
    const socket = await accept(roomWith(user("ben")));
    await inAct(() => comments.seen.result?.keystroke());
    await inAct(() => socket.says(typing("ben", "t1")));
    assert.deepEqual(names(comments), ["Ben"]);
    await page.unmount();
    assert.deepEqual(said(socket), [
      { topic: "t1", on: true },
      { topic: "t1", on: false },
    ]);
  });
});

interface BoardProps {
  at: string | null;
  seen: { renders: number; element: HTMLElement | undefined };
}

/** Shows cursors. */
function Board({ at, seen }: BoardProps): ReactNode {
  const ref = useRef<HTMLDivElement>(null);
  const { cursors } = useCursors({ at, ref });
  seen.renders += 1;
  const keep = (element: HTMLDivElement | null) => {
    ref.current = element;
    if (element) seen.element = sized(element);
  };
  return createElement(
    "div",
    { ref: keep },
    cursors.map(({ connectionId, user, ref }) =>
      createElement("i", { key: connectionId, ref }, user.userName),
    ),
  );
}

/** A board, how often it was rendered, and what it shows. */
function newBoard() {
  const seen: BoardProps["seen"] = { renders: 0, element: undefined };
  /** Its cursors by name, with how they are moved. */
  const shown = () =>
    Array.from(seen.element?.children ?? [], (cursor) => [
      cursor.textContent,
      (cursor as HTMLElement).style.transform,
    ]);
  const at = (at: string | null = "board") => createElement(Board, { key: "board", at, seen });
  return { seen, shown, with: at };
}

/** An element of 1,000 by 500 pixels, 100 pixels from the left and the top of the page, with a border. */
function sized(element: HTMLElement): HTMLElement {
  const box = { left: 98, top: 98, width: 1_004, height: 504 };
  const sizes = { clientLeft: 2, clientTop: 2, clientWidth: 1_000, clientHeight: 500 };
  for (const [name, value] of Object.entries(sizes))
    Object.defineProperty(element, name, { value, configurable: true });
  element.getBoundingClientRect = () => box as DOMRect;
  return element;
}

function point(
  target: EventTarget | undefined,
  type: string,
  fields: Record<string, unknown> = {},
) {
  const event = new (document.defaultView as Window & typeof globalThis).Event(type, {
    bubbles: true,
  });
  target?.dispatchEvent(Object.assign(event, { pointerType: "mouse", ...fields }));
}

/** Another tab is in front of the page. */
function hidePage(): void {
  mock.getter(document, "visibilityState", () => "hidden");
  point(document, "visibilitychange");
}

describe("useCursors", () => {
  async function open(...others: { userId: string }[]) {
    const board = newBoard();
    const page = await render(both(board.with(), opener("p1")));
    const socket = await accept(roomWith(...others));
    await inAct(() => pass(200));
    return { board, page, socket };
  }

  test("moves the elements of the others' cursors without a render", async () => {
    const { board, socket } = await open(userAt("ben", "board"));
    await inAct(() => socket.says(moved("ben", [[0, 0.1, 0.1]])));
    await inAct(() => flow(32));
    const { renders } = board.seen;
    assert.deepEqual(board.shown(), [["Ben", "translate(100px, 50px)"]]);
    await inAct(() => socket.says(moved("ben", [[100, 0.5, 0.5]])));
    await inAct(() => flow(200));
    assert.deepEqual(board.shown(), [["Ben", "translate(500px, 250px)"]]);
    assert.equal(board.seen.renders, renders);
  });

  test("keeps cursors in their places when the element changes its size", async () => {
    const { board, socket, page } = await open(userAt("ben", "board"));
    await inAct(() => socket.says(moved("ben", [[0, 0.5, 0.5]])));
    await inAct(() => flow(32));
    Object.defineProperty(board.seen.element, "clientWidth", { value: 400, configurable: true });
    resized();
    assert.deepEqual(board.shown(), [["Ben", "translate(200px, 250px)"]]);
    await page.unmount();
    assert.equal(observed(), 0);
  });

  test("tells where the mouse is as fractions within the borders, once a frame", async () => {
    const { board, socket } = await open(userAt("ben", "board"));
    point(board.seen.element, "pointermove", { clientX: 300, clientY: 300 });
    point(board.seen.element, "pointermove", { clientX: 350, clientY: 350 });
    await flow(16);
    assert.deepEqual(pointed(socket), [[[0, 0.25, 0.5]]]);
  });

  test("tells where it is when the page is scrolled or changes its size below it", async () => {
    const { board, socket } = await open(userAt("ben", "board"));
    const { element } = board.seen;
    point(element, "pointermove", { clientX: 350, clientY: 350 });
    await flow(200);
    const box = { left: 98, top: -2 };
    if (element) element.getBoundingClientRect = () => box as DOMRect;
    point(document, "scroll");
    await flow(200);
    assert.deepEqual(pointed(socket).at(-1), [[0, 0.25, 0.7]]);
  });

  test("does not take a finger for a cursor", async () => {
    const { board, socket } = await open(userAt("ben", "board"));
    point(board.seen.element, "pointermove", { clientX: 350, clientY: 350, pointerType: "touch" });
    await flow(200);
    point(board.seen.element, "pointerleave", { pointerType: "touch" });
    await flow(200);
    assert.deepEqual(pointed(socket), []);
  });

  for (const [what, leave] of [
    ["leaves the element", (element?: HTMLElement) => point(element, "pointerleave")],
    ["is on a page that nobody sees any more", () => hidePage()],
  ] as const)
    test(`tells that the cursor is gone when it ${what}`, async () => {
      const { board, socket } = await open(userAt("ben", "board"));
      point(board.seen.element, "pointermove", { clientX: 350, clientY: 350 });
      await flow(200);
      leave(board.seen.element);
      await flow(200);
      assert.deepEqual(pointed(socket).at(-1), []);
    });

  test("is at a place only while it is mounted, and leaves no listener behind", async () => {
    const spies = (["addEventListener", "removeEventListener"] as const).map((name) =>
      mock.method(document, name),
    );
    const scrolls = () =>
      spies.map(({ mock }) => mock.calls.filter((call) => call.arguments[0] === "scroll").length);
    const { board, page, socket } = await open(userAt("ben", "board"));
    const { element } = board.seen;
    point(element, "pointermove", { clientX: 350, clientY: 350 });
    await flow(200);
    await page.show(opener("p1"));
    await inAct(() => pass(200));
    assert.deepEqual(pointed(socket).at(-1), []);
    assert.deepEqual(sentPatches(socket).at(-1), { at: null });
    const { length } = socket.sent;
    point(element, "pointermove", { clientX: 360, clientY: 350 });
    point(document, "scroll");
    await inAct(() => pass(3_000));
    assert.equal(socket.sent.length, length);
    assert.deepEqual(scrolls(), [1, 1]);
  });

  test("shows of another place nobody who was at the one before", async () => {
    const { board, page, socket } = await open(userAt("ben", "board"), userAt("cem", "list"));
    await inAct(() => socket.says([moved("ben", [[0, 0, 0]]), moved("cem", [[0, 0, 0]], "list")]));
    await inAct(() => flow(32));
    assert.deepEqual(
      board.shown().map(([name]) => name),
      ["Ben"],
    );
    await page.show(both(board.with("list"), opener("p1")));
    assert.deepEqual(board.shown(), []);
    await inAct(() => socket.says(moved("cem", [[0, 0, 0]], "list")));
    assert.deepEqual(
      board.shown().map(([name]) => name),
      ["Cem"],
    );
    await page.show(both(board.with(null), opener("p1")));
    await inAct(() => pass(200));
    assert.deepEqual(sentPatches(socket).at(-1), { at: null });
  });

  test("in StrictMode is at its place, once", async () => {
    const board = newBoard();
    await render(strictly(both(board.with(), opener("p1"))));
    const socket = await accept(roomWith(userAt("ben", "board")));
    await inAct(() => pass(200));
    assert.deepEqual(sentPatches(socket), [{ at: "board" }]);
    point(board.seen.element, "pointermove", { clientX: 350, clientY: 350 });
    await flow(200);
    assert.equal(pointed(socket).length, 1);
    await inAct(() => socket.says(moved("ben", [[0, 0.1, 0.1]])));
    await inAct(() => flow(32));
    assert.deepEqual(board.shown(), [["Ben", "translate(100px, 50px)"]]);
  });

  test("without an element takes positions and gives them, as in React Native", async () => {
    const canvas = probe(() => useCursors({ at: "board" }));
    await render(both(canvas.with(), opener("p1")));
    const socket = await accept(roomWith(userAt("ben", "board", { cursor: [0.1, 0.2] })));
    const seen: number[][] = [];
    canvas.seen.result?.cursors[0]?.subscribe((...position) => seen.push(position));
    assert.deepEqual(seen, [[0.1, 0.2]]);
    await inAct(() => pass(200));
    await inAct(() => canvas.seen.result?.move(0.5, 0.5));
    await inAct(() => canvas.seen.result?.leave());
    assert.deepEqual(pointed(socket), [[[0, 0.5, 0.5]], []]);
  });
});

describe("50 cursors that move", () => {
  test("render no component that shows none", async () => {
    const people = Array.from({ length: 50 }, (_, index) => userAt(`user${index}`, "board"));
    const board = newBoard();
    const others = [
      probe(() => useOthers()),
      probe(() => useOthers((all) => all.map(({ data }) => data.at))),
      probe(() => useOthersAt("board")),
      probe(() => useOther("user7", ({ data }) => data.status)),
      probe(() => useAvatarStack()),
      probe(() => useTyping("board")),
      probe(() => useProjectRealtime("p1", options()).lastEvent),
      probe(() => useProjectRealtime("p1", options()).users),
      probe(() => useProjectEvent("*", () => {})),
    ];
    await render(both(board.with(), ...others.map((each) => each.with()), opener("p1")));
    const socket = await accept(roomWith(...people));
    const begin = people.map(({ userId }) => moved(userId, [[0, 0, 0]]));
    await inAct(() => socket.says(begin));
    const count = () => [board.seen.renders, ...others.map(({ seen }) => seen.renders)];
    const before = count();
    const positions = new Set<string | undefined>();
    const look = () => positions.add(board.shown().at(-1)?.[1]);
    for (let batch = 1; batch <= 10; batch += 1) {
      const x = batch / 20;
      await inAct(() => socket.says(people.map(({ userId }) => moved(userId, [[100, x, x]]))));
      await inAct(() => flow(99, look));
    }
    assert.ok(positions.size > 50, `${positions.size} positions`);
    assert.deepEqual(count(), before);
    // They come to rest.
    const rests = people.map(({ userId }) =>
      told("USER_UPDATED", userAt(userId, "board", { cursor: [0.5, 0.5] })),
    );
    await inAct(() => socket.says(rests));
    assert.deepEqual(count(), before);
  });
});

test("during server rendering nobody types or points", async () => {
  const errors = mock.method(console, "error", () => {});
  const all = probe(() => [useTyping("t1").typists, useCursors({ at: "board" }).cursors]);
  renderToString(all.with());
  assert.deepEqual(all.seen.result, [[], []]);
  assert.equal(errors.mock.callCount(), 0);
});
