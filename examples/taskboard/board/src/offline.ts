/**
 * What the users do. It is shown at once, kept in the browser's IndexedDB, and sent when that is
 * possible: once, in order, and without overwriting what somebody else has changed meanwhile.
 */

import type { QueryClient } from "@tanstack/react-query";
import { createOfflineMutations, type OfflineMutation } from "@validiant/realtime/offline";
import { rebaseBy } from "@validiant/realtime/patch";
import * as storage from "idb-keyval";
import type { Project, Task } from "../../shared/board.ts";
import { POLICIES } from "../../shared/policies.ts";
import { type Fetch, sendBy } from "./api.ts";
import {
  type CommentEdit,
  type ReadMark,
  type Resolution,
  sendCommentEdit,
  withCommentEdits,
  withReadMark,
  withResolution,
} from "./comments/edits.ts";
import { sendEdit, type TaskEdit, withEdits } from "./edits.ts";
import { keys } from "./keys.ts";

export interface CommentAct {
  task: Pick<Task, "id" | "projectId">;
  edit: CommentEdit;
  at: string;
}

export interface ResolutionAct {
  task: Pick<Task, "id" | "projectId">;
  resolution: Resolution;
}

export interface ReadAct {
  projectId: string;
  mark: ReadMark;
}

export type Offline = ReturnType<typeof create>;

const known = new Map<string, Offline>();

/** The acts of a user. There is one queue of them on a page. */
export function offlineOf(queryClient: QueryClient, userId: string): Offline {
  const offline = known.get(userId) ?? create(queryClient, userId);
  known.set(userId, offline);
  return offline;
}

function create(queryClient: QueryClient, userId: string) {
  const by = (fetch: Fetch) => sendBy(userId, fetch);
  /** A change of this needs nothing on the screen but what the API says afterwards. */
  const same = <T>(data: T): T => data;

  const project: OfflineMutation<Project> = {
    mutationFn: (added, { fetch }) => by(fetch)("POST", "/projects", added),
    scope: ({ id }) => id,
    optimistic: (added) => [
      [keys.projects, (all: Project[]) => withProject(all, added)],
      [keys.tasks(added.id), same],
    ],
  };

  const task: OfflineMutation<TaskEdit> = {
    mutationFn: (edit, { fetch }) => sendEdit(by(fetch), edit),
    // A comment on a new task, in a new project, is sent after both.
    scope: (edit) => edit.task.projectId,
    optimistic: (edit) => [
      [keys.tasks(edit.task.projectId), (tasks: Task[]) => withEdits(tasks, [edit])],
    ],
    onConflict: (edit, body) =>
      edit.kind === "change" ? rebased({ ...edit, theirs: changedIn(body) }, body) : undefined,
  };

  const comment: OfflineMutation<CommentAct> = {
    mutationFn: ({ task, edit }, { fetch }) => sendCommentEdit(by(fetch), task.id, edit),
    scope: ({ task }) => task.projectId,
    optimistic: ({ task, edit, at }) => [
      [
        keys.comments(task.id),
        (all: Parameters<typeof withCommentEdits>[0]) =>
          withCommentEdits(all, [edit], { taskId: task.id, userId, at }),
      ],
      // The list of tasks counts them.
      [keys.tasks(task.projectId), same],
    ],
  };

  const resolve: OfflineMutation<ResolutionAct> = {
    mutationFn: ({ resolution: { threadId, isResolved } }, { fetch }) =>
      by(fetch)(isResolved ? "PUT" : "DELETE", `/threads/${threadId}/resolved`),
    scope: ({ task }) => task.projectId,
    optimistic: ({ task, resolution }) => [
      [
        keys.threads(task.id),
        (all: Parameters<typeof withResolution>[0]) => withResolution(all, resolution, userId),
      ],
    ],
  };

  const read: OfflineMutation<ReadAct> = {
    mutationFn: ({ mark: { threadId, commentId } }, { fetch }) =>
      by(fetch)("PUT", `/threads/${threadId}/read`, { commentId }),
    scope: ({ projectId }) => projectId,
    optimistic: ({ projectId, mark }) => [
      [
        keys.unread(projectId),
        (all: Parameters<typeof withReadMark>[0]) => withReadMark(all, mark),
      ],
    ],
  };

  return createOfflineMutations(queryClient, {
    storage,
    user: userId,
    mutations: { project, task, comment, resolve, read },
  });
}

/** Who was the last to change a task, as the API says in a conflict. */
export interface Theirs {
  by: string | null;
  at: string;
}

const rebased = rebaseBy(POLICIES);

function changedIn(body: unknown): Theirs | undefined {
  return (body as { current?: { changed?: Theirs } } | undefined)?.current?.changed;
}

function withProject(projects: Project[], added: Project): Project[] {
  return projects.some(({ id }) => id === added.id) ? projects : [...projects, added];
}
