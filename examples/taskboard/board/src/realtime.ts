/** The page's realtime connections: two rooms, which queries their events make stale, and their notices. */

import { useQueryClient } from "@tanstack/react-query";
import type { RealtimeOptions, RealtimeStatus } from "@validiant/realtime";
import {
  invalidateQueriesOnEvents,
  type QueryMap,
  useOthers,
  useProjectEvent,
  useProjectRealtime,
  useSelf,
} from "@validiant/realtime/react";
import { useEffect } from "react";
import { WORKSPACE } from "../../shared/events.ts";
import { setConnectionId } from "./api.ts";
import { keys } from "./keys.ts";
import { markChanged } from "./marks.ts";
import { noticeOf } from "./notices.ts";
import { type Session, useNameOf, useSession } from "./session.ts";
import { notify } from "./toasts.ts";

const QUERIES: QueryMap = {
  tasks: keys.tasks,
  unread: keys.unread,
  events: {
    resync: (_event, projectId) => (projectId === WORKSPACE ? [keys.projects] : [["single"]]),
    PROJECT_CREATED: () => [keys.projects],
    MEMBERS_CHANGED: () => [keys.projects],
    TASK_MOVED: (_event, projectId) => [keys.tasks(projectId)],
    TASK_DELETED: ({ payload }, projectId) => [keys.single(payload.taskId), keys.unread(projectId)],
    TASK_RESTORED: ({ payload }, projectId) => [
      keys.single(payload.taskId),
      keys.tasks(projectId),
      keys.unread(projectId),
    ],
    // The list of tasks counts them.
    COMMENT_ADDED: (_event, projectId) => [keys.tasks(projectId)],
    COMMENT_DELETED: (_event, projectId) => [keys.tasks(projectId)],
  },
};

/** Keeps the page up to date, and returns the status of the connection that matters most. */
export function useRealtime(projectId: string | undefined): RealtimeStatus {
  const session = useSession();
  const queryClient = useQueryClient();
  const workspace = useProjectRealtime(WORKSPACE, optionsFor(WORKSPACE, session));
  const project = useProjectRealtime(
    projectId,
    projectId ? optionsFor(projectId, session) : undefined,
  );
  const { idle } = session.offline;
  useEffect(
    () => invalidateQueriesOnEvents(queryClient, { ...QUERIES, after: idle }),
    [queryClient, idle],
  );
  useConnectionId("workspace", WORKSPACE);
  useConnectionId("project", projectId);
  const nameOf = useNameOf();
  const tell = (event: Parameters<typeof noticeOf>[0]) => {
    const notice = noticeOf(event, session.me.id, nameOf);
    if (notice) notify(notice);
    markChanged(event, session.me.id);
  };
  useReadChangedTexts(projectId);
  useProjectEvent("*", tell, WORKSPACE);
  useProjectEvent("*", tell, projectId);
  return projectId ? project.status : workspace.status;
}

/** The user's own other windows are told of this one's changes, and this one is not. */
function useConnectionId(of: "workspace" | "project", room: string | undefined): void {
  const id = useSelf(({ connectionId }) => connectionId, undefined, room);
  useEffect(() => setConnectionId(of, id), [of, id]);
}

/**
 * When people have stopped typing in a text, one window asks the API to read it: that of the first user in
 * the order of the ids. If there are two, nothing is wrong; if there is none, the API reads it later.
 */
function useReadChangedTexts(projectId: string | undefined): void {
  const { api, me } = useSession();
  const isFirst = useOthers(
    (others) => others.every(({ userId }) => me.id < userId),
    undefined,
    projectId,
  );
  const read = ({ payload }: { payload: { docId: string } }) => {
    if (isFirst) void api.readText(payload.docId);
  };
  useProjectEvent("DOC_CHANGED", read, projectId);
}

function optionsFor(room: string, { api, config, me, encryption }: Session): RealtimeOptions {
  const { realtimeUrl: host, needsToken } = config;
  if (needsToken) return { host, encryption, getToken: () => api.realtimeToken(room) };
  return { host, encryption, user: me };
}
