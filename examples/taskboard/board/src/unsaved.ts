/** What of the users' acts is not saved yet, or could not be. */

import { type QueueItem, useOfflineQueue } from "@validiant/realtime/offline";
import { useEffect, useMemo } from "react";
import type { Project } from "../../shared/board.ts";
import { toWritten } from "../../shared/mentions.ts";
import { textOf } from "./comments/edits.ts";
import { useChangedTexts } from "./description/unsaved.ts";
import type { TaskEdit } from "./edits.ts";
import { FIELD_NAMES } from "./labels.ts";
import type { CommentAct, ResolutionAct } from "./offline.ts";
import { type Session, useSession } from "./session.ts";

/** The queue without what nobody would miss: the marks of what was read. */
export function useActs() {
  const { offline } = useSession();
  const { items, ...queue } = useOfflineQueue(offline);
  const acts = useMemo(() => items.filter(({ name }) => name !== "read"), [items]);
  return { ...queue, acts };
}

/** The ids of the tasks, or of the comments, with changes that are not saved yet. */
export function useUnsaved(name: "task" | "comment"): ReadonlySet<string> {
  const { acts } = useActs();
  const texts = useChangedTexts(useSession().me.id);
  return useMemo(() => {
    const unsaved = acts.filter((act) => act.name === name && isUnsaved(act));
    const ids = unsaved.map(({ variables }) =>
      name === "task" ? (variables as TaskEdit).task.id : (variables as CommentAct).edit.comment.id,
    );
    // A text is a part of its task, whoever sends it.
    const written = name === "task" ? texts.filter(({ isSaved }) => !isSaved) : [];
    return new Set([...ids, ...written.map(({ id }) => id)]);
  }, [acts, texts, name]);
}

/** What the user has said about a task, and is not saved yet. */
export function useCommentActs(taskId: string): CommentAct[] {
  const { acts } = useActs();
  return useMemo(() => {
    const unsaved = acts.filter((act) => act.name === "comment" && isUnsaved(act));
    return unsaved
      .map(({ variables }) => variables as CommentAct)
      .filter(({ task }) => task.id === taskId);
  }, [acts, taskId]);
}

export function isUnsaved({ state }: QueueItem): boolean {
  return state === "waiting" || state === "sending";
}

/** If the browser can't keep what is not saved, it asks before it closes the page. */
export function useAskBeforeLeaving(): void {
  const { acts, isStored } = useActs();
  const isNeeded = !isStored && acts.length > 0;
  useEffect(() => {
    if (!isNeeded) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [isNeeded]);
}

/** What an act is about: the title of a task, the text of a comment. */
export function subjectOf({ name, variables }: QueueItem, { config }: Session): string {
  switch (name) {
    case "project":
      return `“${(variables as Project).name}”`;
    case "task":
      return `“${(variables as TaskEdit).task.title}”`;
    case "comment":
      return `“${toWritten(textOf((variables as CommentAct).edit), config.users)}”`;
    default:
      return (variables as ResolutionAct).resolution.isResolved ? "“Resolve”" : "“Open again”";
  }
}

/** What an act does, in words. */
export function deedOf({ name, variables }: QueueItem): string {
  switch (name) {
    case "project":
      return "New project";
    case "task":
      return deedOfEdit(variables as TaskEdit);
    case "comment":
      return { add: "New comment", edit: "Edit", delete: "Delete", react: "Reaction to" }[
        (variables as CommentAct).edit.kind
      ];
    default:
      return "Thread";
  }
}

function deedOfEdit(edit: TaskEdit): string {
  if (edit.kind !== "change")
    return { add: "New", delete: "Delete", restore: "Restore" }[edit.kind];
  const fields = Object.keys(edit.set).filter((field) => field !== "position");
  if (fields.length === 0) return "Move";
  return fields.map((field) => FIELD_NAMES[field as keyof typeof FIELD_NAMES]).join(", ");
}

/** Why an act was refused, in a sentence. */
export function refusalOf({ outcome, reason }: QueueItem): string {
  if (outcome?.status !== "refused") return "";
  const { error, message } = (outcome.body ?? {}) as { error?: string; message?: string };
  if (outcome.reason === "outdated") return "It has waited for too long.";
  return error ?? message ?? `The API answered ${outcome.httpStatus ?? reason ?? outcome.reason}.`;
}
