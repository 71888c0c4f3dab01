/** The React hooks against the real server. */

import "../support/dom.ts";
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { act, createElement, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { within } from "../../../../tests/support/inbox.ts";
import { NEEDS_OWN_RUNTIME, type Room, startOwnServer } from "../../../../tests/support/target.ts";
import {
  useOnlineUsers,
  useProjectEvent,
  useProjectRealtime,
  useTaskRealtime,
} from "../../src/react.ts";

/** What the page shows. */
interface Shown {
  users: string[];
  heard: string[];
  last: string;
}

interface PartProps {
  room: Room;
  shown: Shown;
}

const optionsOf = ({ server }: Room) => ({ host: server.url, user: { id: "ann" } });

function Board({ room, shown }: PartProps): null {
  useProjectRealtime(room.id, optionsOf(room));
  shown.users = useOnlineUsers().map(({ userId }) => userId);
  return null;
}

function Task({ room, shown }: PartProps): null {
  const { lastEvent } = useTaskRealtime("t1", room.id, optionsOf(room));
  useProjectEvent("*", ({ type }) => shown.heard.push(type));
  shown.last = lastEvent?.type ?? "";
  return null;
}

describe("a page", { skip: NEEDS_OWN_RUNTIME }, async () => {
  const { server } = await startOwnServer();

  /** A page with two components that both ask for the project, in StrictMode, and what it shows. */
  function open(room: Room) {
    const shown: Shown = { users: [], heard: [], last: "" };
    const root = createRoot(document.createElement("div"));
    after(() => act(() => root.unmount()));
    const parts = [Board, Task].map((Part) => createElement(Part, { key: Part.name, room, shown }));
    return { shown, root, node: createElement(StrictMode, null, parts) };
  }

  /** Lets React render what came until this holds. */
  const until = (holds: () => boolean | Promise<boolean>, what: string) =>
    within(
      (async () => {
        while (!(await holds())) await act(() => server.room().state());
      })(),
      what,
    );

  test("in StrictMode with two hooks has one socket, hears each event once, and leaves when nobody wants it any more", async () => {
    const room = server.room();
    const { shown, root, node } = open(room);
    await act(() => root.render(node));
    await until(() => shown.users.length === 1, "the page to know who is there");
    assert.deepEqual(shown.users, ["ann"]);
    await room.broadcast("TASK_UPDATED", { payload: { taskId: "t1" } });
    await until(() => shown.last === "TASK_UPDATED", "the event");
    assert.deepEqual(shown.heard, ["CONNECTED", "resync", "TASK_UPDATED"]);
    assert.equal((await room.state()).connections, 1);
    await act(() => root.unmount());
    await until(async () => (await room.state()).connections === 0, "the socket to end");
    assert.equal((await room.state()).activeUsers, 0);
  });
});
