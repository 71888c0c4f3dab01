/** An app with nothing but the package, in Node, Bun and Deno, beside the real server: no React is installed. */

import assert from "node:assert/strict";
import { adviceOf, connectProject, ERROR_CODES } from "@validiant/realtime";
import { createBroadcaster, flush } from "@validiant/realtime/server";
import "./devices.mjs";
import "./encryption.mjs";

const { REALTIME_URL: url, BROADCAST_SECRET: secret } = process.env;
const [projectId, taskId, commentId] = ["p1", "t1", "c1"];

assert.equal(adviceOf(4003), "stop");
assert.equal(ERROR_CODES.unauthorized.status, 401);

const project = connectProject({ host: url, projectId, user: { id: "ben", name: "Ben" } });
// What a handler throws must not end the process: Deno ends it for what it is told of as uncaught.
project.on("*", () => {
  throw new Error("of a handler");
});
project.on("*", async () => {
  throw new Error("of an async handler");
});
const errors = [];
console.error = (error) => errors.push(String(error?.message ?? error));
const events = project[Symbol.asyncIterator]();
await untilType("resync");
assert.equal(project.users[0].userName, "Ben");

// What the README's backend takes from the code around it.
const task = { id: taskId, status: "todo" };
Object.assign(globalThis, { projectId, task, taskId, commentId, userId: "ann" });
await import("./backend.ts");
await flush();
assert.deepEqual(await untilType("TASK_CREATED"), { status: "todo", taskId, projectId });
assert.deepEqual(await untilType("COMMENT_ADDED"), { taskId, commentId });

const stranger = createBroadcaster({ url, secret: `not-${secret}`, retries: 0 });
await assert.rejects(stranger.publishToProject(projectId, "E", {}), { code: "unauthorized" });
const lost = createBroadcaster({ url: "http://127.0.0.1:1", secret, retries: 0 });
await assert.rejects(lost.publishToProject(projectId, "E", {}), { name: "BroadcastError" });

assert.ok(errors.includes("of a handler") && errors.includes("of an async handler"), errors);

project.close();
assert.equal(project.status.state, "closed");
assert.equal((await events.next()).done, true);

/** The payload of the next event of a type. */
async function untilType(type) {
  for (;;) {
    const { value } = await events.next();
    if (value.type === type) return value.payload;
  }
}
