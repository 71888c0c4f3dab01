/** Hears of the moments at which a connection should be looked at: the network changed, or the page is seen again. */
import type { Unsubscribe } from "./emitter.ts";
/** Calls `look` at each such moment. Where the runtime knows none of them, never. */
export declare function onWake(look: () => void): Unsubscribe;
