/** The samples in docs/clients.md for frontends with partysocket alone work as described. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Program } from "../support/program.ts";
import { Readme } from "../support/readme.ts";
import { NEEDS_OWN_RUNTIME, startOwnServer } from "../support/target.ts";

/** partysocket waits up to 5 s before it tries again, and longer if that was in vain. */
const RETRY_MS = 25_000;

/** What the blocks take from the app around them. What is invalidated, is said. */
const APP = `
import { QueryClient } from "@tanstack/react-query";
const [projectId, userId, userName] = ["demo", "ann", "Ann"];
const handle = (type) => tell("handled", type);
const queryClient = new QueryClient();
for (const queryKey of [["task", "t1"], ["project", projectId]]) queryClient.setQueryData(queryKey, {});
queryClient.getQueryCache().subscribe(({ type, action, query }) => {
  if (type === "updated" && action.type === "invalidate") tell("invalidated", query.queryKey);
});
`;

describe("docs/clients.md, partysocket alone", { skip: NEEDS_OWN_RUNTIME }, async () => {
  const { server, runtime } = await startOwnServer();
  const readme = await Readme.read(join("docs", "clients.md"), server);
  const [simple, recovering] = readme.code("partysocket alone", 2);
  const room = server.room("demo");

  test("an event invalidates the query of its task", async () => {
    const ben = await room.user("ben");
    const { said } = await Program.start(APP + simple);
    await ben.next("USER_JOINED");
    await room.broadcast("TASK_UPDATED", { payload: { taskId: "t1" } });
    assert.deepEqual((await said.next(["invalidated"])).payload, ["task", "t1"]);
    await ben.leave();
  });

  test("a client that sends its position gets what it missed, once, and fetches nothing again", async () => {
    const { said } = await Program.start(APP + recovering);
    const handled = async () => (await said.next(["handled"], RETRY_MS)).payload;
    assert.deepEqual((await said.next(["invalidated"])).payload, ["project", "demo"]);
    assert.equal(await handled(), "CONNECTED");
    await room.broadcast("SEEN");
    assert.equal(await handled(), "SEEN");
    await runtime.kill();
    await runtime.run();
    await room.broadcast("MISSED");
    assert.deepEqual([await handled(), await handled()], ["CONNECTED", "MISSED"]);
    assert.equal(said.frames.filter(({ type }) => type === "invalidated").length, 1);
  });
});
