/** Broadcasts by what the environment says: PARTYKIT_URL and BROADCAST_SECRET. */
import { type Broadcaster, type BroadcasterOptions } from "./broadcaster.ts";
/**
 * Changes how the functions of this module broadcast: other options than the defaults, or where
 * there is no `process.env`, the `url` and `secret` too. What was called before goes on as it was.
 */
export declare function configureBroadcasts(options: Partial<BroadcasterOptions>): void;
/** {@link Broadcaster.broadcastToProject} by the environment. */
export declare const broadcastToProject: Broadcaster["broadcastToProject"];
/** {@link Broadcaster.broadcastToProjects} by the environment. */
export declare const broadcastToProjects: Broadcaster["broadcastToProjects"];
/** {@link Broadcaster.broadcastTaskEvent} by the environment. */
export declare const broadcastTaskEvent: Broadcaster["broadcastTaskEvent"];
/** {@link Broadcaster.broadcastProjectEvent} by the environment. */
export declare const broadcastProjectEvent: Broadcaster["broadcastProjectEvent"];
/** {@link Broadcaster.publishToProject} by the environment. */
export declare const publishToProject: Broadcaster["publishToProject"];
/** {@link Broadcaster.flush} of all that was broadcast by the environment. */
export declare function flush(): Promise<void>;
