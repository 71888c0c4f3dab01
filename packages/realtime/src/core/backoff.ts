/** When to retry: later each time, and never all clients together. */

/** The first retry comes within this time, in milliseconds. Presence waits 10 s for a user to return. */
const FIRST_WINDOW_MS = 3_000;
/** No retry waits longer than this, unless the server asks for it. */
const LAST_WINDOW_MS = 30_000;

/**
 * How long to wait before an attempt, in milliseconds: the time that the server asked for, plus a
 * random time in a window that doubles with each failed attempt. The window is at least as long as the
 * time that the server asked for, so that clients sent away together do not return together.
 */
export function retryDelay(triesInVain: number, retryAfterMs = 0): number {
  const window = Math.min(LAST_WINDOW_MS, FIRST_WINDOW_MS * 2 ** triesInVain);
  return retryAfterMs + Math.random() * Math.max(window, retryAfterMs);
}

/** The shortest wait after this many refusals of a sign-in: 31 s in all for five. */
export function refusalDelay(refusals: number): number {
  return 1_000 * 2 ** refusals;
}
