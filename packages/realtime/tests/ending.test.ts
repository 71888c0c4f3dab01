/** A server that has said Close, and takes its time to hang up: with fake sockets and a fake clock. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeSocket, online, pass, withFakeClock } from "./support/fake-socket.ts";

withFakeClock();

describe("a connection that the server is ending", () => {
  test("counts as lost within 500 ms, and waits for the word why", async () => {
    const { project, first } = await online();
    first.closes();
    await pass(500);
    assert.equal(project.status.state, "waiting");
    assert.equal(project.status.reason, "The server is ending the connection.");
    project.check();
    await pass(15_000);
    assert.equal(FakeSocket.made.length, 1);
    first.ends(4003, { code: "removed" });
    assert.deepEqual([project.status.state, project.status.code], ["stopped", "removed"]);
  });

  test("comes back by the code, as if it had come at once", async () => {
    const { project, first } = await online();
    first.closes();
    await pass(500);
    first.ends(4200, { code: "try_again", retryAfterMs: 1_000 });
    assert.equal(project.status.code, "try_again");
    await pass(4_000);
    assert.equal(FakeSocket.made.length, 2);
  });

  test("is given up after 30 s without a word, and comes back", async () => {
    const { project, first } = await online();
    first.closes();
    await pass(500);
    await pass(30_000);
    assert.equal(project.status.reason, "The connection was lost.");
    await pass(3_000);
    assert.equal(FakeSocket.made.length, 2);
  });

  test("is hung up at once where the socket can do so, as that of ws", async () => {
    const { project, first } = await online();
    Object.assign(first, { terminate: () => first.ends(4003, { code: "removed" }) });
    first.closes();
    await pass(500);
    assert.deepEqual([project.status.state, project.status.code], ["stopped", "removed"]);
  });

  test("can be closed, and is not tried again", async () => {
    const { project, first } = await online();
    first.closes();
    await pass(500);
    project.close();
    await pass(60_000);
    assert.deepEqual([project.status.state, FakeSocket.made.length], ["closed", 1]);
  });
});
