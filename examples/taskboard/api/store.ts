/** Reads and writes the API's data. */

import { and, asc, count, eq, getTableColumns, isNotNull, isNull, lt, or, sql } from "drizzle-orm";
import type { NewTask, Project, SingleTask, Task, TaskChange, User } from "../shared/board.ts";
import type { Db } from "./database.ts";
import { freePosition, lockOrder } from "./order.ts";
import { comments, members, projects, tasks, users } from "./schema.ts";

/** A row of the table: a task without the count of its comments. */
export type TaskRow = Omit<Task, "comments">;

/** How long a deleted task can be restored. */
const KEPT = sql`interval '30 days'`;

const isOld = lt(tasks.deletedAt, sql`now() - ${KEPT}`);

/** Of a task: its comments that are not deleted. */
const itsComments = and(eq(comments.taskId, tasks.id), isNull(comments.deletedAt));

const { createdAt, deletedAt, deletedBy, changedAt, changedBy, openedAt, describedAt, ...columns } =
  getTableColumns(tasks);

/** A task as it is now, and who was the last to change it. */
export type CurrentTask = TaskRow & { changed: { by: string | null; at: string } };

export class Store {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  users(): Promise<User[]> {
    return this.#db.select().from(users).orderBy(asc(users.name));
  }

  async hasUser(id: string): Promise<boolean> {
    return (await this.#db.$count(users, eq(users.id, id))) > 0;
  }

  /** The projects that a user may see. */
  async projects(userId: string): Promise<Project[]> {
    const { id, name, isPrivate } = getTableColumns(projects);
    const theirs = and(eq(members.projectId, projects.id), isNull(members.removedAt));
    const memberIds = sql<
      string[]
    >`array_remove(array_agg(${members.userId} ORDER BY ${members.userId}), NULL)`;
    const rows = await this.#db
      .select({ id, name, isPrivate, members: memberIds })
      .from(projects)
      .leftJoin(members, theirs)
      .groupBy(projects.id)
      .orderBy(asc(projects.createdAt));
    return rows
      .filter((row) => !row.isPrivate || row.members.includes(userId))
      .map((row) => ({ id: row.id, name: row.name, members: row.isPrivate ? row.members : null }));
  }

  async hasProject(id: string): Promise<boolean> {
    return (await this.#db.$count(projects, eq(projects.id, id))) > 0;
  }

  /** Returns whether it is new, as the other two do: a page that got no answer sends it again. */
  addProject({ id, name, members: userIds }: Project): Promise<boolean> {
    return this.#db.transaction(async (tx) => {
      const project = { id, name, isPrivate: userIds !== null };
      const added = await tx.insert(projects).values(project).onConflictDoNothing().returning();
      if (added.length === 0) return false;
      const theirs = userIds?.map((userId) => ({ projectId: id, userId })) ?? [];
      if (theirs.length > 0) await tx.insert(members).values(theirs);
      return true;
    });
  }

  /** The tasks of a project, in the order of their columns. */
  tasks(projectId: string): Promise<Task[]> {
    return this.#db
      .select({ ...columns, comments: count(comments.id) })
      .from(tasks)
      .leftJoin(comments, itsComments)
      .where(and(eq(tasks.projectId, projectId), isNull(deletedAt)))
      .groupBy(tasks.id)
      .orderBy(asc(tasks.position), asc(tasks.id));
  }

  /** A task, even a deleted one. Undefined if it is gone for good. */
  async task(id: string): Promise<SingleTask | undefined> {
    const [row] = await this.#db
      .select({ ...columns, deletedAt, deletedBy, comments: count(comments.id) })
      .from(tasks)
      .leftJoin(comments, itsComments)
      .where(eq(tasks.id, id))
      .groupBy(tasks.id);
    if (!row) return undefined;
    const { deletedAt: at, deletedBy: by, ...task } = row;
    return { ...task, deleted: at && by ? { by, at: at.toISOString() } : null };
  }

  /** Returns the task as stored. Undefined if it was already there. */
  addTask(projectId: string, task: NewTask, userId: string): Promise<TaskRow | undefined> {
    return this.#db.transaction(async (tx) => {
      await tx.select().from(projects).where(eq(projects.id, projectId)).for("update");
      const position = await freePosition(tx, { ...task, projectId });
      const values = { ...task, projectId, position, changedBy: userId };
      const insert = tx.insert(tasks).values(values).onConflictDoNothing();
      return (await insert.returning(columns))[0];
    });
  }

  /** A task that is not deleted, which nobody else changes until the transaction ends. */
  async lockTask(id: string): Promise<CurrentTask | undefined> {
    await lockOrder(this.#db, id);
    const [row] = await this.#db
      .select({ ...columns, at: changedAt, by: changedBy })
      .from(tasks)
      .where(isStanding(id))
      .for("update");
    if (!row) return undefined;
    const { at, by, ...task } = row;
    return { ...task, changed: { by, at: at.toISOString() } };
  }

  /** Writes the new values of a task that is locked. Without any, it stays as it is. */
  async changeTask(was: TaskRow, change: TaskChange, userId: string): Promise<TaskRow> {
    if (Object.keys(change).length === 0) return was;
    const wanted = { ...was, ...change };
    const isMoved = wanted.status !== was.status || wanted.position !== was.position;
    const position = isMoved ? await freePosition(this.#db, wanted) : was.position;
    const [is = was] = await this.#db
      .update(tasks)
      .set({ ...change, position, ...changedNowBy(userId) })
      .where(eq(tasks.id, was.id))
      .returning(columns);
    return is;
  }

  /** A task, even a deleted one, whose description is not as new as this. */
  async lockDescription(id: string, at: string): Promise<TaskRow | undefined> {
    const isOlder = or(isNull(describedAt), lt(describedAt, sql`${at}::timestamptz`));
    const [row] = await this.#db
      .select(columns)
      .from(tasks)
      .where(and(eq(tasks.id, id), isOlder))
      .for("update");
    return row;
  }

  /** Writes what the description of a task was at this time. Nobody in particular has changed it. */
  async describe(was: TaskRow, description: string, at: string): Promise<TaskRow> {
    const version = description === was.description ? was.version : was.version + 1;
    await this.#db
      .update(tasks)
      .set({ description, version, describedAt: sql`${at}::timestamptz` })
      .where(eq(tasks.id, was.id));
    return { ...was, description, version };
  }

  /** Returns the task. Undefined if it was already deleted. */
  async deleteTask(id: string, userId: string): Promise<TaskRow | undefined> {
    const deleted = this.#db
      .update(tasks)
      .set({ deletedAt: sql`now()`, deletedBy: userId, ...changedNowBy(userId) })
      .where(isStanding(id));
    return (await deleted.returning(columns))[0];
  }

  /** Returns the task. Undefined if it was not deleted. */
  async restoreTask(id: string, userId: string): Promise<TaskRow | undefined> {
    const restored = this.#db
      .update(tasks)
      .set({ deletedAt: null, deletedBy: null, ...changedNowBy(userId) })
      .where(and(eq(tasks.id, id), isNotNull(deletedAt)));
    return (await restored.returning(columns))[0];
  }

  /** The tasks that were deleted so long ago that they can't be restored. */
  deletedLongAgo(): Promise<TaskRow[]> {
    return this.#db.select(columns).from(tasks).where(isOld);
  }

  /** Removes such a task for good. */
  async forget(id: string): Promise<void> {
    await this.#db.delete(tasks).where(and(eq(tasks.id, id), isOld));
  }
}

/** Whether it is this task, and it is not deleted. */
function isStanding(id: string) {
  return and(eq(tasks.id, id), isNull(deletedAt));
}

function changedNowBy(userId: string) {
  return { version: sql`${tasks.version} + 1`, changedAt: sql`now()`, changedBy: userId };
}
