/** The hooks. */
import type { AnyEvent } from "../core/events.ts";
import type { RealtimeOptions } from "../core/project.ts";
import type { RealtimeStatus } from "../core/status.ts";
import type { OnlineUser } from "../core/users.ts";
import { type View } from "./registry.ts";
/** A project's id; nothing while it is not known yet. */
export type MaybeId = string | null | undefined;
/** What {@link useProjectRealtime} answers. */
export type ProjectRealtime = View;
/** An event about a task. */
export type TaskEvent = Extract<AnyEvent, {
    payload: {
        taskId: string;
    };
}>;
/** What {@link useTaskRealtime} answers. */
export interface TaskRealtime {
    readonly status: RealtimeStatus;
    /** What came last about this task since the component asks for it. */
    readonly lastEvent: TaskEvent | undefined;
}
/**
 * Connects to a project for as long as the component is there, and answers connection, status,
 * users, how many these are, and the last event. The component renders anew only when one of them changes that it reads.
 *
 * All components of a page share one connection to a project. `options` may be left out where
 * another component gives them. They need not be the same object each time: another host or user
 * makes a new connection, another `getToken` function is called from the next connect on.
 */
export declare function useProjectRealtime(projectId: MaybeId, options?: RealtimeOptions): ProjectRealtime;
/**
 * The same for one task of a project: the last event about it, and no render for any other task.
 */
export declare function useTaskRealtime(taskId: MaybeId, projectId: MaybeId, options?: RealtimeOptions): TaskRealtime;
/**
 * Calls the newest `handler` on each event of this type, or with `*` on all. It never renders.
 *
 * Without `projectId` it listens to the project that the page opened first of those that it has
 * open, which is the only one in most apps. It opens no connection: `useProjectRealtime` does.
 */
export declare function useProjectEvent<T extends AnyEvent["type"] | "*">(type: T, handler: (event: T extends "*" ? AnyEvent : Extract<AnyEvent, {
    type: T;
}>) => unknown, projectId?: MaybeId): void;
/**
 * Who is in the project: the same array until it changes. Without `projectId` of the same one as
 * {@link useProjectEvent}. It opens no connection.
 */
export declare function useOnlineUsers(projectId?: MaybeId): readonly OnlineUser[];
