/**
 * The server under test: a fresh runtime, or a deployment named by `TARGET` and `SECRET`.
 *
 * Projects get random names, so tests never meet, not even on a shared deployment.
 */

import { randomUUID } from "node:crypto";
import { after } from "node:test";
import { Client, type ConnectOptions } from "./client.ts";
import { Runtime, type RuntimeOptions } from "./runtime.ts";

export const SECRET = process.env.SECRET ?? "test-secret-of-the-suite";

/** Variables that let everybody connect, from any page. */
export const OPEN = { CONNECT_AUTH: "open", ALLOWED_ORIGINS: "*" };

/** Variables that raise the limits on one user and one backend as far as possible. */
export const UNHURRIED = {
  PUBLISHES_PER_SECOND: "10000",
  PUBLISH_BURST: "100000",
  CLIENT_MESSAGES_PER_SECOND: "1000",
  CLIENT_MESSAGE_BURST: "10000",
  USER_SOCKETS_MAX: "30000",
};

/** Set when the suite runs against a deployment. */
export const REMOTE = process.env.TARGET;

/** Why a test that needs its own process is skipped against a deployment; false otherwise. */
export const NEEDS_OWN_RUNTIME = REMOTE ? "needs a runtime of its own" : false;

/** Why a test that sends more than a server takes by default is skipped against a deployment; false otherwise. */
export const NEEDS_HIGH_LIMITS = REMOTE ? "sends more than a deployment takes" : false;

/** Why a test that depends on each byte of a request is skipped against a deployment; false otherwise. */
export const NO_PROXY_BETWEEN = REMOTE
  ? "a proxy stands before a deployment, and has its own way with odd requests"
  : false;

/** A room of the server under test. */
export class Room {
  readonly server: Server;
  readonly id: string;

  constructor(server: Server, id: string = `test-${randomUUID()}`) {
    this.server = server;
    this.id = id;
  }

  get path(): string {
    return `/parties/main/${encodeURIComponent(this.id)}`;
  }

  get url(): string {
    return this.server.url + this.path;
  }

  /** Opens a socket and waits for `CONNECTED`, which is left for the caller to read with `next`. */
  async join(query: Record<string, string> = {}, options?: ConnectOptions): Promise<Client> {
    const client = this.connect(query, options);
    await client.opened();
    return client;
  }

  /** Opens a socket, without waiting. */
  connect(query: Record<string, string> = {}, options?: ConnectOptions): Client {
    return this.server.connectAt(`${this.path}?${new URLSearchParams(query)}`, options);
  }

  /** Joins as a user and reads `CONNECTED`. */
  async user(userId: string, userName?: string): Promise<Client> {
    const client = await this.join(userName === undefined ? { userId } : { userId, userName });
    await client.next("CONNECTED");
    return client;
  }

  /** POSTs `body` as it is, or as JSON. */
  post(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.url, {
      method: "POST",
      headers: {
        Authorization: `Bearer ${SECRET}`,
        "Content-Type": "application/json",
        ...headers,
      },
      body:
        typeof body === "string" || body instanceof Uint8Array
          ? (body as BodyInit)
          : JSON.stringify(body),
    });
  }

  /** Broadcasts an event; fails unless it is accepted. Returns the body of the answer. */
  async broadcast(
    eventType: string,
    fields: Record<string, unknown> = {},
  ): Promise<{ recipients: number; excluded: number; seq?: number; duplicate?: boolean }> {
    const response = await this.post({ eventType, ...fields });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`broadcast answered ${response.status}: ${text}`);
    return JSON.parse(text);
  }

  async state(): Promise<RoomState> {
    const response = await fetch(this.url, { headers: { Authorization: `Bearer ${SECRET}` } });
    return (await response.json()) as RoomState;
  }
}

export interface RoomState {
  projectId: string;
  connections: number;
  activeUsers: number;
  users: {
    userId: string;
    userName: string | null;
    joinedAt: number;
    verified: boolean;
    devices: number;
  }[];
  awakeSince: number;
  epoch: string;
  seq: number;
  oldestSeq: number | null;
  /** The other objects of a room that has grown. */
  leaves?: { leaf: number; connections: number; activeUsers: number; answers: boolean }[];
}

/** The server under test, shared by the tests of one file. */
export class Server {
  readonly url: string;
  readonly clients: Client[] = [];

  constructor(url: string) {
    this.url = url;
  }

  room(id?: string): Room {
    return new Room(this, id);
  }

  /** Opens a socket at exactly this path and query, without waiting. */
  connectAt(target: string, options?: ConnectOptions): Client {
    const client = new Client(this.url + target, options);
    this.clients.push(client);
    return client;
  }
}

/** A server for the tests of this file, ended after them. */
export async function startServer(options: RuntimeOptions = {}): Promise<Server> {
  if (REMOTE) return endAfterTests(new Server(REMOTE.replace(/\/$/, "")));
  const { server } = await startOwnServer(options);
  return server;
}

/**
 * The same, with the hand on its process. Against a deployment nothing is started: the tests that
 * need it are skipped (`NEEDS_OWN_RUNTIME`).
 */
export async function startOwnServer(
  options: RuntimeOptions = {},
): Promise<{ server: Server; runtime: Runtime }> {
  if (REMOTE) return { server: new Server(REMOTE), runtime: Runtime.none() };
  const runtime = await Runtime.start({
    ...options,
    vars: { BROADCAST_SECRET: SECRET, ...OPEN, ...options.vars },
  });
  const server = endAfterTests(new Server(runtime.url));
  after(() => runtime.stop());
  return { server, runtime };
}

function endAfterTests(server: Server): Server {
  after(() => {
    for (const client of server.clients) client.socket.terminate();
  });
  return server;
}
