/** What is on the board of the tests and the pictures, put there over the API by somebody whose window is not open. */

import { randomUUID } from "node:crypto";
import * as Y from "yjs";
import type { SingleTask } from "../../shared/board.ts";
import { positionBetween } from "../../shared/position.ts";
import { TEXT_NAME } from "../../shared/text.ts";
import type { Site } from "./site.ts";

const TASKS: [title: string, status: string, priority: string, assigneeId: string | null][] = [
  ["Answer the three open questions of the customer", "todo", "high", "ann"],
  ["Choose a typeface that has all the accents", "todo", "medium", null],
  ["Photographs for the team page", "todo", "low", "dan"],
  ["Write the text of the home page", "in_progress", "high", "ben"],
  ["Move the old newsletter archive", "in_progress", "medium", "cleo"],
  ["Agree on the colours", "completed", "medium", "cleo"],
  ["Book the domain", "completed", "low", "ann"],
];

export interface FilledProject {
  project: string;
  /** The task that has comments. */
  task: string;
}

/** A project with tasks of every status and priority. */
export async function fillProject(site: Site): Promise<FilledProject> {
  const project = await newProject(site);
  let commented = "";
  for (const [title, status, priority, assigneeId] of TASKS) {
    const task = await newTask(site, project, { title, status, priority });
    if (assigneeId) await change(site, task, { assigneeId });
    if (assigneeId === "ben") commented = task;
  }
  const description = "Three paragraphs: what it is, who it is for, how to start.";
  await writeText(site, project, commented, description);
  await change(site, commented, { dueOn: "2026-01-30" });
  const asked = await newComment(site, commented, "Can we have it by Friday?", "ann");
  await newComment(site, commented, "Half of it, and the rest on Monday.", "ben", asked);
  return { project, task: commented };
}

export function newProject(site: Site, name = "Website"): Promise<string> {
  return create(site, "/projects", { name });
}

/** A project for its members only: the first of them makes it. */
export function newPrivateProject(site: Site, members: string[]): Promise<string> {
  return create(site, "/projects", { name: "Salaries", members }, members[0]);
}

let lastPosition: string | undefined;

/** A task in “To do”, unless it says otherwise, below those that were made before. */
export function newTask(
  site: Site,
  project: string,
  task: { title: string; status?: string; priority?: string },
  user?: string,
): Promise<string> {
  lastPosition = positionBetween(lastPosition, undefined);
  const whole = { status: "todo", priority: "medium", position: lastPosition, ...task };
  return create(site, `/projects/${project}/tasks`, whole, user);
}

/** A comment, in a thread of its own unless it answers in another one. */
export function newComment(
  site: Site,
  task: string,
  text: string,
  user?: string,
  threadId?: string,
): Promise<string> {
  return create(site, `/tasks/${task}/comments`, { text, threadId }, user);
}

async function create(site: Site, path: string, body: object, user?: string): Promise<string> {
  const id = randomUUID();
  await call(site, "POST", path, { id, ...body }, user);
  return id;
}

export async function call(
  site: Site,
  method: string,
  path: string,
  body?: object,
  user = "dan",
): Promise<void> {
  const headers = {
    "X-User-Id": user,
    "Content-Type": "application/json",
    "Idempotency-Key": randomUUID(),
  };
  const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
  const response = await fetch(`${site.url}/api${path}`, init);
  if (!response.ok) throw new Error(await response.text());
}

/** Changes a task as somebody does who sees it as it is. */
export async function change(site: Site, task: string, set: object, user?: string): Promise<void> {
  const headers = { "X-User-Id": "dan" };
  const response = await fetch(`${site.url}/api/tasks/${task}`, { headers });
  const { version: baseVersion } = (await response.json()) as SingleTask;
  await call(site, "PATCH", `/tasks/${task}`, { set, baseVersion }, user);
}

/** Gives a task a description, as if somebody had written it and gone. */
export async function writeText(
  site: Site,
  project: string,
  task: string,
  text: string,
): Promise<void> {
  const doc = new Y.Doc();
  doc.getText(TEXT_NAME).insert(0, text);
  await site.documents.seedDocument(project, task, Y.encodeStateAsUpdate(doc));
  await call(site, "POST", `/tasks/${task}/text/read`);
}
