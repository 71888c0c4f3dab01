/** How a connection is, in words. */
import type { CloseCodeName } from "../codes.ts";
/**
 * - `connecting`: a connect is under way.
 * - `online`: events come.
 * - `waiting`: the connection is lost; it is tried again at `retryAt`.
 * - `stopped`: the server does not want this client back as it is. It does not try again.
 * - `closed`: the app called `close()`.
 */
export type RealtimeState = "connecting" | "online" | "waiting" | "stopped" | "closed";
/** How a connection is. A new object on each change. */
export interface RealtimeStatus {
    readonly state: RealtimeState;
    /** Why, in a sentence for people. */
    readonly reason: string;
    /** The server's code, if it was the server that ended the connection. */
    readonly code?: CloseCodeName;
    /** When the next connect is tried, in milliseconds since 1970. Only while `waiting`. */
    readonly retryAt?: number;
}
/** The JSON that the server gives as the reason of a close. */
export interface CloseReason {
    code?: CloseCodeName;
    retryAfterMs?: number;
    /** The setting of the server that keeps everybody out. */
    setting?: string;
}
export declare const CONNECTING: RealtimeStatus;
export declare const ONLINE: RealtimeStatus;
export declare const CLOSED: RealtimeStatus;
/** Why a connection ends that the server does not end. */
declare const LOSSES: {
    lost: string;
    silent: string;
    unreachable: string;
    noToken: string;
};
/** The same, or what explains it. */
export declare function lossReason(loss: keyof typeof LOSSES): string;
/** What the server's reason says, in words. */
export declare function inWords({ code, setting }: CloseReason): string;
/** Reads the reason of a close; an empty one if it is none of the server's. */
export declare function readReason(text: string): CloseReason;
export {};
