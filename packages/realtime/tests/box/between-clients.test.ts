/** Clients that tell each other things, through the real server (P11, P12). */

import assert from "node:assert/strict";
import { describe, mock, test } from "node:test";
import { type Frame, within } from "../../../../tests/support/inbox.ts";
import { NEEDS_OWN_RUNTIME, startOwnServer } from "../../../../tests/support/target.ts";
import type { Other } from "../../src/index.ts";
import { crash, type Watcher, watcher } from "../support/watcher.ts";

const OWN = { skip: NEEDS_OWN_RUNTIME };

const as = (id: string) => ({ user: { id, name: id.toUpperCase() } });

interface ClientEvent extends Frame {
  from?: unknown;
}

/** The data of everybody else, by user, as this client knows them. */
const seenBy = ({ project }: Watcher) =>
  Object.fromEntries(project.others.map(({ userId, data }) => [userId, data]));

/** Waits until a client knows of others what it is to know. */
async function until(
  client: Watcher,
  what: string,
  holds: (others: readonly Other[]) => boolean,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = () => holds(client.project.others) && resolve();
  const off = client.project.on("others", look);
  look();
  await within(promise, what);
  off();
}

/** Waits until a client sees this place of a user; undefined is nowhere. */
const untilAt = (client: Watcher, id: string, at: string | undefined) =>
  until(client, `${id} to be at ${at}`, (others) =>
    others.some(({ userId, data }) => userId === id && data.at === at),
  );

describe("where clients may talk to each other", OWN, async () => {
  const { server, runtime } = await startOwnServer({ vars: { CLIENT_EVENTS: "on" } });

  test("an event reaches the others and the sender's other devices, and says who sent it (P11)", async () => {
    const room = server.room();
    const ann = await watcher(room, as("ann"));
    const phone = await watcher(room, as("ann"));
    const ben = await watcher(room, as("ben"));
    const cem = await watcher(room, as("cem"));
    const payload = { topic: "t1", on: true };
    assert.equal(ann.project.send("client-typing", payload), true);
    const from = { userId: "ann", connectionId: ann.project.self?.connectionId };
    for (const other of [phone, ben, cem]) {
      const event: ClientEvent = await other.next("client-typing");
      assert.deepEqual([event.payload, event.from], [payload, from]);
    }
    ann.project.send("client-typing", { topic: "t2", on: true }, { userIds: ["cem"] });
    ann.project.send("client-typing", { topic: "t3", on: true });
    const topics = [await ben.next("client-typing"), await cem.next("client-typing")];
    assert.deepEqual(
      topics.map(({ payload }) => payload.topic),
      ["t3", "t2"],
    );
    assert.ok(!ann.types.includes("client-typing"));
  });

  test("presence data are known to who is here and to who comes later (P12)", async () => {
    const room = server.room();
    const ann = await watcher(room, as("ann"));
    const ben = await watcher(room, as("ben"));
    ann.project.setPresence({ at: "task:t1", cursor: [0.25, 1] });
    await untilAt(ben, "ann", "task:t1");
    ann.project.setPresence({ cursor: null, status: "busy" });
    await until(ben, "ann to be busy", ([other]) => other?.data.status === "busy");
    const data = { at: "task:t1", status: "busy" };
    assert.deepEqual(seenBy(ben), { ann: data });
    const cem = await watcher(room, as("cem"));
    assert.deepEqual(seenBy(cem), { ann: data, ben: {} });
    ann.project.close();
    await until(ben, "ann to leave", (others) => !others.some(({ userId }) => userId === "ann"));
  });

  test("whose connection breaks is seen to come back with the same data, which are not said again (P12.6)", async () => {
    const room = server.room();
    const ann = await watcher(room, as("ann"));
    const ben = await watcher(room, as("ben"));
    ann.project.setPresence({ at: "task:t1" });
    await untilAt(ben, "ann", "task:t1");
    const seen: unknown[] = [];
    ben.project.on("others", ({ payload: [other] }) =>
      seen.push([other?.data.at, other?.leavesAt !== undefined]),
    );
    ann.project.reconnect();
    await ann.next("CONNECTED");
    await until(
      ben,
      "ann to be back",
      ([other]) => seen.length > 1 && other?.leavesAt === undefined,
    );
    ann.project.setPresence({ at: "task:t2" });
    await untilAt(ben, "ann", "task:t2");
    assert.deepEqual(seen, [
      ["task:t1", true],
      ["task:t1", false],
      ["task:t2", false],
    ]);
  });

  test("after a crash, which loses the data, everybody has told them again (P12.8)", async () => {
    const room = server.room();
    const clients = [
      await watcher(room, as("ann")),
      await watcher(room, as("ben")),
      await watcher(room, as("cem")),
    ];
    for (const [index, { project }] of clients.entries()) project.setPresence({ at: `t${index}` });
    const agree = () =>
      Promise.all(
        clients.flatMap((client, own) =>
          ["ann", "ben", "cem"].map((id, index) =>
            index === own ? undefined : untilAt(client, id, `t${index}`),
          ),
        ),
      );
    await agree();
    clients[0]?.project.setPresence({ editing: "title" });
    mock.method(Math, "random", () => 0.1);
    await crash(runtime);
    for (const client of clients) await client.until("online");
    await agree();
    for (const client of clients.slice(1))
      await until(client, "ann to edit", ([ann]) => ann?.data.editing === "title");
    mock.restoreAll();
  });

  test("who sends far too much is told so, stays, and has their presence data told in the end (P10.3)", async () => {
    const room = server.room();
    const ann = await watcher(room, as("ann"));
    const ben = await watcher(room, as("ben"));
    for (let sent = 0; sent < 120; sent += 1)
      ann.project.send("client-typing", { topic: `t${sent}`, on: true });
    ann.project.setPresence({ at: "task:t1" });
    const { payload } = await ann.next("ERROR");
    assert.equal(payload.code, "rate_limited");
    await untilAt(ben, "ann", "task:t1");
    assert.equal(ann.project.status.state, "online");
  });

  test("data that are too big are refused, and those that are small enough again are told (P12)", async () => {
    const room = server.room();
    const ann = await watcher(room, as("ann"));
    const ben = await watcher(room, as("ben"));
    ann.project.setPresence({ at: "task:t1", editing: "x".repeat(3_000) });
    assert.equal((await ann.next("ERROR")).payload.code, "presence_data_too_big");
    ann.project.setPresence({ editing: "title" });
    await untilAt(ben, "ann", "task:t1");
    assert.deepEqual(seenBy(ben), { ann: { at: "task:t1", editing: "title" } });
  });
});

test(
  "in a large room clients know of those at their own place, also after a reconnect (P12.7)",
  OWN,
  async () => {
    const vars = { CLIENT_EVENTS: "on", PRESENCE_EVENTS_MAX: "2" };
    const { server } = await startOwnServer({ vars });
    const room = server.room();
    const ann = await watcher(room, as("ann"));
    const ben = await watcher(room, as("ben"));
    const cem = await watcher(room, as("cem"));
    // A fourth one makes sure that all three have heard that the room is large.
    await watcher(room, as("dee"));
    for (const client of [ann, ben, cem]) await client.next("PRESENCE");
    ann.project.setPresence({ at: "t1" });
    ben.project.setPresence({ at: "t1" });
    cem.project.setPresence({ at: "t2" });
    await untilAt(ann, "ben", "t1");
    await untilAt(ben, "ann", "t1");
    ben.project.reconnect();
    await ben.next("CONNECTED");
    await untilAt(ben, "ann", "t1");
    cem.project.setPresence({ at: "t1" });
    await untilAt(ann, "cem", "t1");
    await untilAt(cem, "ann", "t1");
    ben.project.setPresence({ at: "t2" });
    await until(ann, "ben to be elsewhere", (others) =>
      others.every(({ userId, data }) => userId !== "ben" || data.at === undefined),
    );
    assert.equal(seenBy(ben).ann?.at, undefined);
  },
);

test(
  "on a server with client events off nothing is sent, and all else goes on (P4.8)",
  OWN,
  async () => {
    const { server } = await startOwnServer();
    const room = server.room();
    const warn = mock.method(console, "warn", () => {});
    const ann = await watcher(room, as("ann"));
    const ben = await watcher(room, as("ben"));
    assert.equal(ann.project.send("client-typing", { topic: "t1", on: true }), false);
    ann.project.setPresence({ at: "task:t1" });
    assert.equal(warn.mock.callCount(), 1);
    await room.broadcast("NEXT");
    await Promise.all([ann.next("NEXT"), ben.next("NEXT")]);
    assert.deepEqual(
      [...ann.types, ...ben.types].filter((type) => /ERROR|client/.test(type)),
      [],
    );
    assert.deepEqual(seenBy(ben), { ann: {} });
    mock.restoreAll();
  },
);
