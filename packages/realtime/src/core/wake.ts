/** Hears of the moments at which a connection should be looked at: the network changed, or the page is seen again. */

import type { Unsubscribe } from "./emitter.ts";

/** Calls `look` at each such moment. Where the runtime knows none of them, never. */
export function onWake(look: () => void): Unsubscribe {
  const seen = () => document.visibilityState === "visible" && look();
  const page = typeof document === "undefined" ? undefined : document;
  // Only where there is a network to lose: other runtimes have other events, or no `addEventListener`.
  const network = globalThis.navigator?.onLine === undefined ? undefined : globalThis;
  page?.addEventListener?.("visibilitychange", seen);
  // A page that comes back from the browser's cache was frozen, and may never have been hidden.
  network?.addEventListener?.("pageshow", look);
  network?.addEventListener?.("online", look);
  network?.addEventListener?.("offline", look);
  return () => {
    page?.removeEventListener?.("visibilitychange", seen);
    network?.removeEventListener?.("pageshow", look);
    network?.removeEventListener?.("online", look);
    network?.removeEventListener?.("offline", look);
  };
}
