/** Checks what comes from outside. */

import { type Patch, readPatch } from "@validiant/realtime/patch";
import { HTTPException } from "hono/http-exception";
import {
  COMMENT_MAX,
  DUE_MAX,
  DUE_MIN,
  EMOJIS,
  type Emoji,
  type NewComment,
  type NewTask,
  PRIORITIES,
  STATUSES,
  type TaskChange,
  TITLE_MAX,
} from "../shared/board.ts";
import { POSITION } from "../shared/position.ts";

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
const DAY = /^\d{4}-\d\d-\d\d$/;

type Body = Record<string, unknown>;

/** An error response that says what was wrong. */
export function refused(
  status: 400 | 401 | 403 | 404 | 409 | 413 | 503,
  message: string,
): HTTPException {
  return new HTTPException(status, { message });
}

/** The fields of a body. */
export function fields(body: unknown): Body {
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Body;
  throw refused(400, "The body must be a JSON object.");
}

export function id(value: unknown): string {
  if (isId(value)) return value;
  throw refused(400, "The id must be a UUID.");
}

export function isId(value: unknown): value is string {
  return typeof value === "string" && UUID.test(value);
}

/** Null for a project that everybody sees. */
export function memberIds(value: unknown): string[] | null {
  if (value === undefined || value === null) return null;
  const isList = Array.isArray(value) && value.every((member) => typeof member === "string");
  if (isList && value.length > 0) return [...new Set<string>(value)];
  throw refused(400, "The members must be a list of users.");
}

export function title(value: unknown): string {
  return text("The title", value, TITLE_MAX);
}

export function projectName(value: unknown): string {
  return text("The name", value, TITLE_MAX);
}

export function commentText(value: unknown): string {
  return text("The comment", value, COMMENT_MAX);
}

/** Without a thread, a comment begins one. */
export function newComment({ id: given, threadId = given, text }: Body): NewComment {
  return { id: id(given), threadId: id(threadId), text: commentText(text) };
}

export function emoji(value: unknown): Emoji {
  return oneOf("The reaction", EMOJIS, value);
}

export function newTask({ id: given, title: name, status, priority, position }: Body): NewTask {
  return {
    id: id(given),
    title: title(name),
    status: oneOf("The status", STATUSES, status),
    priority: oneOf("The priority", PRIORITIES, priority),
    position: place(position),
  };
}

/** A change of a task, and what the person saw. */
export function taskPatch(body: unknown): Patch & { set: TaskChange & Body } {
  const patch = readPatch(body);
  if (!patch) throw refused(400, "The body must have set, and can have base and baseVersion.");
  return { ...patch, set: { ...taskChange(patch.set) } };
}

function taskChange(body: Body): TaskChange {
  const change: TaskChange = {};
  if ("title" in body) change.title = title(body.title);
  if ("description" in body) throw refused(400, "The description is written in its shared text.");
  if ("status" in body) change.status = oneOf("The status", STATUSES, body.status);
  if ("priority" in body) change.priority = oneOf("The priority", PRIORITIES, body.priority);
  if ("position" in body) change.position = place(body.position);
  if ("dueOn" in body) change.dueOn = body.dueOn === null ? null : day(body.dueOn);
  if ("assigneeId" in body)
    change.assigneeId =
      body.assigneeId === null ? null : text("The assignee", body.assigneeId, TITLE_MAX);
  if (Object.keys(change).length === 0) throw refused(400, "There is nothing to change.");
  return change;
}

/** PostgreSQL can't store text with a NUL in it. */
function text(what: string, value: unknown, max: number): string {
  if (typeof value !== "string") throw refused(400, `${what} must be text.`);
  const trimmed = value.trim();
  if (trimmed === "") throw refused(400, `${what} is empty.`);
  if (trimmed.length > max) throw refused(400, `${what} is longer than ${max} characters.`);
  if (trimmed.includes("\0")) throw refused(400, `${what} has a character that can't be stored.`);
  return trimmed;
}

function place(value: unknown): string {
  if (typeof value === "string" && POSITION.test(value)) return value;
  throw refused(400, "The position must be 1 to 128 digits and letters, and must not end in 0.");
}

/** A day that exists in the calendar: 2026-02-30 does not. */
function day(value: unknown): string {
  if (typeof value !== "string" || !DAY.test(value) || !isInCalendar(value))
    throw refused(400, "The due date must be a day such as 2026-11-27.");
  if (value >= DUE_MIN && value <= DUE_MAX) return value;
  throw refused(400, `The due date must be from ${DUE_MIN} to ${DUE_MAX}.`);
}

function isInCalendar(value: string): boolean {
  const time = Date.parse(`${value}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(value);
}

function oneOf<T extends string>(what: string, values: readonly T[], value: unknown): T {
  const found = values.find((known) => known === value);
  if (found) return found;
  throw refused(400, `${what} must be one of ${values.join(", ")}.`);
}
