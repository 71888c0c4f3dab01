/**
 * The descriptions of tasks. Each is a shared text of the realtime server, and the table has a copy of it
 * for searching. Only this file writes the copy, and only from what the realtime server says. The texts of
 * private projects are encrypted, so there is no copy of them.
 */

import type { Documents } from "@validiant/realtime/server";
import { and, eq, isNull, lt, or, sql } from "drizzle-orm";
import * as Y from "yjs";
import { DESCRIPTION_MAX } from "../shared/board.ts";
import { TEXT_NAME } from "../shared/text.ts";
import { Announcer } from "./announce.ts";
import type { Db } from "./database.ts";
import { MemberStore } from "./members.ts";
import { noteDown, type Outbox } from "./outbox.ts";
import { tasks } from "./schema.ts";
import { Store } from "./store.ts";

/** A text that was opened can be changed for this long: until its token ends, and a little more. */
const OPEN_FOR = sql`interval '20 minutes'`;

export class Texts {
  readonly #db: Db;
  readonly #outbox: Outbox;
  readonly #documents: Documents;
  /** The projects whose texts are being read. */
  readonly #overdue = new Set<string>();

  constructor(db: Db, outbox: Outbox, documents: Documents) {
    this.#db = db;
    this.#outbox = outbox;
    this.#documents = documents;
  }

  /** To be called before somebody connects to a text. Returns whether there is such a task. */
  async open(taskId: string): Promise<boolean> {
    if (await this.#isEncrypted(taskId)) return true;
    const [task] = await this.#db
      .update(tasks)
      .set({ openedAt: sql`now()` })
      .where(eq(tasks.id, taskId))
      .returning();
    if (!task) return false;
    // A description from before there were shared texts. Whoever comes second changes nothing.
    if (task.description !== "" && task.describedAt === null)
      await this.#documents.seedDocument(task.projectId, taskId, seedOf(task.description));
    return true;
  }

  /** Copies a text into the table, and tells the windows if that is another one than before. */
  async read(taskId: string): Promise<boolean> {
    if (await this.#isEncrypted(taskId)) return true;
    const [task] = await this.#db
      .select({ projectId: tasks.projectId, at: sql<string>`now()::text` })
      .from(tasks)
      .where(eq(tasks.id, taskId));
    if (!task) return false;
    const as = { as: "text", name: TEXT_NAME } as const;
    const text = await this.#documents.readDocument(task.projectId, taskId, as);
    await this.#keep(taskId, text, task.at);
    return true;
  }

  /**
   * Reads the texts of a project that can have changed without anybody having asked for it since: as when
   * all windows crashed.
   */
  async readOverdue(projectId: string): Promise<void> {
    if (this.#overdue.has(projectId)) return;
    this.#overdue.add(projectId);
    try {
      for (const { id } of await this.#overdueIn(projectId)) await this.read(id);
    } finally {
      this.#overdue.delete(projectId);
    }
  }

  #isEncrypted(taskId: string): Promise<boolean> {
    return new MemberStore(this.#db).isPrivate("task", taskId);
  }

  #overdueIn(projectId: string): Promise<{ id: string }[]> {
    const closed = sql`${tasks.openedAt} + ${OPEN_FOR}`;
    return this.#db
      .select({ id: tasks.id })
      .from(tasks)
      .where(
        and(
          eq(tasks.projectId, projectId),
          lt(closed, sql`now()`),
          or(isNull(tasks.describedAt), lt(tasks.describedAt, closed)),
        ),
      );
  }

  /** Removes for good what was deleted long ago: the text first, so that none is left without its task. */
  async forgetDeleted(): Promise<void> {
    const store = new Store(this.#db);
    for (const { id, projectId } of await store.deletedLongAgo()) {
      await this.#documents.deleteDocument(projectId, id);
      await store.forget(id);
    }
  }

  /** Of two that read at the same time, the one that began later counts: it can't have read less. */
  async #keep(taskId: string, text: string | undefined, at: string): Promise<void> {
    const { voice, said } = noteDown();
    const ids = await this.#db.transaction(async (tx) => {
      const was = await new Store(tx).lockDescription(taskId, at);
      if (!was) return [];
      const description = text === undefined ? was.description : storable(text);
      const is = await new Store(tx).describe(was, description, at);
      if (was.description !== description) new Announcer(voice).taskDescribed(is);
      return this.#outbox.keep(tx, said);
    });
    this.#outbox.send(said, ids);
  }
}

/** An update that makes an empty document have this text. */
function seedOf(description: string): Uint8Array {
  const doc = new Y.Doc();
  doc.getText(TEXT_NAME).insert(0, description);
  return Y.encodeStateAsUpdate(doc);
}

/** PostgreSQL can't store text with a NUL in it. */
function storable(text: string): string {
  return text.replaceAll("\0", "").slice(0, DESCRIPTION_MAX).toWellFormed().trim();
}
