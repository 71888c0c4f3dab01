/**
 * Hears of the moments at which a connection should be looked at: the network changed, the page is
 * seen again, or the device has slept.
 */

import type { Unsubscribe } from "./emitter.ts";

/** How often it is looked whether time has jumped. */
const TICK_MS = 2_000;
/** A busy page may hold a timer up for a while; no page that is seen, for as long as this. */
const JUMP_MS = 10_000;

/** Calls `look` at each such moment. */
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
  const stopTicking = onJump(() => page?.visibilityState !== "hidden" && look());
  return () => {
    stopTicking();
    page?.removeEventListener?.("visibilitychange", seen);
    network?.removeEventListener?.("pageshow", look);
    network?.removeEventListener?.("online", look);
    network?.removeEventListener?.("offline", look);
  };
}

/**
 * Calls `look` when timers have stood still for a while: a laptop that was shut tells its pages
 * nothing when it is opened again, if it has kept its network and shows the same page.
 */
function onJump(look: () => void): Unsubscribe {
  let last = Date.now();
  const timer = setInterval(() => {
    const before = last;
    last = Date.now();
    if (last - before > TICK_MS + JUMP_MS) look();
  }, TICK_MS);
  return () => clearInterval(timer);
}
