/** A client of one project: its options and its public interface. */

import type { OnlineUser, RoomLimits } from "../server-frames.ts";
import type { EncryptionState } from "./channel.ts";
import type { Unsubscribe } from "./emitter.ts";
import type { Encryption } from "./encryption.ts";
import type {
  AnyEvent,
  ClientEventMap,
  ClientEventType,
  DeclareThisEventInRealtimeEventMap,
  EventType,
  RealtimeEvent,
} from "./events.ts";
import type { Other, PresencePatch, Self } from "./people.ts";
import type { RealtimeStatus } from "./status.ts";
import type { GetToken } from "./token.ts";

/** The user who connects, for a server that believes what clients say (`CONNECT_AUTH=open`). */
export interface RealtimeUser {
  /** 1 to 128 bytes of UTF-8. */
  id: string;
  /** The user's name: at most 256 bytes of UTF-8. */
  name?: string | undefined;
}

/** Where the server is. */
interface ServerOptions {
  /**
   * The server's address, such as `realtime.example.com` or `localhost:1999`. A scheme (`http://…`,
   * `https://…`) decides whether the connection is encrypted. Without one it is encrypted, except to
   * this machine and to private networks. For a server below a path, include the path:
   * `example.com/realtime`.
   */
  host: string;
  /**
   * For apps that know who is signed in: any text that is different for each user. When it changes, the
   * hooks open another connection. They then don't need to check whose token they get.
   */
  identity?: string | undefined;
  /** The WebSocket class, if the runtime has none of its own: the one from `ws` in Node 20. */
  WebSocket?: unknown;
  /** Encrypts from end to end, with the keys that this names. Make it once: keys are kept in it. */
  encryption?: Encryption | undefined;
}

interface CommonOptions extends ServerOptions {
  /**
   * The position of a state that the app already has, `<epoch>:<seq>`, from the server's state of the
   * room. If the server still has everything since then, it sends that, and there is no `resync`.
   */
  since?: string | undefined;
}

type SignInOptions =
  | {
      /**
       * Fetches a JSON Web Token from the app's backend. Called for each connect and before a token
       * expires; the client does not cache the token. If it fails, or takes longer than 15 s, it is
       * called again later. It is told whether the previous token was refused or has expired, so
       * that a cached one can be discarded. A token for another user (`sub`) opens another
       * connection.
       */
      getToken: GetToken;
      user?: undefined;
    }
  | { user: RealtimeUser; getToken?: undefined };

/** Where to connect, and as whom: with `getToken`, or as `user` if the server is open. */
export type RealtimeOptions = CommonOptions & SignInOptions;

/** The same without what only projects have. */
export type ServerAndSignIn = ServerOptions & SignInOptions;

/** The same, and which project: 1 to 128 bytes of UTF-8 without `/`. */
export type ConnectOptions = RealtimeOptions & { projectId: string };

/** Options of `send`. */
export interface SendOptions {
  /** Only these users get it: 1 to 1,000 ids. */
  userIds?: readonly string[] | undefined;
}

/** The last arguments of `send`. The payload can be left out if the event needs none. */
export type SendArguments<Payload> = undefined extends Payload
  ? [payload?: Payload, options?: SendOptions]
  : [payload: Payload, options?: SendOptions];

/**
 * A client of one project, made by {@link connectProject}. You can read its events with `for await`.
 * `E` adds the app's own events to the declared ones.
 */
export interface ProjectConnection<E = unknown> extends AsyncIterable<AnyEvent<E>> {
  readonly projectId: string;
  /** The status of the connection. A new object on each change; `on("status", …)` reports it. */
  readonly status: RealtimeStatus;
  /**
   * Who is online in the project: the same array until it changes. In a room of more than 100 users,
   * these are the 100 that the server named last. While the connection is lost, these are the users
   * from before.
   */
  readonly users: readonly OnlineUser[];
  /** How many users are online in the project. Complete even in a large room. */
  readonly activeUsers: number;
  /**
   * The other users who are online, with what they say about themselves. The same array until it
   * changes, and the same object for who has not changed; `on("others", …)` reports it. In a room that is
   * too large to tell everybody about everybody, presence data are known only of those who are where
   * this client is (`at`).
   */
  readonly others: readonly Other[];
  /**
   * This client, as the server knows it. Undefined until it is connected, and the same object until it
   * changes; `on("self", …)` reports it.
   */
  readonly self: Self | undefined;
  /**
   * Under which epoch this client encrypts. Null if the project is not encrypted, or while that is not
   * known yet; `on("encryption", …)` reports it.
   */
  readonly encryption: EncryptionState | null;
  /** The limits in force, as the server announced them. Undefined until this client is connected. */
  readonly limits: RoomLimits | undefined;
  /**
   * Calls `handler` for each event of this type. With `*`, for every event that arrives, for `resync`
   * and for `undecryptable`. If it throws, the error is reported as an uncaught error and does no other harm.
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
   * Sends an event to the others in the project, also to this user's other devices. It is not kept: who
   * is not connected misses it. Returns false if it was not sent, because this client is not connected,
   * may not send, or the event is too big.
   */
  send<T extends ClientEventType<E>>(
    type: T,
    ...rest: SendArguments<(ClientEventMap & E)[T]>
  ): boolean;
  /**
   * Changes what this connection says about its user. The first change is sent at once, those that
   * follow within 100 ms together. After a reconnect the server is told again what it has lost, so call
   * this whether or not there is a connection.
   */
  setPresence(patch: PresencePatch): void;
  /**
   * Checks at once that the connection still works, and replaces it if there is no answer within 5 s.
   * A connection that is waiting is retried within a second, unless the server asked for longer. A
   * page does this by itself when it becomes visible again or its network changes. Call it where the
   * runtime has no such events: in React Native, when the app comes back from the background.
   */
  check(): void;
  /**
   * Connects now, with a fresh token. Use it after somebody else has signed in, or when what stopped
   * the client is fixed. Handlers keep working, but a `for await` loop that has ended does not resume.
   * Does nothing after `close()`.
   */
  reconnect(): void;
  /** Leaves the project for good. The others are told at once. */
  close(): void;
}
