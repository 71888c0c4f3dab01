import type { RealtimeState, RealtimeStatus } from "@validiant/realtime";

const LABELS: Record<RealtimeState, string> = {
  connecting: "Connecting",
  online: "Live",
  waiting: "Offline",
  stopped: "Stopped",
  closed: "Closed",
};

/** How the connection is, with the reason for those who want it. */
export function ConnectionBadge({ status: { state, reason } }: { status: RealtimeStatus }) {
  return (
    <output className={`badge badge-${state}`} title={reason}>
      {LABELS[state]}
      <span className="hidden">. {reason}</span>
    </output>
  );
}
