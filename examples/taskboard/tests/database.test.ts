/** What a start does to a database: one of an earlier version gets the new columns, and the demo is made once. */

import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { after, test } from "node:test";
import { PGlite } from "@electric-sql/pglite";
import { CommentStore } from "../api/comments.ts";
import { type Db, openDatabase } from "../api/database.ts";
import { seedDemo } from "../api/seed.ts";
import { Store } from "../api/store.ts";
import { DEMO_PROJECT } from "../shared/board.ts";
import { emptyDatabase } from "./support/database.ts";

const PROJECT = "00000000-0000-4000-8000-000000000001";
const FIRST_VERSION = `
  CREATE TABLE users (id text PRIMARY KEY, name text NOT NULL);
  CREATE TABLE projects (
    id uuid PRIMARY KEY, name text NOT NULL, created_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE TABLE tasks (
    id uuid PRIMARY KEY, project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
    title text NOT NULL, status text NOT NULL, priority text NOT NULL,
    assignee_id text REFERENCES users, created_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE TABLE comments (
    id uuid PRIMARY KEY, task_id uuid NOT NULL REFERENCES tasks ON DELETE CASCADE,
    author_id text NOT NULL REFERENCES users, text text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
  );
  INSERT INTO users VALUES ('ann', 'Ann Keller');
  INSERT INTO projects (id, name) VALUES ('${PROJECT}', 'Website');
  INSERT INTO tasks (id, project_id, title, status, priority, created_at)
    SELECT gen_random_uuid(), '${PROJECT}', title, 'todo', priority, now() + place * interval '1 s'
    FROM (VALUES ('later', 'low', 1), ('first', 'high', 2), ('soon', 'medium', 3),
      ('second', 'high', 4)) AS old (title, priority, place);
  INSERT INTO comments (id, task_id, author_id, text, created_at)
    SELECT gen_random_uuid(), tasks.id, 'ann', said, now() - interval '1 h' + place * interval '1 s'
    FROM tasks, (VALUES ('Answer', 2), ('Question', 1)) AS old (said, place) WHERE title = 'first'`;

test("tasks of a database from before there were positions keep their order, at every start", async () => {
  const folder = await emptyDatabase();
  after(() => rm(folder, { recursive: true }));
  const old = await PGlite.create(folder);
  await old.exec(FIRST_VERSION);
  await old.close();
  const found = [];
  for (let start = 0; start < 2; start += 1) {
    const { db, close } = await openDatabase({ folder });
    found.push(await new Store(db).tasks(PROJECT));
    await close();
  }
  const [first = [], second] = found;
  assert.deepEqual(
    first.map(({ title }) => title),
    ["first", "second", "soon", "later"],
  );
  assert.ok(first.every(({ description, dueOn }) => description === "" && dueOn === null));
  assert.deepEqual(second, first);
});

test("comments of a database from before there were threads are one thread that all have read", async () => {
  const folder = await emptyDatabase();
  after(() => rm(folder, { recursive: true }));
  const old = await PGlite.create(folder);
  await old.exec(FIRST_VERSION);
  await old.close();
  const said = [];
  for (let start = 0; start < 2; start += 1) {
    const { db, close } = await openDatabase({ folder });
    const [task] = await new Store(db).tasks(PROJECT);
    assert.ok(task);
    const store = new CommentStore(db);
    said.push(await store.comments(task.id));
    assert.equal((await store.threads(task.id)).length, 1);
    assert.deepEqual(await store.unread(PROJECT, "ben"), []);
    await close();
  }
  const [first = [], second] = said;
  assert.deepEqual(
    first.map(({ text, threadId }) => [text, threadId]),
    ["Question", "Answer"].map((text) => [text, first[0]?.id]),
  );
  assert.deepEqual(second, first);
});

test("the demo project has tasks in each column, and is made once only", async () => {
  const { db, close } = await openDatabase();
  after(close);
  const store = new Store(db);
  // As if two processes started on one database.
  await Promise.all([seedDemo(db), seedDemo(db)]);
  const tasks = await store.tasks(DEMO_PROJECT);
  const statuses = new Set(tasks.map(({ status }) => status));
  assert.deepEqual([...statuses].sort(), ["completed", "in_progress", "todo"]);
  assert.ok(tasks.some(({ dueOn }) => dueOn !== null));
  assert.ok(tasks.some(({ comments }) => comments > 0));

  const [one, other] = tasks;
  assert.ok(one && other);
  await store.deleteTask(one.id, "ann");
  await store.changeTask(other, { title: "Changed" }, "ann");
  await seedDemo(db as Db);
  const titles = (await store.tasks(DEMO_PROJECT)).map(({ title }) => title);
  assert.equal(titles.length, tasks.length - 1);
  assert.ok(titles.includes("Changed"));
});
