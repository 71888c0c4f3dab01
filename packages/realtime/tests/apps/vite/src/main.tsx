/** What a React app does with the package, in types and in the bundle, beside what the READMEs show in ./readme. */

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import type { RealtimeOptions } from "@validiant/realtime";
import {
  invalidateQueriesOnEvents,
  type QueryMap,
  useOnlineUsers,
  useProjectEvent,
  useProjectRealtime,
  useTaskRealtime,
} from "@validiant/realtime/react";
import { StrictMode, useEffect } from "react";
import { createRoot } from "react-dom/client";
import { Description } from "./readme/description";
import { Project as QuickStart } from "./readme/project";

const queryClient = new QueryClient();
const options: RealtimeOptions = {
  host: "localhost:1999",
  getToken: async () => (await (await fetch("/api/realtime-token")).json()).token,
};

const events: QueryMap["events"] = {
  COMMENT_ADDED({ payload }) {
    return [["comments", payload.taskId]];
  },
};

function Project({ id }: { id: string }) {
  const { status, users, lastEvent, connection } = useProjectRealtime(id, options);
  const online = useOnlineUsers();
  const task = useTaskRealtime("t1", id);
  useProjectEvent("COMMENT_ADDED", ({ payload }) => console.log(payload.commentId.length));
  // @ts-expect-error: no such event
  useProjectEvent("COMMENT_ADED", () => {});
  // @ts-expect-error: a task's event has no such field
  useProjectEvent("TASK_UPDATED", ({ payload }) => payload.nothing);
  useEffect(() => invalidateQueriesOnEvents(queryClient, { events }), []);
  const names = users.map(({ userName }) => userName ?? "somebody").join(", ");
  const last =
    lastEvent?.type === "TASK_ASSIGNED" ? lastEvent.payload.assigneeId : task.lastEvent?.type;
  return (
    <p title={connection?.projectId}>
      {status.reason} {online.length} online: {names} {last}
    </p>
  );
}

createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <Project id="p1" />
      <QuickStart id="p2" />
      <Description projectId="p1" taskId="t1" name="Ann" />
    </QueryClientProvider>
  </StrictMode>,
);
