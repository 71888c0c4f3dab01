/** A client of one project: events, users and status on a connection that recovers. */

import type {
  AuthOkPayload,
  ConnectedPayload,
  ErrorPayload,
  OnlineUser,
} from "../server-frames.ts";
import { Emitter, type Handler, type Unsubscribe } from "./emitter.ts";
import type { AnyEvent, EventType, RealtimeEvent } from "./events.ts";
import { type Frame, framesIn } from "./frames.ts";
import { EventQueue } from "./iterate.ts";
import { Link } from "./link.ts";
import { isOver, type RealtimeStatus } from "./status.ts";
import type { GetToken } from "./token.ts";
import { NOBODY, rosterAfter } from "./users.ts";

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
export type RealtimeOptions = CommonOptions &
  (
    | {
        /**
         * Fetches a JSON Web Token from the app's backend. Called for each connect and before a
         * token ends, never kept. If it fails, or takes over 15 s, it is called again later.
         */
        getToken: GetToken;
        user?: undefined;
      }
    | { user: RealtimeUser; getToken?: undefined }
  );

/** The same, and to which project: 1 to 128 bytes of UTF-8 without `/`. */
export type ConnectOptions = RealtimeOptions & { projectId: string };

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
  /**
   * Looks now whether the connection still stands, and replaces it if there is no answer in 5 s;
   * one that waits for its next try has it within a second, unless the server asked for more. In a
   * page this happens by itself when it is seen again or its network changes. Call it where the
   * runtime tells of no such moment: in React Native, when the app comes back from the background.
   */
  check(): void;
  /** Leaves the project, for good. Others are told at once. */
  close(): void;
}

/** Of these no handler hears: what answers a ping, and broadcasts under names of the client's own. */
const UNTOLD = new Set(["PONG", "resync", "status", "users", "*"]);

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
export function connectProject(options: ConnectOptions): ProjectConnection {
  return new Connection(options);
}

class Connection implements ProjectConnection {
  readonly projectId: string;
  readonly #user: RealtimeUser | undefined;
  readonly #emitter = new Emitter();
  readonly #queues = new Set<EventQueue>();
  readonly #link: Link;
  #roster = NOBODY;
  /** Up to where everything was dealt with. */
  #position: string | undefined;
  #wasOnline = false;

  constructor(options: ConnectOptions) {
    this.projectId = options.projectId;
    this.#user = options.user;
    this.#position = options.since;
    this.#link = new Link(options, {
      query: () => ({
        userId: this.#user?.id,
        userName: this.#user?.name,
        frames: "batch",
        since: this.#position,
      }),
      onText: (text) => this.#take(framesIn(text)),
      onStatus: (status) => this.#statusChanged(status),
    });
  }

  get status(): RealtimeStatus {
    return this.#link.status;
  }

  get users(): readonly OnlineUser[] {
    return this.#roster.users;
  }

  get activeUsers(): number {
    return this.#roster.activeUsers;
  }

  on(type: string, handler: Handler): Unsubscribe {
    return this.#emitter.on(type, handler);
  }

  [Symbol.asyncIterator](): EventQueue {
    const queue = new EventQueue(
      () => this.#resync(false),
      () => this.#queues.delete(queue),
    );
    if (isOver(this.status)) queue.end();
    else this.#queues.add(queue);
    return queue;
  }

  check(): void {
    this.#link.check();
  }

  close(): void {
    this.#link.close();
  }

  #take(frames: Frame[]): void {
    for (const frame of frames) {
      // A handler of an earlier frame may have closed the connection.
      if (isOver(this.status)) return;
      this.#deal(frame);
      const { seq } = frame;
      if (seq && this.#position) this.#position = `${this.#position.split(":")[0]}:${seq}`;
    }
  }

  #deal(frame: Frame): void {
    const { type, payload, timestamp = Date.now() } = frame;
    if (type === "CONNECTED") this.#connected(frame, timestamp);
    else if (type === "AUTH_OK")
      this.#link.refreshed((payload as AuthOkPayload).expiresAt, timestamp);
    else if (!UNTOLD.has(type)) {
      if (type === "ERROR") this.#link.refused((payload as ErrorPayload).retryAfterMs);
      this.#setRoster(frame);
      this.#tell(frame as AnyEvent);
    }
  }

  #connected(frame: Frame, timestamp: number): void {
    const { epoch, seq, recovered } = frame.payload as ConnectedPayload;
    if (!recovered) this.#position = epoch && `${epoch}:${seq}`;
    const first = !this.#wasOnline;
    this.#wasOnline = true;
    this.#setRoster(frame);
    this.#link.accepted(timestamp);
    this.#tell(frame as AnyEvent);
    if (!recovered) this.#tell(this.#resync(first));
  }

  #setRoster(frame: Frame): void {
    const before = this.#roster;
    this.#roster = rosterAfter(before, frame);
    if (this.#roster !== before) this.#emit("users", this.#roster.users);
  }

  #statusChanged(status: RealtimeStatus): void {
    this.#emit("status", status);
    if (isOver(status)) for (const queue of this.#queues) queue.end();
  }

  #resync(first: boolean): AnyEvent {
    const payload = { projectId: this.projectId, first };
    return { type: "resync", payload, timestamp: Date.now() };
  }

  #tell(event: AnyEvent): void {
    if (isOver(this.status)) return;
    this.#emitter.emit(event.type, event);
    this.#emitter.emit("*", event);
    for (const queue of this.#queues) queue.push(event);
  }

  #emit(type: string, payload: unknown): void {
    this.#emitter.emit(type, { type, payload, timestamp: Date.now() });
  }
}
