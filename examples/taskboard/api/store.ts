/** Reads and writes the API's data. */

import { and, asc, count, eq, getTableColumns, isNotNull, isNull, lt, sql } from "drizzle-orm";
import type { NewTask, Project, SingleTask, Task, TaskChange, User } from "../shared/board.ts";
import type { Db } from "./database.ts";
import { freePosition, lockOrder } from "./order.ts";
import { comments, projects, tasks, users } from "./schema.ts";

/** A row of the table: a task without the count of its comments. */
export type TaskRow = Omit<Task, "comments">;

/** How long a deleted task can be restored. */
const KEPT = sql`interval '30 days'`;

/** Of a task: its comments that are not deleted. */
const itsComments = and(eq(comments.taskId, tasks.id), isNull(comments.deletedAt));

const { createdAt, deletedAt, deletedBy, ...columns } = getTableColumns(tasks);

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

  projects(): Promise<Project[]> {
    const { id, name } = getTableColumns(projects);
    return this.#db.select({ id, name }).from(projects).orderBy(asc(projects.createdAt));
  }

  async hasProject(id: string): Promise<boolean> {
    return (await this.#db.$count(projects, eq(projects.id, id))) > 0;
  }

  /** Returns whether it is new, as the other two do: a page that got no answer sends it again. */
  async addProject(project: Project): Promise<boolean> {
    const insert = this.#db.insert(projects).values(project).onConflictDoNothing();
    return (await insert.returning()).length > 0;
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
  addTask(projectId: string, task: NewTask): Promise<TaskRow | undefined> {
    return this.#db.transaction(async (tx) => {
      await tx.select().from(projects).where(eq(projects.id, projectId)).for("update");
      const position = await freePosition(tx, { ...task, projectId });
      const values = { ...task, projectId, position };
      const insert = tx.insert(tasks).values(values).onConflictDoNothing();
      return (await insert.returning(columns))[0];
    });
  }

  /** Changes a task, and returns it as it was and as it is now. Undefined if it is deleted. */
  changeTask(id: string, change: TaskChange): Promise<{ was: TaskRow; is: TaskRow } | undefined> {
    return this.#db.transaction(async (tx) => {
      await lockOrder(tx, id);
      const isIt = and(eq(tasks.id, id), isNull(deletedAt));
      const [was] = await tx.select(columns).from(tasks).where(isIt).for("update");
      if (!was) return undefined;
      const wanted = { ...was, ...change };
      const isMoved = wanted.status !== was.status || wanted.position !== was.position;
      const position = isMoved ? await freePosition(tx, wanted) : was.position;
      const set = { ...change, position };
      const [is] = await tx.update(tasks).set(set).where(isIt).returning(columns);
      return is && { was, is };
    });
  }

  /** Returns the task. Undefined if it was already deleted. */
  async deleteTask(id: string, userId: string): Promise<TaskRow | undefined> {
    const deleted = this.#db
      .update(tasks)
      .set({ deletedAt: sql`now()`, deletedBy: userId })
      .where(and(eq(tasks.id, id), isNull(deletedAt)));
    return (await deleted.returning(columns))[0];
  }

  /** Returns the task. Undefined if it was not deleted. */
  async restoreTask(id: string): Promise<TaskRow | undefined> {
    const restored = this.#db
      .update(tasks)
      .set({ deletedAt: null, deletedBy: null })
      .where(and(eq(tasks.id, id), isNotNull(deletedAt)));
    return (await restored.returning(columns))[0];
  }

  /** Removes for good the tasks that were deleted more than 30 days ago. */
  async forgetDeleted(): Promise<void> {
    await this.#db.delete(tasks).where(lt(deletedAt, sql`now() - ${KEPT}`));
  }
}
