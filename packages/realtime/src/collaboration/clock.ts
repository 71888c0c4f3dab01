/** What a page has for movements: time that never jumps, and frames. */

/** Where the time comes from. Tests have one of their own. */
export interface Clock {
  /** In milliseconds, from any origin. */
  now(): number;
  /** Calls `work` before the next frame is painted. Returns what calls it off. */
  frame(work: () => void): () => void;
  /** Calls `work` later. Returns what calls it off. */
  after(milliseconds: number, work: () => void): () => void;
}

/** The one of the page, or of the device in React Native. */
export const PAGE_CLOCK: Clock = {
  now: () => performance.now(),
  frame(work) {
    const frame = requestAnimationFrame(work);
    return () => cancelAnimationFrame(frame);
  },
  after(milliseconds, work) {
    const timer = setTimeout(work, milliseconds);
    return () => clearTimeout(timer);
  },
};
