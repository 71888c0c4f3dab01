/** The order of tasks in a column. */

import { and, asc, eq, ne, sql } from "drizzle-orm";
import { byPosition, positionBetween, spreadPositions } from "../shared/position.ts";
import type { Db } from "./database.ts";
import { projects, tasks } from "./schema.ts";
import type { TaskRow } from "./store.ts";

/** After many moves to the same place, positions become this long. The column is then spread again. */
const LONG = 48;

type Placed = Pick<TaskRow, "id" | "projectId" | "status" | "position">;

/** Makes others who change the order in the task's project wait until this transaction has ended. */
export async function lockOrder(tx: Db, taskId: string): Promise<void> {
  const theirs = sql`(select project_id from tasks where id = ${taskId})`;
  await tx.select().from(projects).where(eq(projects.id, theirs)).for("update");
}

/**
 * A free position for a task at the position it asks for. The order must be locked. If two people have
 * moved two tasks to one place at the same time, the second task comes right after the first.
 */
export async function freePosition(tx: Db, task: Placed): Promise<string> {
  const { position } = task;
  const others = await othersInColumn(tx, task);
  const isTaken = others.some((other) => other.position === position);
  const next = others.find((other) => other.position > position)?.position;
  const free = isTaken ? positionBetween(position, next) : position;
  return free.length < LONG ? free : spread(tx, others, { ...task, position: free });
}

/** Deleted ones too: they may be restored. */
function othersInColumn(tx: Db, { id, projectId, status }: Placed) {
  return tx
    .select({ id: tasks.id, position: tasks.position })
    .from(tasks)
    .where(and(eq(tasks.projectId, projectId), eq(tasks.status, status), ne(tasks.id, id)))
    .orderBy(asc(tasks.position), asc(tasks.id));
}

/** Gives all the others in the column short positions, and returns the one left for this task. */
async function spread(
  tx: Db,
  others: Pick<Placed, "id" | "position">[],
  task: Placed,
): Promise<string> {
  const order = [...others, task].sort(byPosition);
  const positions = spreadPositions(order.length);
  for (const [place, { id }] of order.entries())
    if (id !== task.id)
      await tx
        .update(tasks)
        .set({ position: positions[place], version: sql`${tasks.version} + 1` })
        .where(eq(tasks.id, id));
  return positions[order.indexOf(task)] ?? task.position;
}
