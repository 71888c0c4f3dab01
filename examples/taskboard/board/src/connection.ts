/** The state of the page's connection: what the realtime client says, or what the device knows sooner. */

import type { RealtimeState, RealtimeStatus } from "@validiant/realtime";
import { useEffect, useState, useSyncExternalStore } from "react";

export interface Connection {
  state: RealtimeState;
  /** Why, in a sentence for people. */
  reason: string;
  isLive: boolean;
  /** When it was last live, while it is not. */
  asOf: Date | undefined;
}

/** A client needs seconds to notice that nothing arrives any more. A device without a network says so at once. */
export function useConnection({ state, reason }: RealtimeStatus): Connection {
  const hasNetwork = useHasNetwork();
  const isLive = hasNetwork && state === "online";
  const asOf = useEndOf(isLive);
  if (!hasNetwork && (state === "online" || state === "connecting"))
    return { state: "waiting", reason: "This device is offline.", isLive, asOf };
  return { state, reason, isLive, asOf };
}

export function useHasNetwork(): boolean {
  return useSyncExternalStore(subscribe, () => navigator.onLine);
}

/** When `isSo` last stopped being true. */
function useEndOf(isSo: boolean): Date | undefined {
  const [ended, setEnded] = useState<Date>();
  useEffect(() => {
    if (!isSo) return;
    setEnded(undefined);
    return () => setEnded(new Date());
  }, [isSo]);
  return ended;
}

function subscribe(listener: () => void): () => void {
  for (const event of ["online", "offline"]) addEventListener(event, listener);
  return () => {
    for (const event of ["online", "offline"]) removeEventListener(event, listener);
  };
}
