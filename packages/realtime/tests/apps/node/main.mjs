/** A Node app with nothing but the package: no React is installed. */

import assert from "node:assert/strict";
import { adviceOf, connectProject, ERROR_CODES } from "@validiant/realtime";
import {
  BroadcastEvent,
  broadcastTaskEvent,
  createBroadcaster,
  flush,
} from "@validiant/realtime/server";

assert.equal(adviceOf(4003), "stop");
assert.equal(ERROR_CODES.unauthorized.status, 401);

const nowhere = "http://127.0.0.1:1";
const project = connectProject({ host: nowhere, projectId: "p1", user: { id: "ann" } });
await new Promise((resolve) => project.on("status", ({ payload }) => payload.retryAt && resolve()));
project.close();
assert.equal(project.status.state, "closed");

const realtime = createBroadcaster({ url: nowhere, secret: "secret", retries: 0 });
await assert.rejects(realtime.publishToProject("p1", "E", {}), { name: "BroadcastError" });

process.env.PARTYKIT_URL = nowhere;
console.error = () => {};
await broadcastTaskEvent("p1", "t1", BroadcastEvent.TASK_CREATED, { status: "todo" });
await flush();
