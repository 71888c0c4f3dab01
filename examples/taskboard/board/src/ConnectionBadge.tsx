import type { RealtimeState } from "@validiant/realtime";
import type { Connection } from "./connection.ts";
import { useUnsavedCount } from "./unsaved.ts";

const LABELS: Record<RealtimeState, string> = {
  connecting: "Connecting",
  online: "Live",
  waiting: "Offline",
  stopped: "Stopped",
  closed: "Closed",
};

/** The state of the connection, the reason as a tooltip, and how many changes are waiting for it. */
export function ConnectionBadge({ connection }: { connection: Connection }) {
  const { state, reason, isLive } = connection;
  const unsaved = useUnsavedCount();
  return (
    <output className={`badge badge-${state}`} title={reason}>
      {LABELS[state]}
      <span className="hidden">. {reason}</span>
      {unsaved > 0 && !isLive && <span className="badge-unsaved">{unsaved} not saved</span>}
    </output>
  );
}
