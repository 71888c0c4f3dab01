/** Who may see what: everybody a public project, and its members a private one. */

import { and, asc, eq, isNotNull, isNull, type SQL, sql } from "drizzle-orm";
import type { Db } from "./database.ts";
import { isId } from "./input.ts";
import { members, projects } from "./schema.ts";

/** What belongs to a project. */
export type Kind = "project" | "task" | "comment" | "thread";

const PROJECT_OF: Record<Kind, (id: string) => SQL> = {
  project: (id) => sql`${id}`,
  task: (id) => sql`(select project_id from tasks where id = ${id})`,
  comment: (id) => ofTask(sql`select task_id from comments where id = ${id}`),
  thread: (id) => ofTask(sql`select task_id from threads where id = ${id}`),
};

export interface Membership {
  projectId: string;
  userId: string;
}

export class MemberStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Whether this is a private project, or belongs to one. */
  async isPrivate(kind: Kind, id: string): Promise<boolean> {
    return (await this.#privateProject(kind, id)) !== undefined;
  }

  /** Whether the user may see a project, and what belongs to it. */
  async mayUse(userId: string, kind: Kind, id: string): Promise<boolean> {
    const projectId = await this.#privateProject(kind, id);
    return projectId === undefined || (await this.list(projectId)).includes(userId);
  }

  /** The ids of the members. */
  async list(projectId: string): Promise<string[]> {
    const rows = await this.#db
      .select({ userId: members.userId })
      .from(members)
      .where(and(eq(members.projectId, projectId), isNull(members.removedAt)))
      .orderBy(asc(members.userId));
    return rows.map(({ userId }) => userId);
  }

  async add(member: Membership): Promise<void> {
    await this.#db
      .insert(members)
      .values(member)
      .onConflictDoUpdate({
        target: [members.projectId, members.userId],
        set: { removedAt: null },
      });
  }

  /** From now on the user is no member. Returns whether the realtime server has still to be told. */
  async remove(member: Membership): Promise<boolean> {
    const removed = this.#db.update(members).set({ removedAt: sql`now()` }).where(isIt(member));
    return (await removed.returning()).length > 0;
  }

  /** The removals of which the realtime server has still to be told. */
  leaving(): Promise<Membership[]> {
    const { projectId, userId } = members;
    return this.#db.select({ projectId, userId }).from(members).where(isNotNull(members.removedAt));
  }

  /** The realtime server has been told. */
  async forget(member: Membership): Promise<void> {
    await this.#db.delete(members).where(and(isIt(member), isNotNull(members.removedAt)));
  }

  /** The id of the project, if it is private. */
  async #privateProject(kind: Kind, id: string): Promise<string | undefined> {
    // Rooms that are no projects have other names.
    if (!isId(id)) return undefined;
    const [project] = await this.#db
      .select({ id: projects.id })
      .from(projects)
      .where(and(eq(projects.id, PROJECT_OF[kind](id)), eq(projects.isPrivate, true)));
    return project?.id;
  }
}

function ofTask(taskId: SQL): SQL {
  return sql`(select project_id from tasks where id = (${taskId}))`;
}

function isIt({ projectId, userId }: Membership) {
  return and(eq(members.projectId, projectId), eq(members.userId, userId));
}
