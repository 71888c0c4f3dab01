/** When to try again: later each time, and never all clients together. */
/**
 * How long to wait before a try, in milliseconds: a random time in a window that doubles with each
 * try in vain, after the time that the server asked for. Where the server asked, the window is at
 * least as long as that time, so that those who were sent away together do not return together.
 */
export declare function retryDelay(triesInVain: number, retryAfterMs?: number): number;
