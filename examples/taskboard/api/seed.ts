/** The demo project: a few tasks in each column, with people, due dates and a conversation. */

import { DEMO_PROJECT, type Priority, type Status } from "../shared/board.ts";
import { spreadPositions } from "../shared/position.ts";
import type { Db } from "./database.ts";
import { comments, projects, tasks, threads } from "./schema.ts";

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

const TASKS: DemoTask[] = [
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

/** Creates the demo project once. Whatever people have changed in it since stays as it is. */
export function seedDemo(db: Db, today = new Date()): Promise<void> {
  return db.transaction(async (tx) => {
    const insert = tx.insert(projects).values({ id: DEMO_PROJECT, name: "Demo" });
    const [isNew] = await insert.onConflictDoNothing().returning();
    if (!isNew) return;
    const positions = spreadPositions(TASKS.length);
    for (const [place, { comments: said = [], dueIn, ...task }] of TASKS.entries()) {
      const id = idOf(place);
      const position = positions[place] ?? "";
      const dueOn = dueIn === undefined ? null : dayIn(dueIn, today);
      await tx.insert(tasks).values({ ...task, id, projectId: DEMO_PROJECT, position, dueOn });
      const threadId = idOf(100);
      if (said.length > 0) await tx.insert(threads).values({ id: threadId, taskId: id });
      for (const [index, [authorId, text]] of said.entries()) {
        // Otherwise all those of one transaction would have the same time.
        const createdAt = new Date(today.getTime() + index);
        await tx
          .insert(comments)
          .values({ id: idOf(100 + index), taskId: id, threadId, authorId, text, createdAt });
      }
    }
  });
}

function idOf(number: number): string {
  return `${DEMO_PROJECT.slice(0, -4)}${String(number + 1).padStart(4, "0")}`;
}

function dayIn(days: number, today: Date): string {
  return new Date(today.getTime() + days * 86_400_000).toISOString().slice(0, 10);
}
