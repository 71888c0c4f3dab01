/** The names of statuses, priorities and fields. */

import type { Priority, Status, TaskField } from "../../shared/board.ts";

export const STATUS_NAMES: Record<Status, string> = {
  todo: "To do",
  in_progress: "In progress",
  completed: "Done",
};

export const PRIORITY_NAMES: Record<Priority, string> = {
  low: "Low",
  medium: "Medium",
  high: "High",
};

export type Field = TaskField | "description" | "status" | "assigneeId";

export const FIELD_NAMES: Record<Field, string> = {
  title: "Title",
  description: "Description",
  priority: "Priority",
  dueOn: "Due date",
  status: "Status",
  assigneeId: "Assignee",
};
