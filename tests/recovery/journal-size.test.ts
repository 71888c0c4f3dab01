/** What the history takes on the disk: docs/protocol.md, P7.2; docs/operations.md has the figures. */

import assert from "node:assert/strict";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { NEEDS_OWN_RUNTIME, startOwnServer, UNHURRIED } from "../support/target.ts";

const EVENTS = 100_000;
const PER_REQUEST = 100;
/** 256 rows of about 170 bytes are 44 KB. The rest is SQLite's log, which is cut back at 4 MB. */
const MOST_BYTES = 5_000_000;
const MOST_BYTES_OF_DATABASE = 100_000;

const { server, runtime } = await startOwnServer({ vars: { ...UNHURRIED, LOG_LEVEL: "off" } });

/** The sizes of the files of all rooms, by the ending of their names. */
async function sizes(): Promise<{ database: number; all: number }> {
  const folder = join(runtime.folder, "storage", "ProjectRoom");
  const files = (await readdir(folder)).filter((file) => !file.startsWith("metadata"));
  const counted = await Promise.all(
    files.map(async (file) => ({ file, bytes: (await stat(join(folder, file))).size })),
  );
  const sum = (some: typeof counted) => some.reduce((total, { bytes }) => total + bytes, 0);
  return {
    database: sum(counted.filter(({ file }) => file.endsWith(".sqlite"))),
    all: sum(counted),
  };
}

test("P7.2 after 100,000 events the files of a room are no larger than after the first thousands", {
  skip: NEEDS_OWN_RUNTIME,
}, async (context) => {
  const room = server.room();
  const event = { eventType: "TASK_UPDATED", payload: { taskId: "6f1e9e0c", status: "done" } };
  const body = JSON.stringify({ events: Array.from({ length: PER_REQUEST }, () => event) });
  for (let sent = 0; sent < EVENTS; sent += PER_REQUEST) {
    const response = await room.post(body);
    assert.equal(response.status, 200, await response.text());
  }
  const { seq, oldestSeq } = await room.state();
  assert.deepEqual([seq, oldestSeq], [EVENTS, EVENTS - 255]);
  const { database, all } = await sizes();
  context.diagnostic(`${EVENTS} events: database ${database} bytes, with its log ${all} bytes`);
  assert.ok(database <= MOST_BYTES_OF_DATABASE, `${database} bytes`);
  assert.ok(all <= MOST_BYTES, `${all} bytes`);
});
