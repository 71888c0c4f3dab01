/**
 * The projects that are there from the start: one that everybody sees, with people, due dates and a
 * conversation, and an encrypted one for some.
 */

import {
  DEMO_PROJECT,
  type Priority,
  type Project,
  SALARIES_PROJECT,
  type Status,
} from "../shared/board.ts";
import { spreadPositions } from "../shared/position.ts";
import type { Db } from "./database.ts";
import { comments, tasks, threads } from "./schema.ts";
import { Store } from "./store.ts";

interface DemoTask {
  title: string;
  status: Status;
  priority: Priority;
  assigneeId?: string;
  description?: string;
  /** Days from today. */
  dueIn?: number;
  comments?: [authorId: string, text: string][];
}

interface DemoProject extends Project {
  tasks: DemoTask[];
}

const DEMO: DemoTask[] = [
  {
    title: "Drag me to “In progress” in one window, and look at the other",
    description:
      "With the keyboard: Shift and an arrow key. On a phone: press and hold, then drag.",
    status: "todo",
    priority: "high",
    assigneeId: "ann",
  },
  { title: "Choose a typeface that has all the accents", status: "todo", priority: "medium" },
  {
    title: "Photographs for the team page",
    status: "todo",
    priority: "low",
    assigneeId: "dan",
    dueIn: 9,
  },
  {
    title: "Write the text of the home page",
    description: "Three paragraphs: what it is, who it is for, how to start.",
    status: "in_progress",
    priority: "high",
    assigneeId: "ben",
    dueIn: 2,
    comments: [
      ["ann", "Can we have it by Friday?"],
      ["ben", "Half of it, and the rest on Monday."],
    ],
  },
  {
    title: "Move the old newsletter archive",
    status: "in_progress",
    priority: "medium",
    assigneeId: "cleo",
  },
  { title: "Agree on the colours", status: "completed", priority: "medium", assigneeId: "cleo" },
  { title: "Book the domain", status: "completed", priority: "low", assigneeId: "ann" },
];

/** Nobody can write a description for them: those are encrypted. */
const SALARIES: DemoTask[] = [
  { title: "Agree on the budget for raises", status: "todo", priority: "high", assigneeId: "ann" },
  {
    title: "Offer to the new designer",
    status: "in_progress",
    priority: "high",
    assigneeId: "ben",
    dueIn: 3,
    comments: [
      ["ben", "She asks for 4,900. We have said 4,600."],
      ["ann", "4,750, and a fourth day at home."],
    ],
  },
  { title: "Compare with last year", status: "completed", priority: "low", assigneeId: "cleo" },
];

const PROJECTS: DemoProject[] = [
  { id: DEMO_PROJECT, name: "Demo", members: null, tasks: DEMO },
  { id: SALARIES_PROJECT, name: "Salaries", members: ["ann", "ben", "cleo"], tasks: SALARIES },
];

/** Creates each of them once. Whatever people have changed in it since stays as it is. */
export async function seedDemo(db: Db, today = new Date()): Promise<void> {
  for (const project of PROJECTS) await seed(db, project, today);
}

function seed(db: Db, project: DemoProject, today: Date): Promise<void> {
  const { id: projectId, tasks: planned } = project;
  return db.transaction(async (tx) => {
    if (!(await new Store(tx).addProject(project))) return;
    const positions = spreadPositions(planned.length);
    for (const [place, { comments: said = [], dueIn, ...task }] of planned.entries()) {
      const id = idOf(projectId, place);
      const position = positions[place] ?? "";
      const dueOn = dueIn === undefined ? null : dayIn(dueIn, today);
      await tx.insert(tasks).values({ ...task, id, projectId, position, dueOn });
      const threadId = idOf(projectId, 100);
      if (said.length > 0) await tx.insert(threads).values({ id: threadId, taskId: id });
      for (const [index, [authorId, text]] of said.entries()) {
        // Otherwise all those of one transaction would have the same time.
        const createdAt = new Date(today.getTime() + index);
        await tx.insert(comments).values({
          id: idOf(projectId, 100 + index),
          taskId: id,
          threadId,
          authorId,
          text,
          createdAt,
        });
      }
    }
  });
}

function idOf(projectId: string, number: number): string {
  return `${projectId.slice(0, -4)}${String(number + 1).padStart(4, "0")}`;
}

function dayIn(days: number, today: Date): string {
  return new Date(today.getTime() + days * 86_400_000).toISOString().slice(0, 10);
}
