/**
 * One connection that comes back: when it is tried again, and when it is not.
 *
 * `partysocket` makes the sockets. Its own retries are switched off, because all clients that it has
 * lost at once return at the same moment, and because it does not know the server's close codes.
 */
import { type RealtimeStatus } from "./status.ts";
import { type GetToken } from "./token.ts";
/** Where to connect. */
export interface Address {
    host: string;
    projectId: string;
    getToken?: GetToken | undefined;
    /** The class of the sockets. Default: the runtime's own. */
    WebSocket?: unknown;
}
/** What a link asks of, and tells to, whoever has it. */
export interface LinkHooks {
    /** The query of a connect, asked each time. */
    query(): Record<string, string | undefined>;
    /** A frame has come. */
    onText(text: unknown): void;
    /** It is in another state. */
    onStatus(status: RealtimeStatus): void;
}
export declare class Link {
    #private;
    constructor({ host, projectId, getToken, WebSocket }: Address, hooks: LinkHooks);
    get status(): RealtimeStatus;
    /** The server took the client in, at this time of its clock. */
    accepted(now: number): void;
    /** The server took a fresh token that ends at `end`; both times are by its clock. */
    refreshed(end: number, now: number): void;
    /** The server refused a message. The only one that matters is a fresh token. */
    refused(retryAfterMs?: number): void;
    /** Leaves for good. */
    close(): void;
}
