/**
 * Notices when a connection should be checked: when the network has changed, the page has become
 * visible again, or the device has slept.
 */

import type { Unsubscribe } from "./emitter.ts";

/** How often to check whether time has jumped. */
const TICK_MS = 2_000;
/** A busy page can delay a timer for a while, but a visible page never for as long as this. */
const JUMP_MS = 10_000;

/** Calls `look` each time. */
export function onWake(look: () => void): Unsubscribe {
  const seen = () => document.visibilityState === "visible" && look();
  const page = typeof document === "undefined" ? undefined : document;
  // Only where the runtime knows its network: others have other events, or no `addEventListener`.
  const network = globalThis.navigator?.onLine === undefined ? undefined : globalThis;
  const stopping = [
    listen(page, "visibilitychange", seen),
    // A page that comes back from the browser's cache was frozen, and may never have been hidden.
    ...["pageshow", "online", "offline"].map((type) => listen(network, type, look)),
    onJump(() => page?.visibilityState !== "hidden" && look()),
  ];
  return () => {
    for (const stop of stopping) stop();
  };
}

function listen(target: EventTarget | undefined, type: string, listener: () => void): Unsubscribe {
  target?.addEventListener?.(type, listener);
  return () => target?.removeEventListener?.(type, listener);
}

/**
 * Calls `look` when timers have stood still for a while. When a closed laptop is opened again with the
 * same network and the same page, no event tells the page.
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
