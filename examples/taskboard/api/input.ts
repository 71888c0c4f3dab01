/** What comes from outside, checked. */

import { HTTPException } from "hono/http-exception";
import { type NewTask, PRIORITIES, STATUSES, type TaskChange } from "../shared/board.ts";

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
const TITLE_MAX = 200;
const TEXT_MAX = 2_000;

type Body = Record<string, unknown>;

/** An answer that says what was wrong. */
export function refused(status: 400 | 401 | 404 | 409, message: string): HTTPException {
  return new HTTPException(status, { message });
}

export function id(value: unknown): string {
  if (typeof value === "string" && UUID.test(value)) return value;
  throw refused(400, "The id must be a UUID.");
}

export function title(value: unknown): string {
  return text(value, TITLE_MAX);
}

export function commentText(value: unknown): string {
  return text(value, TEXT_MAX);
}

export function newTask({ id: given, title: name, status, priority }: Body): NewTask {
  return {
    id: id(given),
    title: title(name),
    status: oneOf(STATUSES, status),
    priority: oneOf(PRIORITIES, priority),
  };
}

export function taskChange(body: Body): TaskChange {
  const change: TaskChange = {};
  if ("title" in body) change.title = title(body.title);
  if ("status" in body) change.status = oneOf(STATUSES, body.status);
  if ("priority" in body) change.priority = oneOf(PRIORITIES, body.priority);
  if ("assigneeId" in body)
    change.assigneeId = body.assigneeId === null ? null : title(body.assigneeId);
  if (Object.keys(change).length === 0) throw refused(400, "There is nothing to change.");
  return change;
}

function text(value: unknown, max: number): string {
  const trimmed = typeof value === "string" ? value.trim() : "";
  if (trimmed.length >= 1 && trimmed.length <= max) return trimmed;
  throw refused(400, `A text of 1 to ${max} characters is missing.`);
}

function oneOf<T extends string>(values: readonly T[], value: unknown): T {
  const found = values.find((known) => known === value);
  if (found) return found;
  throw refused(400, `It must be one of ${values.join(", ")}.`);
}
