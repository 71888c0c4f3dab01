/** What statuses and priorities are called. */

import type { Priority, Status } from "../../shared/board.ts";

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
