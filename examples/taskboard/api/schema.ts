/** The tables for Drizzle. schema.sql creates them, and a test checks that the two match. */

import type { KeptAnswer } from "@validiant/realtime/server";
import {
  boolean,
  date,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uuid,
} from "drizzle-orm/pg-core";
import type { Emoji, Priority, Status } from "../shared/board.ts";
import type { Telling } from "./outbox.ts";

const createdAt = () => timestamp("created_at", { withTimezone: true }).notNull().defaultNow();
const userId = () =>
  text("user_id")
    .notNull()
    .references(() => users.id);
const commentId = () =>
  uuid("comment_id")
    .notNull()
    .references(() => comments.id, { onDelete: "cascade" });

export const users = pgTable("users", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
});

export const projects = pgTable("projects", {
  id: uuid("id").primaryKey(),
  name: text("name").notNull(),
  createdAt: createdAt(),
  isPrivate: boolean("is_private").notNull().default(false),
});

export const members = pgTable(
  "members",
  {
    projectId: uuid("project_id")
      .notNull()
      .references(() => projects.id, { onDelete: "cascade" }),
    userId: userId(),
    /** Such a user is a member no longer. The row goes when the realtime server has shut them out. */
    removedAt: timestamp("removed_at", { withTimezone: true }),
  },
  (table) => [primaryKey({ columns: [table.projectId, table.userId] })],
);

export const tasks = pgTable("tasks", {
  id: uuid("id").primaryKey(),
  projectId: uuid("project_id")
    .notNull()
    .references(() => projects.id, { onDelete: "cascade" }),
  title: text("title").notNull(),
  status: text("status").$type<Status>().notNull(),
  priority: text("priority").$type<Priority>().notNull(),
  assigneeId: text("assignee_id").references(() => users.id),
  createdAt: createdAt(),
  description: text("description").notNull().default(""),
  /** A day without a time zone. */
  dueOn: date("due_on", { mode: "string" }),
  deletedAt: timestamp("deleted_at", { withTimezone: true }),
  deletedBy: text("deleted_by").references(() => users.id),
  position: text("position").notNull(),
  version: integer("version").notNull().default(1),
  changedAt: timestamp("changed_at", { withTimezone: true }).notNull().defaultNow(),
  changedBy: text("changed_by").references(() => users.id),
  /** When somebody could last begin to change the shared text. */
  openedAt: timestamp("opened_at", { withTimezone: true }),
  /** The description has all that was in the shared text at this time. */
  describedAt: timestamp("described_at", { withTimezone: true }),
});

export const comments = pgTable("comments", {
  id: uuid("id").primaryKey(),
  taskId: uuid("task_id")
    .notNull()
    .references(() => tasks.id, { onDelete: "cascade" }),
  authorId: text("author_id")
    .notNull()
    .references(() => users.id),
  text: text("text").notNull(),
  createdAt: createdAt(),
  threadId: uuid("thread_id")
    .notNull()
    .references(() => threads.id, { onDelete: "cascade" }),
  editedAt: timestamp("edited_at", { withTimezone: true }),
  deletedAt: timestamp("deleted_at", { withTimezone: true }),
});

export const threads = pgTable("threads", {
  id: uuid("id").primaryKey(),
  taskId: uuid("task_id")
    .notNull()
    .references(() => tasks.id, { onDelete: "cascade" }),
  createdAt: createdAt(),
  resolvedAt: timestamp("resolved_at", { withTimezone: true }),
  resolvedBy: text("resolved_by").references(() => users.id),
});

export const threadReads = pgTable(
  "thread_reads",
  {
    threadId: uuid("thread_id")
      .notNull()
      .references(() => threads.id, { onDelete: "cascade" }),
    userId: userId(),
    readAt: timestamp("read_at", { withTimezone: true }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.threadId, table.userId] })],
);

export const reactions = pgTable(
  "reactions",
  {
    commentId: commentId(),
    userId: userId(),
    emoji: text("emoji").$type<Emoji>().notNull(),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.commentId, table.userId, table.emoji] })],
);

export const mentions = pgTable(
  "mentions",
  { commentId: commentId(), userId: userId() },
  (table) => [primaryKey({ columns: [table.commentId, table.userId] })],
);

export const idempotencyKeys = pgTable("idempotency_keys", {
  key: text("key").primaryKey(),
  answer: jsonb("answer").$type<KeptAnswer>().notNull(),
  keptAt: timestamp("kept_at", { withTimezone: true }).notNull().defaultNow(),
});

export const outbox = pgTable("outbox", {
  id: integer("id").primaryKey().generatedAlwaysAsIdentity(),
  method: text("method").$type<Telling["method"]>().notNull(),
  args: jsonb("args").$type<unknown[]>().notNull(),
});
