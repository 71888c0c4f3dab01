/** A client of one project, as apps see it. */

import type { OnlineUser } from "../server-frames.ts";
import { Connection } from "./connection.ts";
import type { Unsubscribe } from "./emitter.ts";
import type {
  AnyEvent,
  DeclareThisEventInRealtimeEventMap,
  EventType,
  RealtimeEvent,
} from "./events.ts";
import type { RealtimeStatus } from "./status.ts";
import type { GetToken } from "./token.ts";

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
   * but for this machine and private networks. It may have a path, for a server below one:
   * `example.com/realtime`.
   */
  host: string;
  /**
   * For apps that know who is signed in: any text that is another one for another user. The hooks
   * open another connection when it changes, and need not look whose token they are given.
   */
  identity?: string;
  /**
   * The position of a state that the app has already, `<epoch>:<seq>`, from the server's state of
   * the room. If the server still has all that came since, it comes now, and there is no `resync`.
   */
  since?: string;
  /** The class of the sockets, where the runtime has none of its own: `ws` in Node 20. */
  WebSocket?: unknown;
}

/** Where to connect, and as whom: by `getToken`, or as `user` where the server is open. */
export type RealtimeOptions = CommonOptions &
  (
    | {
        /**
         * Fetches a JSON Web Token from the app's backend. Called for each connect and before a
         * token ends, never kept. If it fails, or takes over 15 s, it is called again later. It is
         * told whether the token before was refused or has ended, so that a cached one can be
         * thrown away. A token of another user (`sub`) opens another connection.
         */
        getToken: GetToken;
        user?: undefined;
      }
    | { user: RealtimeUser; getToken?: undefined }
  );

/** The same, and to which project: 1 to 128 bytes of UTF-8 without `/`. */
export type ConnectOptions = RealtimeOptions & { projectId: string };

/**
 * A client of one project, as {@link connectProject} makes it. It can be read with `for await`. `E`
 * has the app's own events by name, beside those that are known.
 */
export interface ProjectConnection<E = unknown> extends AsyncIterable<AnyEvent<E>> {
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
  on<T extends EventType<E>>(
    type: T,
    handler: (event: RealtimeEvent<T, E>) => unknown,
  ): Unsubscribe;
  on(type: "*", handler: (event: AnyEvent<E>) => unknown): Unsubscribe;
  on(
    type: DeclareThisEventInRealtimeEventMap,
    handler: (event: AnyEvent<E>) => unknown,
  ): Unsubscribe;
  /**
   * Looks now whether the connection still stands, and replaces it if there is no answer in 5 s;
   * one that waits for its next try has it within a second, unless the server asked for more. In a
   * page this happens by itself when it is seen again or its network changes. Call it where the
   * runtime tells of no such moment: in React Native, when the app comes back from the background.
   */
  check(): void;
  /**
   * Connects now, with a fresh token: after somebody else has signed in, or when what stopped the
   * client is mended. A loop that has ended with the connection does not go on; handlers do. After
   * `close()` it does nothing.
   */
  reconnect(): void;
  /** Leaves the project, for good. Others are told at once. */
  close(): void;
}

/**
 * Connects to a project and stays connected: through lost networks, sleep, restarts of the server
 * and the ends of tokens, until `close()` or until the server says that it is no use (`status`).
 * Returns at once and never throws: options that can't be right are a status that is `stopped`.
 * Nothing is missed without a `resync`.
 *
 * ```ts
 * const project = connectProject({ host: "localhost:1999", projectId: "p1", user: { id: "ann" } });
 * project.on("TASK_UPDATED", ({ payload }) => refetchTask(payload.taskId));
 * project.on("resync", () => refetchEverything());
 * ```
 *
 * The app's own events can be named here, where they are not declared in `RealtimeEventMap`:
 * `connectProject<{ COMMENT_ADDED: { commentId: string } }>({ … })`.
 */
export function connectProject<E = unknown>(options: ConnectOptions): ProjectConnection<E> {
  return new Connection(options) as ProjectConnection as ProjectConnection<E>;
}
