/** Removals and floors for a backend, against a server that answers as a test tells it to. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, beforeEach, describe, test } from "node:test";
import { createRooms, RoomError, removeUser } from "../src/server.ts";

const asked: string[] = [];
let answers: [status: number, body: object][] = [];
const server = createServer(async (request, response) => {
  const body = (await request.toArray()).join("");
  asked.push(`${request.method} ${request.url} ${request.headers.authorization} ${body}`.trim());
  const [status, answer] = answers.shift() ?? [500, {}];
  response.writeHead(status).end(JSON.stringify(answer));
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
after(() => server.close());
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const rooms = createRooms({ url: `${url}/`, secret: "s" });

const removed: [number, object] = [
  200,
  { success: true, message: "User removed", disconnected: 2, refusedUntil: null },
];
const unavailable: [number, object] = [
  503,
  { success: false, code: "room_unavailable", error: "Words" },
];

beforeEach(() => {
  asked.length = 0;
  answers = [];
});

describe("a user is removed", () => {
  test("from a room (P8.1), and it is said how many sockets they had", async () => {
    answers = [removed];
    assert.equal(await rooms.removeUser("a b", "ü/1"), 2);
    assert.deepEqual(asked, ["DELETE /parties/main/a%20b/users/%C3%BC%2F1 Bearer s"]);
  });

  test("for some time, and with a floor for keys, in one call (P8.2, P14.2)", async () => {
    answers = [removed];
    await rooms.removeUser("demo", "ann", { forSeconds: 900, minKeyEpoch: 8 });
    assert.deepEqual(asked, ["DELETE /parties/main/demo/users/ann?for=900&minKeyEpoch=8 Bearer s"]);
  });

  test("with the floor alone", async () => {
    answers = [removed];
    await rooms.removeUser("demo", "ann", { minKeyEpoch: 8 });
    assert.deepEqual(asked, ["DELETE /parties/main/demo/users/ann?minKeyEpoch=8 Bearer s"]);
  });

  test("by what the environment says", async () => {
    process.env.REALTIME_URL = url;
    process.env.BROADCAST_SECRET = "from-env";
    answers = [removed];
    assert.equal(await removeUser("demo", "ann"), 2);
    assert.deepEqual(asked, ["DELETE /parties/main/demo/users/ann Bearer from-env"]);
  });
});

describe("the floor is raised", () => {
  test("and the one in force is the answer (P14.2)", async () => {
    answers = [[200, { success: true, message: "Key epoch raised", minKeyEpoch: 9 }]];
    assert.equal(await rooms.raiseKeyEpoch("demo", 8), 9);
    assert.deepEqual(asked, ['POST /parties/main/demo/key-epoch Bearer s {"minKeyEpoch":8}']);
  });

  test("again, until every document has been told", async () => {
    answers = [unavailable, [200, { success: true, minKeyEpoch: 8 }]];
    assert.equal(await rooms.raiseKeyEpoch("demo", 8), 8);
    assert.equal(asked.length, 2);
  });
});

describe("what fails for good is a RoomError", () => {
  const fails = (code: string) => (error: unknown) =>
    error instanceof RoomError && error.code === code;

  test("with the server's code", async () => {
    answers = [[400, { success: false, code: "invalid_field", error: "Words" }]];
    await assert.rejects(
      rooms.removeUser("demo", "ann", { minKeyEpoch: -1 }),
      fails("invalid_field"),
    );
    answers = [unavailable];
    const impatient = createRooms({ url, secret: "s", retries: 0 });
    await assert.rejects(impatient.raiseKeyEpoch("demo", 8), fails("room_unavailable"));
  });

  test("before anything is sent if an option is missing", async () => {
    await assert.rejects(
      createRooms({ url: "", secret: "s" }).removeUser("p", "u"),
      fails("not_set_up"),
    );
    assert.deepEqual(asked, []);
  });
});
