/** A client of one project: events, users and status on a connection that recovers. */
import { type Unsubscribe } from "./emitter.ts";
import type { AnyEvent, EventType, RealtimeEvent } from "./events.ts";
import type { RealtimeStatus } from "./status.ts";
import type { GetToken } from "./token.ts";
import { type OnlineUser } from "./users.ts";
/** Who connects, where the server takes everybody's word for it (`CONNECT_AUTH=open`). */
export interface RealtimeUser {
    /** 1 to 128 bytes of UTF-8. */
    id: string;
    /** What people call the user: at most 256 bytes of UTF-8. */
    name?: string;
}
interface CommonOptions {
    /**
     * Where the server is, such as `realtime.example.com` or `localhost:1999`. With a scheme
     * (`http://…`, `https://…`) that one decides whether the connection is encrypted; without, it is
     * but for this machine and private networks.
     */
    host: string;
    /**
     * The position of a state that the app has already, `<epoch>:<seq>`, from the server's state of
     * the room. If the server still has all that came since, it comes now, and there is no `resync`.
     */
    since?: string;
    /** The class of the sockets, where the runtime has none of its own: `ws` in Node 20. */
    WebSocket?: unknown;
}
/** Where to connect, and as whom: by `getToken`, or as `user` where the server is open. */
export type RealtimeOptions = CommonOptions & ({
    /**
     * Fetches a JSON Web Token from the app's backend. Called for each connect and before a
     * token ends, never kept. If it fails, or takes over 15 s, it is called again later.
     */
    getToken: GetToken;
    user?: undefined;
} | {
    user: RealtimeUser;
    getToken?: undefined;
});
/** The same, and to which project: 1 to 128 bytes of UTF-8 without `/`. */
export type ConnectOptions = RealtimeOptions & {
    projectId: string;
};
/** A client of one project, as {@link connectProject} makes it. It can be read with `for await`. */
export interface ProjectConnection extends AsyncIterable<AnyEvent> {
    readonly projectId: string;
    /** How the connection is. A new object on each change; `on("status", …)` tells of it. */
    readonly status: RealtimeStatus;
    /**
     * Who is in the project: the same array until it changes. In a room of more than 100 users these
     * are the 100 that the server named last. While the connection is lost, those of before.
     */
    readonly users: readonly OnlineUser[];
    /** How many users are in the project, also in a large room. */
    readonly activeUsers: number;
    /**
     * Calls `handler` on each event of this type, or with `*` on every event that comes and on
     * `resync`. What it throws is reported as an uncaught error and does no other harm.
     */
    on<T extends EventType>(type: T, handler: (event: RealtimeEvent<T>) => unknown): Unsubscribe;
    on(type: "*", handler: (event: AnyEvent) => unknown): Unsubscribe;
    /** Leaves the project, for good. Others are told at once. */
    close(): void;
}
/**
 * Connects to a project and stays connected: through lost networks, sleep, restarts of the server
 * and the ends of tokens, until `close()` or until the server says that it is no use (`status`).
 * Returns at once; nothing is missed without a `resync`.
 *
 * ```ts
 * const project = connectProject({ host: "localhost:1999", projectId: "p1", user: { id: "ann" } });
 * project.on("TASK_UPDATED", ({ payload }) => refetchTask(payload.taskId));
 * project.on("resync", () => refetchEverything());
 * ```
 */
export declare function connectProject(options: ConnectOptions): ProjectConnection;
export {};
