/**
 * The projects that this page is connected to: one connection each, however many components ask.
 *
 * Nothing is connected but from effects, so nothing of it happens on a server that renders.
 */
import { type Unsubscribe } from "../core/emitter.ts";
import type { AnyEvent } from "../core/events.ts";
import { type ProjectConnection, type RealtimeOptions } from "../core/project.ts";
import { type RealtimeStatus } from "../core/status.ts";
import { type OnlineUser } from "../core/users.ts";
/** What components see of a project. A new object on each change. */
export interface View {
    /** The connection; undefined until there is one. */
    readonly connection: ProjectConnection | undefined;
    /** How it is; `connecting` while there is none. */
    readonly status: RealtimeStatus;
    /** Who is here: the same array until it changes. Of a large room 100. */
    readonly users: readonly OnlineUser[];
    /** How many are here, also in a large room. */
    readonly activeUsers: number;
    /** What came last, presence and `resync` included. */
    readonly lastEvent: AnyEvent | undefined;
}
/** A project without a connection. */
export declare const IDLE: View;
/** An event, with the project that it came from. */
export type ProjectEventHandler = (event: AnyEvent, projectId: string) => unknown;
/** Calls `handler` on each event of each project. */
export declare function onEvent(handler: ProjectEventHandler): Unsubscribe;
/** Calls `listener` whenever some view may be another one. */
export declare function onChange(listener: () => void): Unsubscribe;
/** What is to be seen of a project now. */
export declare function viewOf(projectId: string | null | undefined): View;
/** The project that was opened first of those that some component still wants. */
export declare function currentProject(): string | undefined;
/**
 * Keeps the project's connection until the returned function is called. The first who gives options
 * opens it; options that name another server or user replace it.
 */
export declare function hold(projectId: string, options: RealtimeOptions | undefined): Unsubscribe;
/** Takes newer options: another `getToken` counts from the next connect on. */
export declare function renew(projectId: string, options: RealtimeOptions): void;
/** What makes it another connection. */
export declare function identityOf({ host, user, getToken }: RealtimeOptions): string;
