/** 500 clients whose server restarts: they all return, but not together. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { within } from "../../../../tests/support/inbox.ts";
import { NEEDS_OWN_RUNTIME, startOwnServer } from "../../../../tests/support/target.ts";
import {
  connectProject,
  type EventType,
  type ProjectConnection,
  type RealtimeEvent,
} from "../../src/index.ts";

const OWN = { skip: NEEDS_OWN_RUNTIME };
const PATIENCE_MS = 60_000;
const CLIENTS = 500;
const SLICE_MS = 100;
/** Of all clients, in a tenth of a second. Spread evenly over the window of 3 s it is 3.3 %. */
const MOST_IN_A_SLICE = 0.1;

test("500 clients return after a restart, spread over time", OWN, async (t) => {
  const { server, runtime } = await startOwnServer();
  const room = server.room();
  const projects = Array.from({ length: CLIENTS }, (_, number) =>
    connectProject({ host: server.url, projectId: room.id, user: { id: `user-${number}` } }),
  );
  after(() => {
    for (const project of projects) project.close();
  });
  await connected(projects);

  const planned: number[] = [];
  for (const project of projects)
    once(project, "status", ({ payload }) => planned.push(payload.retryAt ?? 0));
  const returning = connected(projects);
  const lost = Date.now();
  await runtime.kill();
  await runtime.run();
  t.diagnostic(`server away for ${Date.now() - lost} ms`);
  const returned = await returning;
  t.diagnostic(`planned: ${spread(planned, lost)}`);
  t.diagnostic(`online:  ${spread(returned, lost)}`);
  assert.equal(planned.length, CLIENTS);
  assert.ok(fullestSlice(planned) <= CLIENTS * MOST_IN_A_SLICE, spread(planned, lost));
});

/** When each of them is online next. */
function connected(projects: ProjectConnection[]): Promise<number[]> {
  const times = projects.map((project) => {
    const { promise, resolve } = Promise.withResolvers<number>();
    once(project, "CONNECTED", () => resolve(Date.now()));
    return promise;
  });
  return within(Promise.all(times), "all clients to be online", PATIENCE_MS);
}

function once<T extends EventType>(
  project: ProjectConnection,
  type: T,
  handler: (event: RealtimeEvent<T>) => void,
): void {
  const off = project.on(type, (event) => {
    off();
    handler(event);
  });
}

/** The most that fall into one tenth of a second, wherever it begins. */
function fullestSlice(times: number[]): number {
  const within = (start: number) =>
    times.filter((time) => time >= start && time < start + SLICE_MS).length;
  return Math.max(...times.map(within));
}

function spread(times: number[], from: number): string {
  const sorted = times.map((time) => Math.round(time - from)).sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)];
  const most = `at most ${fullestSlice(times)} in ${SLICE_MS} ms`;
  return `first ${at(0)} ms, median ${at(0.5)} ms, last ${at(1)} ms, ${most}`;
}
