/** Days without a time zone, in words. */

import type { Task } from "../../shared/board.ts";

// The day is parsed and formatted in UTC, so it is the same everywhere.
const SHORT = new Intl.DateTimeFormat(undefined, {
  day: "numeric",
  month: "short",
  timeZone: "UTC",
});
const WITH_YEAR = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });
const DAY_MS = 86_400_000;

/** Today's date where the user is. */
export function today(now = new Date()): string {
  const part = (number: number, length: number) => String(number).padStart(length, "0");
  return `${part(now.getFullYear(), 4)}-${part(now.getMonth() + 1, 2)}-${part(now.getDate(), 2)}`;
}

export function isOverdue({ dueOn, status }: Pick<Task, "dueOn" | "status">): boolean {
  return dueOn !== null && status !== "completed" && dueOn < today();
}

export function dayInWords(day: string): string {
  const days = (timeOf(day) - timeOf(today())) / DAY_MS;
  if (days === 0) return "today";
  if (days === 1) return "tomorrow";
  if (days === -1) return "yesterday";
  const isThisYear = day.slice(0, 4) === today().slice(0, 4);
  return (isThisYear ? SHORT : WITH_YEAR).format(timeOf(day));
}

function timeOf(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}
