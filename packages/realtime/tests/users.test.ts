/** Which users a client knows of: with fake sockets. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { online, pass, socket, withFakeClock } from "./support/fake-socket.ts";

withFakeClock();

describe("users", () => {
  const ann = { userId: "ann", userName: "Ann", joinedAt: 1, verified: true };
  const ben = { userId: "ben", userName: null, joinedAt: 8, verified: true };

  test("come and go", async () => {
    const { project, first } = await online({ users: [ann], activeUsers: 1 });
    first.says({ type: "USER_JOINED", payload: { ...ben, projectId: "p1" }, timestamp: 9 });
    assert.deepEqual(project.users, [ann, ben]);
    assert.equal(project.activeUsers, 2);
    first.says({ type: "USER_LEFT", payload: ann, timestamp: 10 });
    assert.deepEqual(project.users, [ben]);
    assert.equal(project.activeUsers, 1);
  });

  test("are the same array, and nobody is told, while nothing of them changes", async () => {
    const { project, first } = await online({ users: [ann], activeUsers: 1 });
    const { users } = project;
    let told = 0;
    project.on("users", () => (told += 1));
    first.says({ type: "TASK_UPDATED", payload: {}, timestamp: 1, seq: 1 });
    first.says({ type: "USER_LEFT", payload: ben, timestamp: 1 });
    first.ends();
    assert.equal(project.users, users);
    await pass(3_000);
    (await socket()).accepts({ users: [{ ...ann }], activeUsers: 1 });
    assert.equal(project.users, users);
    assert.equal(told, 0);
  });

  test("of a large room are counted, and named again when it is small", async () => {
    const { project, first } = await online({ users: [ann], activeUsers: 1 });
    let told = 0;
    project.on("users", () => {
      told += 1;
    });
    first.says({ type: "PRESENCE", payload: { activeUsers: 140 }, timestamp: 1 });
    first.says({ type: "PRESENCE", payload: { activeUsers: 140 }, timestamp: 2 });
    assert.equal(told, 1);
    assert.deepEqual([project.users, project.activeUsers], [[ann], 140]);
    first.says({
      type: "PRESENCE",
      payload: { activeUsers: 2, users: [ann, { ...ann, userId: "c" }] },
    });
    assert.deepEqual([project.users.length, project.activeUsers], [2, 2]);
  });

  test("who are told of twice count once", async () => {
    const { project, first } = await online({ users: [ann], activeUsers: 1 });
    first.says({ type: "USER_JOINED", payload: { ...ann, userName: "Anna" }, timestamp: 5 });
    assert.deepEqual(
      project.users.map(({ userName }) => userName),
      ["Anna"],
    );
    assert.equal(project.activeUsers, 1);
  });
});
