/** Broadcasts that never get in the way of who makes them. */
import type { RealtimeEventMap } from "../core/events.ts";
import { BroadcastError } from "./error.ts";
/** How to reach the server, and what to do when it can't be reached. */
export interface BroadcasterOptions {
    /** Where the server is, with its scheme, such as `https://realtime.example.com`. */
    url: string;
    /** The server's `BROADCAST_SECRET`. */
    secret: string;
    /** How long an attempt may take, in milliseconds. Default: 2,000. */
    timeoutMs?: number | undefined;
    /** How often a broadcast is tried again after it failed. Default: 3. */
    retries?: number | undefined;
    /** How many broadcasts may wait or be under way. More are dropped, and told to `onError`. Default: 1,000. */
    maxPending?: number | undefined;
    /**
     * Keeps a Worker alive after its answer: `(work) => ctx.waitUntil(work)`, in Hono
     * `(work) => c.executionCtx.waitUntil(work)`. Not needed elsewhere.
     */
    waitUntil?: ((work: Promise<unknown>) => void) | undefined;
    /** Hears of each broadcast that failed for good. Default: `console.error`. */
    onError?: ((error: BroadcastError, broadcast: FailedBroadcast) => void) | undefined;
}
/** Which broadcast failed. */
export interface FailedBroadcast {
    projectIds: readonly string[];
    type: string;
}
/** What the server answers to one event for one project. */
export interface BroadcastReply {
    success: true;
    message: string;
    /** How many sockets were handed the event, or will be. */
    recipients: number;
    /** How many would have been, but for the exclusion. */
    excluded: number;
    /** The number of the event in the room's history. Absent where no history is kept. */
    seq?: number;
    /** Whether an earlier attempt had been taken already, of which the answer was lost. */
    duplicate?: true;
}
/** The payload of an event: typed for those that are known. */
export type PayloadOf<T extends string> = T extends keyof RealtimeEventMap ? RealtimeEventMap[T] : unknown;
/** The same, without what the helper adds. */
export type DataOf<T extends string, Added extends string> = T extends keyof RealtimeEventMap ? Omit<RealtimeEventMap[T], Added> : Record<string, unknown>;
/** A user who is left out, on all devices. Null or empty is nobody. */
export type ExcludedUser = string | null | undefined;
/**
 * Sends events to the users of projects.
 *
 * The promises of `broadcast…` resolve at once and never reject: an API that awaits them is neither
 * delayed nor broken by a realtime server that is slow or away. Events of one project are sent one
 * after the other, in the order of the calls.
 */
export interface Broadcaster {
    /** Sends an event to everybody in a project, but to `excludeUserId`: usually who made the change. */
    broadcastToProject<T extends string>(projectId: string, type: T, payload: PayloadOf<T>, excludeUserId?: ExcludedUser): Promise<void>;
    /** The same for many projects. */
    broadcastToProjects<T extends string>(projectIds: readonly string[], type: T, payload: PayloadOf<T>, excludeUserId?: ExcludedUser): Promise<void>;
    /** Tells of a task. `taskId` and `projectId` are added to `data`. */
    broadcastTaskEvent<T extends string>(projectId: string, taskId: string, type: T, data?: DataOf<T, "taskId" | "projectId">, excludeUserId?: ExcludedUser): Promise<void>;
    /** Tells of a project or its members. `projectId` is added to `data`. */
    broadcastProjectEvent<T extends string>(projectId: string, type: T, data?: DataOf<T, "projectId">, excludeUserId?: ExcludedUser): Promise<void>;
    /**
     * Sends an event and waits for the answer.
     *
     * @throws BroadcastError when it failed for good: after the last retry, or at once when trying
     * again is no use.
     */
    publishToProject<T extends string>(projectId: string, type: T, payload: PayloadOf<T>, excludeUserId?: ExcludedUser): Promise<BroadcastReply>;
    /** Resolves when all broadcasts have been answered or have failed: before a process ends. */
    flush(): Promise<void>;
}
/** Makes a broadcaster for one server. */
export declare function createBroadcaster(options: BroadcasterOptions): Broadcaster;
