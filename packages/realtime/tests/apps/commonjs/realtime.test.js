/** In Jest, as it is without a config. */

const { connectProject } = require("@validiant/realtime");
const { useProjectRealtime } = require("@validiant/realtime/react");
const { createBroadcaster } = require("@validiant/realtime/server");

test("the package can be required", async () => {
  for (const each of [connectProject, useProjectRealtime, createBroadcaster])
    expect(typeof each).toBe("function");
  const { REALTIME_URL: url, BROADCAST_SECRET: secret } = process.env;
  const realtime = createBroadcaster({ url, secret });
  const reply = await realtime.publishToProject("p1", "TASK_UPDATED", { taskId: "t1" });
  expect(reply.success).toBe(true);
});
