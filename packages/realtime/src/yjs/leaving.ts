/** Notices when a person may be about to leave: what waits has to go out before a page is frozen or closed. */

import type { Unsubscribe } from "../core/emitter.ts";

/** Calls `flush` when the window loses the focus, and when the page is hidden. */
export function onLeaving(flush: () => void): Unsubscribe {
  const page = typeof document === "undefined" ? undefined : document;
  // In React Native there is no page, and its `addEventListener` is missing.
  const targets: [EventTarget | undefined, string][] = [
    [page && globalThis, "blur"],
    [page && globalThis, "pagehide"],
    [page, "visibilitychange"],
  ];
  const listen = () => flush();
  for (const [target, type] of targets) target?.addEventListener?.(type, listen);
  return () => {
    for (const [target, type] of targets) target?.removeEventListener?.(type, listen);
  };
}
