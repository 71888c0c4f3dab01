/** The React hooks in a project that is encrypted, with fake sockets and a fake clock. */

import "../support/dom.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import type { RealtimeOptions } from "../../src/index.ts";
import { useOthers, useProjectEvent, useProjectRealtime, useTyping } from "../../src/react.ts";
import { told as toldOf, user } from "../support/colleagues.ts";
import { event, FakeSocket, withFakeClock } from "../support/fake-socket.ts";
import { accept, both, inAct, options, probe, render } from "../support/render.ts";
import { backendEvent, KeyApi, Member, readAs, TALKING } from "../support/sealed.ts";

withFakeClock();

test("the hooks show what is decrypted, and how the project is encrypted", async () => {
  const api = new KeyApi(7);
  const heard: unknown[] = [];
  const page = probe((given: RealtimeOptions) => {
    const { encryption, lastEvent } = useProjectRealtime("p1", given);
    useProjectEvent("TASK_UPDATED", ({ payload }) => heard.push(payload));
    useProjectEvent("undecryptable", ({ payload }) => heard.push(payload.reason));
    const others = useOthers().map(({ userId, data }) => [userId, data.at]);
    return { encryption, last: lastEvent?.payload, others, typing: useTyping("t1") };
  });
  const given = () => ({ ...options(), encryption: { keys: api.keys } });
  const shown = await render(both(page.with(given())));
  const socket = await accept(TALKING);
  const ben = new Member("ben");
  const data = [{ connectionId: "ben1", data: await ben.data(7, { at: "t1" }) }];
  await inAct(async () => {
    socket.says(toldOf("USER_JOINED", { ...user("ben"), data }));
    socket.says(await backendEvent(7, "TASK_UPDATED", { taskId: "t1" }));
    socket.says(await ben.event(7, "client-typing", { topic: "t1", on: true }));
    socket.says(event("TASK_UPDATED", { taskId: "forged" }));
  });
  const { encryption, last, others, typing } = page.seen.result ?? {};
  assert.deepEqual([encryption, last, others], [{ epoch: 7 }, { taskId: "t1" }, [["ben", "t1"]]]);
  assert.deepEqual(
    typing?.typists.map(({ userId }) => userId),
    ["ben"],
  );
  assert.deepEqual(heard, [{ taskId: "t1" }, "plaintext"]);

  // A new object for the options on each render makes no new connection.
  await shown.show(both(page.with(given())));
  assert.equal(FakeSocket.made.length, 1);
  await inAct(() => page.seen.result?.typing.keystroke());
  const { payload } = (socket.sent.flat() as { payload?: unknown }[]).at(-1) ?? {};
  assert.deepEqual((await readAs("client", "client-typing", payload)).data, {
    topic: "t1",
    on: true,
  });

  // The state follows the keys.
  api.epoch = 8;
  await inAct(() => socket.says(event("KEY_EPOCH", { minKeyEpoch: 8 })));
  assert.deepEqual(page.seen.result?.encryption, { epoch: 8 });
  assert.deepEqual(page.seen.result?.last, { taskId: "t1" });
});

test("an app that turns on encryption later gets a connection with it", async () => {
  const api = new KeyApi(7);
  const page = probe((given: RealtimeOptions) => useProjectRealtime("p1", given).encryption);
  const shown = await render(page.with(options()));
  await accept();
  assert.equal(page.seen.result, null);
  await shown.show(page.with({ ...options(), encryption: { keys: api.keys } }));
  await accept();
  assert.equal(FakeSocket.made.length, 2);
  assert.deepEqual(page.seen.result, { epoch: 7 });
});
