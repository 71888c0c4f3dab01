/** When to try again: later each time, and never all clients together. */

/** The first retry comes within this time, in milliseconds. Presence waits 10 s for a user to return. */
const FIRST_WINDOW_MS = 3_000;
/** No retry waits longer than this, but for what the server asks. */
const LAST_WINDOW_MS = 30_000;

/**
 * How long to wait before a try, in milliseconds: a random time in a window that doubles with each
 * try in vain, after the time that the server asked for. Where the server asked, the window is at
 * least as long as that time, so that those who were sent away together do not return together.
 */
export function retryDelay(triesInVain: number, retryAfterMs = 0): number {
  const window = Math.min(LAST_WINDOW_MS, FIRST_WINDOW_MS * 2 ** triesInVain);
  return retryAfterMs + Math.random() * Math.max(window, retryAfterMs);
}

/** How long to wait at least after a sign-in was refused for the so many-th time: 31 s in all for five. */
export function refusalDelay(refusals: number): number {
  return 1_000 * 2 ** refusals;
}
