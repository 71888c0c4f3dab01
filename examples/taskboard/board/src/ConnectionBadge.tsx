import type { RealtimeState } from "@validiant/realtime";
import type { Connection } from "./connection.ts";

const LABELS: Record<RealtimeState, string> = {
  connecting: "Connecting",
  online: "Live",
  waiting: "Offline",
  stopped: "Stopped",
  closed: "Closed",
};

/** The state of the connection, and the reason as a tooltip. */
export function ConnectionBadge({ connection }: { connection: Connection }) {
  const { state, reason } = connection;
  return (
    <output className={`badge badge-${state}`} title={reason}>
      {LABELS[state]}
      <span className="hidden">. {reason}</span>
    </output>
  );
}
