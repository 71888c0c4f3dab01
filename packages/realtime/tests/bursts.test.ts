/** Very many broadcasts at once. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as pass, setImmediate as turn } from "node:timers/promises";
import { type AnyEvents, createBroadcaster } from "../src/server.ts";
import { fakeServer, TAKEN } from "./support/fake-server.ts";

const server = await fakeServer();

describe("a burst", () => {
  test("to very many projects is sent a few at a time, in the order of each project", async () => {
    let [now, most] = [0, 0];
    server.answer = async () => {
      now += 1;
      most = Math.max(most, now);
      await turn();
      now -= 1;
      return { body: TAKEN };
    };
    const realtime = createBroadcaster<AnyEvents>({
      url: server.url,
      secret: "s",
      timeoutMs: 60_000,
    });
    const ids = Array.from({ length: 200 }, (_, number) => `p${number}`);
    for (const type of ["A", "B"]) for (const id of ids) realtime.broadcastToProject(id, type, {});
    await realtime.flush();
    assert.ok(most <= 32, `${most} at once`);
    const sent = ids.map((id) => server.asked.filter(({ path }) => path.endsWith(`/${id}`)));
    for (const asked of sent)
      assert.deepEqual(
        asked.map(({ body }) => body.eventType),
        ["A", "B"],
      );
  });

  test("to projects that are stuck holds up no other one for longer than they may take", async () => {
    // As in a Worker whose request was cut off: nothing answers, and no time limit of it ends either.
    const stuck = () => new Promise<Response>(() => {});
    const realtime = createBroadcaster<AnyEvents>({
      url: server.url,
      secret: "s",
      timeoutMs: 500,
      fetch: (url, init) => (url.includes("stuck") ? stuck() : fetch(url, init)),
      retries: 0,
    });
    for (let number = 0; number < 32; number += 1)
      realtime.broadcastToProject(`stuck${number}`, "E", {});
    const waiting = realtime.publishToProject("p", "FIRST", {});
    await pass(550);
    await realtime.publishToProject("q", "SECOND", {});
    await waiting;
    assert.deepEqual(server.types.sort(), ["FIRST", "SECOND"]);
  });
});
