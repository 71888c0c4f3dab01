/** Comments in the API: threads, edits, deletions, reactions, mentions, and what each user has not read. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import type { Comment, Task, Thread, Unread } from "../shared/board.ts";
import { partsOf, toStored, toWritten } from "../shared/mentions.ts";
import { startApi } from "./support/api.ts";

const { app, call, ok, events, newProject, newTask } = await startApi();

/** A task without comments, once nothing more is told of its making. */
async function quietTask() {
  const projectId = await newProject();
  const taskId = await newTask(projectId, "Write the text");
  await events();
  return { projectId, taskId };
}

async function say(taskId: string, text: string, user: string, threadId?: string): Promise<string> {
  const comment = { id: randomUUID(), text, ...(threadId && { threadId }) };
  await ok("POST", `/tasks/${taskId}/comments`, comment, user);
  return comment.id;
}

const commentsOn = (taskId: string) => ok<Comment[]>("GET", `/tasks/${taskId}/comments`);
const unreadOf = (projectId: string, user: string) =>
  ok<Unread[]>("GET", `/projects/${projectId}/unread`, undefined, user);

test("a comment begins a thread, or answers in one, in the order of their times", async () => {
  const { projectId, taskId } = await quietTask();
  const first = await say(taskId, "By Friday?", "ann");
  const other = await say(taskId, "Which font?", "ben");
  const answer = await say(taskId, "By Monday", "ben", first);
  const comments = await commentsOn(taskId);
  assert.deepEqual(
    comments.map(({ id, threadId }) => [id, threadId]),
    [
      [first, first],
      [other, other],
      [answer, first],
    ],
  );
  const threads = await ok<Thread[]>("GET", `/tasks/${taskId}/threads`);
  assert.deepEqual(threads, [
    { id: first, taskId, resolved: null },
    { id: other, taskId, resolved: null },
  ]);
  const payload = { taskId, projectId, commentId: answer, threadId: first, mentions: [] };
  assert.deepEqual((await events()).at(-1), {
    room: projectId,
    eventType: "COMMENT_ADDED",
    payload: { ...payload, title: "Write the text", actorId: "ben" },
    excludeUserId: "ben",
  });
});

test("answers that arrive together get times of their own", async () => {
  const { taskId } = await quietTask();
  const thread = await say(taskId, "Who comes?", "ann");
  await Promise.all(["Me", "Me too", "Not me"].map((text) => say(taskId, text, "ben", thread)));
  const comments = await commentsOn(taskId);
  assert.equal(comments.length, 4);
  const sorted = comments.toSorted((a, b) => a.createdAt.localeCompare(b.createdAt));
  assert.deepEqual(comments, sorted);
});

test("an edit changes the text and whom it mentions, and says that it was edited", async () => {
  const { projectId, taskId } = await quietTask();
  const id = await say(taskId, "Ask <@ben>", "ann");
  assert.deepEqual(
    (await unreadOf(projectId, "ben")).map(({ mentions }) => mentions),
    [1],
  );
  await ok("PATCH", `/comments/${id}`, { text: "Ask <@cleo>, not <@nobody>" });
  const [comment] = await commentsOn(taskId);
  assert.equal(comment?.text, "Ask <@cleo>, not <@nobody>");
  assert.ok(comment.editedAt);
  const mentioned = async (user: string) => (await unreadOf(projectId, user))[0]?.mentions;
  assert.deepEqual([await mentioned("ben"), await mentioned("cleo")], [0, 1]);
  const [added, updated] = await events();
  assert.deepEqual(added?.payload.mentions, ["ben"]);
  assert.equal(updated?.eventType, "COMMENT_UPDATED");
  assert.deepEqual(updated.payload, {
    taskId,
    projectId,
    commentId: id,
    threadId: id,
    mentions: ["cleo"],
  });
});

test("a deleted comment keeps its place without its text and reactions, and is counted no more", async () => {
  const { projectId, taskId } = await quietTask();
  const first = await say(taskId, "A secret for <@cleo>", "ann");
  const answer = await say(taskId, "Psst", "ben", first);
  await ok("PUT", `/comments/${first}/reactions/👍`, undefined, "ben");
  await events();
  // Twice, as after a lost answer.
  for (let i = 0; i < 2; i += 1) await ok("DELETE", `/comments/${first}`);
  const [gone, kept] = await commentsOn(taskId);
  assert.deepEqual([gone?.id, gone?.text, gone?.reactions], [first, "", []]);
  assert.ok(gone?.deletedAt);
  assert.equal(kept?.id, answer);
  const [task] = await ok<Task[]>("GET", `/projects/${projectId}/tasks`);
  assert.equal(task?.comments, 1);
  const unread = await unreadOf(projectId, "cleo");
  assert.deepEqual(
    unread.map(({ firstId, comments, mentions }) => [firstId, comments, mentions]),
    [[answer, 1, 0]],
  );
  const told = await events();
  assert.deepEqual(
    told.map(({ eventType, payload }) => [eventType, payload]),
    [["COMMENT_DELETED", { taskId, projectId, commentId: first, threadId: first }]],
  );
});

test("a reaction is given once and taken back once, however often it is sent", async () => {
  const { projectId, taskId } = await quietTask();
  const id = await say(taskId, "Done!", "ann");
  await events();
  for (const user of ["ben", "ann", "ben"])
    await ok("PUT", `/comments/${id}/reactions/🎉`, undefined, user);
  await ok("PUT", `/comments/${id}/reactions/👍`, undefined, "cleo");
  const reactions = async () => (await commentsOn(taskId))[0]?.reactions;
  assert.deepEqual(await reactions(), [
    { emoji: "🎉", userIds: ["ben", "ann"] },
    { emoji: "👍", userIds: ["cleo"] },
  ]);
  for (let i = 0; i < 2; i += 1) await ok("DELETE", `/comments/${id}/reactions/🎉`);
  assert.deepEqual((await reactions())?.[0], { emoji: "🎉", userIds: ["ben"] });
  const told = await events();
  assert.equal(told.length, 4);
  const payload = { taskId, projectId, commentId: id, threadId: id, emoji: "🎉" };
  assert.deepEqual(told.at(-1), {
    room: projectId,
    eventType: "REACTION_CHANGED",
    payload,
    excludeUserId: "ann",
  });
});

test("a thread is resolved and opened again, and only a change is told", async () => {
  const { taskId } = await quietTask();
  const thread = await say(taskId, "Done?", "ann");
  await events();
  const resolved = async () =>
    (await ok<Thread[]>("GET", `/tasks/${taskId}/threads`))[0]?.resolved?.by;
  for (const user of ["ben", "ann"])
    await ok("PUT", `/threads/${thread}/resolved`, undefined, user);
  assert.equal(await resolved(), "ben");
  for (let i = 0; i < 2; i += 1) await ok("DELETE", `/threads/${thread}/resolved`);
  assert.equal(await resolved(), undefined);
  const told = await events();
  assert.deepEqual(
    told.map(({ eventType, payload }) => [eventType, payload.resolved, payload.actorId]),
    [
      ["THREAD_RESOLVED", true, "ben"],
      ["THREAD_RESOLVED", false, "ann"],
    ],
  );
});

test("what others have written is unread up to the mark, which never goes back and is told to oneself", async () => {
  const { projectId, taskId } = await quietTask();
  const first = await say(taskId, "One", "ann");
  const second = await say(taskId, "Two for <@ben>", "ann", first);
  await say(taskId, "My own", "ben", first);
  assert.deepEqual(await unreadOf(projectId, "ben"), [
    { threadId: first, taskId, firstId: first, comments: 2, mentions: 1 },
  ]);
  const read = async (commentId: string) => {
    const headers = {
      "X-User-Id": "ben",
      "X-Connection-Id": "ben-1",
      "Idempotency-Key": randomUUID(),
      "Content-Type": "application/json",
    };
    const init = { method: "PUT", headers, body: JSON.stringify({ commentId }) };
    assert.equal((await app.request(`/api/threads/${first}/read`, init)).status, 204);
  };
  await read(first);
  assert.deepEqual(await unreadOf(projectId, "ben"), [
    { threadId: first, taskId, firstId: second, comments: 1, mentions: 1 },
  ]);
  await events();
  // The second device is slower than the first.
  for (const commentId of [second, first]) await read(commentId);
  const payload = { taskId, projectId, threadId: first };
  const toBen = { userIds: ["ben"], excludeUserId: "ben", excludeConnectionId: "ben-1" };
  assert.deepEqual(await events(), [
    { room: projectId, eventType: "THREAD_READ", payload, ...toBen },
  ]);
  assert.deepEqual(await unreadOf(projectId, "ben"), []);
  assert.equal((await unreadOf(projectId, "cleo"))[0]?.comments, 3);
  await ok("DELETE", `/tasks/${taskId}`);
  assert.deepEqual(await unreadOf(projectId, "cleo"), []);
  await events();
});

test("what is wrong with a comment is refused with a reason, and nobody hears of it", async () => {
  const { taskId } = await quietTask();
  const { taskId: otherTask } = await quietTask();
  const id = await say(taskId, "Ann's", "ann");
  const gone = await say(taskId, "Gone", "ann");
  await ok("DELETE", `/comments/${gone}`);
  await events();
  const text = "Hello";
  const refusals: [number, ...Parameters<typeof call>][] = [
    [400, "POST", `/tasks/${taskId}/comments`, { id: "1", text }],
    [400, "POST", `/tasks/${taskId}/comments`, { id: randomUUID(), threadId: "1", text }],
    [400, "POST", `/tasks/${taskId}/comments`, { id: randomUUID(), text: "x".repeat(2_001) }],
    [404, "POST", `/tasks/${taskId}/comments`, { id: randomUUID(), threadId: randomUUID(), text }],
    [404, "POST", `/tasks/${otherTask}/comments`, { id: randomUUID(), threadId: id, text }],
    [403, "PATCH", `/comments/${id}`, { text }, "ben"],
    [403, "DELETE", `/comments/${id}`, undefined, "ben"],
    [400, "PATCH", `/comments/${id}`, { text: " " }],
    [404, "PATCH", `/comments/${gone}`, { text }],
    [404, "DELETE", `/comments/${randomUUID()}`],
    [400, "PUT", `/comments/${id}/reactions/x`],
    [404, "PUT", `/comments/${gone}/reactions/👍`],
    [404, "DELETE", `/comments/${gone}/reactions/👍`],
    [404, "PUT", `/threads/${randomUUID()}/resolved`],
    [404, "PUT", `/threads/${randomUUID()}/read`, { commentId: id }],
    [400, "PUT", `/threads/${id}/read`, { commentId: "1" }],
    [400, "GET", "/projects/1/unread"],
  ];
  for (const [status, ...request] of refusals) {
    const response = await call(...request);
    const { error } = (await response.json()) as { error?: string };
    assert.equal(response.status, status, `${request.slice(0, 2).join(" ")}: ${error}`);
    assert.ok(error);
  }
  assert.deepEqual(await events(), []);
});

test("a name is written, and an id is kept", () => {
  const users = [
    { id: "ann", name: "Ann" },
    { id: "ann-2", name: "Ann Keller" },
  ];
  const stored = toStored("@Ann Keller, ask @Ann or @Nobody", users);
  assert.equal(stored, "<@ann-2>, ask <@ann> or @Nobody");
  assert.equal(toWritten(stored, users), "@Ann Keller, ask @Ann or @Nobody");
  assert.deepEqual(partsOf("<@ann> and <@gone>", users), [
    { userId: "ann" },
    { text: " and " },
    { text: "<@gone>" },
  ]);
});
