/** In Jest, as it is without a config, and with React 18, the oldest that the hooks work with. */

const { connectProject } = require("@validiant/realtime");
const {
  useCursors,
  useMyPresence,
  useOthers,
  useProjectRealtime,
  useTyping,
} = require("@validiant/realtime/react");
const { createBroadcaster } = require("@validiant/realtime/server");
const { createElement, StrictMode, version } = require("react");
const { act, create } = require("react-test-renderer");
const { WebSocket } = require("ws");

const { REALTIME_URL: url, BROADCAST_SECRET: secret } = process.env;

/** Keeps what the hooks return. */
function Page({ seen }) {
  useProjectRealtime("react-18", { host: url, user: { id: "ann", name: "Ann" }, WebSocket });
  seen.others = useOthers((others) => others.map(({ userName }) => userName));
  seen.presence = useMyPresence();
  seen.typing = useTyping("t1");
  seen.pointing = useCursors({ at: "board" });
  return null;
}

test("the package can be required", async () => {
  for (const each of [connectProject, useProjectRealtime, createBroadcaster])
    expect(typeof each).toBe("function");
  const realtime = createBroadcaster({ url, secret });
  const reply = await realtime.publishToProject("p1", "TASK_UPDATED", { taskId: "t1" });
  expect(reply.success).toBe(true);
});

test("the hooks show people at work", async () => {
  expect(version).toMatch(/^18\./);
  globalThis.IS_REACT_ACT_ENVIRONMENT = true;
  const seen = {};
  /** Lets React render what comes until this holds. */
  const until = async (holds) => {
    while (!holds()) await act(() => new Promise((resolve) => setTimeout(resolve, 5)));
  };
  let page;
  await act(() => {
    page = create(createElement(StrictMode, null, createElement(Page, { seen })));
  });
  const heard = [];
  const user = { id: "ben", name: "Ben" };
  const ben = connectProject({ host: url, projectId: "react-18", user, WebSocket });
  ben.on("*", ({ type, payload }) => heard.push([type, payload]));
  ben.setPresence({ at: "board", cursor: [0.25, 0.5] });
  await until(() => seen.pointing.cursors.length === 1);
  expect(seen.others).toEqual(["Ben"]);
  expect(seen.presence[0]).toEqual({ at: "board" });
  const positions = [];
  seen.pointing.cursors[0].subscribe((...position) => positions.push(position));
  expect(positions).toEqual([[0.25, 0.5]]);
  ben.send("client-typing", { topic: "t1", on: true });
  await until(() => seen.typing.typists.length === 1);
  await act(() => {
    seen.typing.keystroke();
    seen.pointing.move(0.5, 0.5);
  });
  await until(() => heard.some(([type]) => type === "client-pointer"));
  await act(() => page.unmount());
  await until(() => heard.some(([type, payload]) => type === "client-typing" && !payload.on));
  expect(heard).toContainEqual(["client-typing", { topic: "t1", on: true }]);
  expect(heard).toContainEqual(["client-pointer", { at: "board", points: [[0, 0.5, 0.5]] }]);
  ben.close();
});
