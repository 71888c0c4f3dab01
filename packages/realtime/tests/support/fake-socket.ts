/** Sockets that a test holds the other end of, and a clock that it moves. */

import { after, afterEach, beforeEach, mock } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { type ConnectOptions, connectProject, type ProjectConnection } from "../../src/index.ts";

const STEP_MS = 500;

/** Stands in for the runtime's WebSocket. */
export class FakeSocket extends EventTarget {
  /** All that were made since the test began, the oldest first. */
  static made: FakeSocket[] = [];

  /** What each of them has under this name in its query. */
  static queried(name: string): (string | null)[] {
    return FakeSocket.made.map(({ url }) => url.searchParams.get(name));
  }

  /** The token of each of them. */
  static get tokens(): (string | undefined)[] {
    return FakeSocket.made.map(({ protocols }) => protocols[1]?.replace("bearer.", ""));
  }

  readonly url: URL;
  readonly protocols: string[];
  readonly sent: { type: string; token?: string }[] = [];
  readyState = 0;
  binaryType = "blob";
  /** Whether pings are answered. */
  answers = true;
  /** The code by which the client closed. */
  closedWith: number | undefined;

  constructor(url: string, protocols: string[] = []) {
    super();
    this.url = new URL(url);
    this.protocols = protocols;
    FakeSocket.made.push(this);
  }

  /** How many messages of this type the client has sent. */
  count(type: string): number {
    return this.sent.filter((message) => message.type === type).length;
  }

  send(text: string): void {
    const message = JSON.parse(text);
    this.sent.push(message);
    if (message.type === "PING" && this.answers) this.says({ type: "PONG", payload: {} });
  }

  close(code?: number): void {
    this.readyState = 3;
    this.closedWith = code;
  }

  open(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }

  /** The server says this, as one text. */
  says(frames: unknown): void {
    this.dispatchEvent(Object.assign(new Event("message"), { data: JSON.stringify(frames) }));
  }

  /** The server takes the client in. */
  accepts(payload: Record<string, unknown> = {}): void {
    if (this.readyState === 0) this.open();
    const all = { epoch: "e", seq: 0, recovered: false, users: [], activeUsers: 0, ...payload };
    this.says({ type: "CONNECTED", payload: all, timestamp: Date.now() });
  }

  /** The server says Close, and does not hang up yet. */
  closes(): void {
    this.readyState = 2;
  }

  /** The connection ends, by the server or, without a code of its own, by the network. */
  ends(code = 1006, reason: Record<string, unknown> = {}): void {
    this.readyState = 3;
    const event = Object.assign(new Event("close"), { code, reason: JSON.stringify(reason) });
    this.dispatchEvent(event);
  }
}

const clients: ProjectConnection[] = [];

/** Lets the test move the clock; random numbers are the middle unless it says otherwise. */
export function withFakeClock(): void {
  beforeEach(() => {
    FakeSocket.made = [];
    mock.timers.reset();
    mock.restoreAll();
    mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now: 1_800_000_000_000 });
    mock.method(Math, "random", () => 0.5);
    mock.method(globalThis, "fetch", () => Promise.reject(new TypeError("no network")));
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
  });
  after(() => mock.timers.reset());
}

/** Moves the clock, in steps short enough for timers that set timers, and lets everything happen that is due. */
export async function pass(milliseconds: number): Promise<void> {
  await settled();
  for (let left = milliseconds; left > 0; left -= STEP_MS) {
    mock.timers.tick(Math.min(left, STEP_MS));
    await settled();
  }
}

/** Lets promises and timers without a delay do their work. */
async function settled(): Promise<void> {
  for (let turns = 0; turns < 5; turns += 1) {
    await turn();
    mock.timers.tick(0);
  }
}

/** The newest socket, once it is made. */
export async function socket(): Promise<FakeSocket> {
  await settled();
  const newest = FakeSocket.made.at(-1);
  if (!newest) throw new Error("no socket was made");
  return newest;
}

/** An event as the server says it. */
export const event = (type: string, payload: unknown = {}) => ({ type, payload, timestamp: 1 });

/** A client as ann in p1, closed after the test. */
export function connect(options: Partial<ConnectOptions> = {}): ProjectConnection {
  const who = options.getToken ? {} : { user: { id: "ann" } };
  const all = { host: "example.com", projectId: "p1", WebSocket: FakeSocket, ...who, ...options };
  const client = connectProject(all as ConnectOptions);
  clients.push(client);
  return client;
}

/** The same, taken in by the server with this payload, and its socket. */
export async function online(
  payload: Record<string, unknown> = {},
  options: Partial<ConnectOptions> = {},
) {
  const project = connect(options);
  const first = await socket();
  first.accepts(payload);
  return { project, first };
}

/** How long it is until a client tries again, in milliseconds. */
export const untilRetry = ({ status }: ProjectConnection) => (status.retryAt ?? 0) - Date.now();

/** A token by its form, with these claims. */
export const tokenWith = (claims: Record<string, unknown>) =>
  `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.x`;

/** The same, with this end in seconds. */
export const tokenUntil = (exp: number) => tokenWith({ exp });

/** The same, of this user. */
export const tokenOf = (sub: string) => tokenWith({ sub });
