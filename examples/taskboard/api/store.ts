/** What the API reads and writes. */

import { asc, count, desc, eq, getTableColumns, sql } from "drizzle-orm";
import type { Comment, NewTask, Project, Task, TaskChange, User } from "../shared/board.ts";
import type { Db } from "./database.ts";
import { comments, projects, tasks, users } from "./schema.ts";

/** A row of the table: a task without what is counted elsewhere. */
export type TaskRow = Omit<Task, "comments">;

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

  /** Answers whether it is new, as the other two do: a page that got no answer asks again. */
  async addProject(project: Project): Promise<boolean> {
    const insert = this.#db.insert(projects).values(project).onConflictDoNothing();
    return (await insert.returning()).length > 0;
  }

  /** The tasks of a project: what is urgent first, then what is old. */
  tasks(projectId: string): Promise<Task[]> {
    const rank = sql`array_position(array['low', 'medium', 'high'], ${tasks.priority})`;
    const { createdAt, ...columns } = getTableColumns(tasks);
    return this.#db
      .select({ ...columns, comments: count(comments.id) })
      .from(tasks)
      .leftJoin(comments, eq(comments.taskId, tasks.id))
      .where(eq(tasks.projectId, projectId))
      .groupBy(tasks.id)
      .orderBy(desc(rank), asc(createdAt));
  }

  async task(id: string): Promise<TaskRow | undefined> {
    return (await this.#db.select().from(tasks).where(eq(tasks.id, id)))[0];
  }

  async addTask(projectId: string, task: NewTask): Promise<boolean> {
    const insert = this.#db
      .insert(tasks)
      .values({ ...task, projectId })
      .onConflictDoNothing();
    return (await insert.returning()).length > 0;
  }

  /** Changes a task, and answers it as it was and as it is; nothing if it is gone. */
  changeTask(id: string, change: TaskChange): Promise<{ was: TaskRow; is: TaskRow } | undefined> {
    return this.#db.transaction(async (tx) => {
      const [was] = await tx.select().from(tasks).where(eq(tasks.id, id)).for("update");
      if (!was) return undefined;
      const [is] = await tx.update(tasks).set(change).where(eq(tasks.id, id)).returning();
      return is && { was, is };
    });
  }

  async deleteTask(id: string): Promise<TaskRow | undefined> {
    return (await this.#db.delete(tasks).where(eq(tasks.id, id)).returning())[0];
  }

  async comments(taskId: string): Promise<Comment[]> {
    const rows = await this.#db
      .select()
      .from(comments)
      .where(eq(comments.taskId, taskId))
      .orderBy(asc(comments.createdAt));
    return rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }));
  }

  async addComment(comment: Omit<Comment, "createdAt">): Promise<boolean> {
    const insert = this.#db.insert(comments).values(comment).onConflictDoNothing();
    return (await insert.returning()).length > 0;
  }
}
