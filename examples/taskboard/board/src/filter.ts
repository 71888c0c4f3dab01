/** Which tasks are shown. */

import type { Task } from "../../shared/board.ts";
import { isOverdue } from "./due.ts";

export const ONLY = ["all", "mine", "nobody", "high", "overdue"] as const;
export type Only = (typeof ONLY)[number];

export const ONLY_NAMES: Record<Only, string> = {
  all: "All tasks",
  mine: "My tasks",
  nobody: "Unassigned",
  high: "High priority",
  overdue: "Overdue",
};

export interface Filter {
  text: string;
  only: Only;
}

export const NO_FILTER: Filter = { text: "", only: "all" };

export function isFiltering({ text, only }: Filter): boolean {
  return text.trim() !== "" || only !== "all";
}

/** Each word must occur in the title or the description. Accents are ignored. */
export function matches(task: Task, { text, only }: Filter, me: string): boolean {
  const where = plain(`${task.title} ${task.description}`);
  const words = plain(text).split(/\s+/);
  return isOneOf(task, only, me) && words.every((word) => where.includes(word));
}

function isOneOf(task: Task, only: Only, me: string): boolean {
  switch (only) {
    case "all":
      return true;
    case "mine":
      return task.assigneeId === me;
    case "nobody":
      return task.assigneeId === null;
    case "high":
      return task.priority === "high";
    case "overdue":
      return isOverdue(task);
  }
}

function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}
