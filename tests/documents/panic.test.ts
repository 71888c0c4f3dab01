/**
 * A document that panics gets over it, and neither the project's room nor another document notices: docs/protocol.md,
 * P13.5, P13.13.
 *
 * It needs a test build, in which a frame or a compaction panics (crates/document-room/src/planted_panic.rs).
 */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { after, describe, test } from "node:test";
import WebSocket from "ws";
import * as Y from "yjs";
import { within } from "../support/inbox.ts";
import { panickingBuild } from "../support/panicking-build.ts";
import { NEEDS_OWN_RUNTIME, type Room, SECRET, startOwnServer } from "../support/target.ts";

const IN_FRAME = "PLANTED_PANIC";
const IN_COMPACTION = "PLANTED_COMPACTION";
/** A log that is larger is compacted when somebody opens the document (P13.13). */
const LOG_BYTES = 64 * 1024;
const HEADERS = { Authorization: `Bearer ${SECRET}` };

const build = await panickingBuild();
const { server, runtime } = await startOwnServer({ build });

const urlOf = (room: Room) => `${server.url}/parties/docs/${room.id}/t1`;

/** Opens the document `t1` of a project, without waiting. */
function connect(room: Room): WebSocket {
  const socket = new WebSocket(urlOf(room).replace("http", "ws"));
  after(() => socket.terminate());
  return socket;
}

/** The same, and waits for the state vector. */
async function open(room: Room): Promise<WebSocket> {
  const socket = connect(room);
  await within(once(socket, "message"), "the state vector");
  return socket;
}

async function closeOf(socket: WebSocket): Promise<number> {
  const [code] = await within(once(socket, "close"), "the socket to close");
  return code;
}

/** Puts a text into the document of a project, before anybody has opened it. */
async function seed(room: Room, text: string): Promise<void> {
  const doc = new Y.Doc();
  doc.getText("body").insert(0, text);
  const body = Y.encodeStateAsUpdate(doc) as BodyInit;
  const { status } = await fetch(urlOf(room), { method: "PUT", headers: HEADERS, body });
  assert.equal(status, 201);
}

async function textOf(room: Room): Promise<string> {
  const response = await fetch(`${urlOf(room)}?as=text&name=body`, { headers: HEADERS });
  assert.equal(response.status, 200);
  return response.text();
}

/** A message that the test build panics at. */
const panicking = () => Buffer.concat([Buffer.of(0, 2), Buffer.from(IN_FRAME)]);

describe("a panic in a document", { skip: NEEDS_OWN_RUNTIME }, () => {
  test("P13.5 closes its sockets with 1006, and what was stored is there for who comes back", async () => {
    const room = server.room(`test-${randomUUID()}`);
    await seed(room, "kept");
    const [ann, ben] = [await open(room), await open(room)];
    const closed = [closeOf(ann), closeOf(ben)];
    ann.send(panicking());
    assert.deepEqual(await Promise.all(closed), [1006, 1006]);
    await open(room);
    assert.equal(await textOf(room), "kept");
    await runtime.untilLines("failure", 1);
    const failures = runtime.lines("failure").filter(({ projectId }) => projectId === room.id);
    assert.deepEqual(
      failures.map(({ docId, action }) => [docId, action]),
      [["t1", "panic"]],
    );
  });

  test("P13.5 is not felt in the project's room, nor in another document", async () => {
    const [room, innocent] = [server.room(`test-${randomUUID()}`), server.room()];
    const member = await room.user("ann");
    const { awakeSince } = await room.state();
    const bystander = await open(innocent);
    const ann = await open(room);
    const closed = closeOf(ann);
    ann.send(panicking());
    assert.equal(await closed, 1006);
    await room.broadcast("TASK_UPDATED");
    await member.next("TASK_UPDATED");
    assert.equal((await room.state()).awakeSince, awakeSince);
    const answer = once(bystander, "message");
    // Sync step 1 of an empty document.
    bystander.send(Buffer.of(0, 0, 1, 0));
    const [frame] = await within(answer, "sync step 2");
    assert.deepEqual([...(frame as Buffer)], [0, 1, 2, 0, 0]);
  });

  test("a panic in a room is not felt in a document", async () => {
    const room = server.room();
    const bystander = await open(room);
    await server.room().post({ eventType: IN_FRAME });
    const answer = once(bystander, "message");
    bystander.send(Buffer.of(0, 0, 1, 0));
    await within(answer, "sync step 2");
    assert.equal(bystander.readyState, WebSocket.OPEN);
  });

  test("P13.13 a document whose compaction panics is served from its updates", async () => {
    const room = server.room(`test-${randomUUID()}`);
    const text = IN_COMPACTION + "x".repeat(LOG_BYTES);
    await seed(room, text);
    assert.equal(await closeOf(connect(room)), 1006);
    const ben = await open(room);
    const answer = once(ben, "message");
    ben.send(Buffer.of(0, 0, 1, 0));
    const [frame] = await within(answer, "sync step 2");
    const doc = new Y.Doc();
    // After two bytes of the message and three of the length.
    Y.applyUpdate(doc, (frame as Buffer).subarray(5));
    assert.equal(doc.getText("body").toString(), text);
    assert.equal(ben.readyState, WebSocket.OPEN);
    const died = await runtime.untilLines("document_compaction_failed", 1);
    assert.equal(died[0]?.projectId, room.id);
  });
});
