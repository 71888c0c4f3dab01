/** A project as a user of the package sees it, on the real server. */

import { after } from "node:test";
import WebSocket, { type ClientOptions } from "ws";
import { type Frame, Inbox, within } from "../../../../tests/support/inbox.ts";
import type { Room } from "../../../../tests/support/target.ts";
import type { CloseCodeName } from "../../src/codes.ts";
import {
  type ConnectOptions,
  connectProject,
  type ProjectConnection,
  type RealtimeState,
} from "../../src/index.ts";

/** A client that has lost its server tries again after up to 3 s, then 6 s. */
const PATIENCE_MS = 30_000;

/** Once the server has said Close, it waits for it to hang up as long as Chrome does, not for 30 s. */
class BrowserSocket extends WebSocket {
  constructor(url: string, protocols?: string[]) {
    super(url, protocols, { closeTimeout: 2_000 } as ClientOptions);
  }
}

/** A project as a user sees it, with all that came. */
export class Watcher {
  readonly project: ProjectConnection;
  readonly #inbox = new Inbox();

  constructor(room: Room, who: Partial<ConnectOptions> = { user: { id: "ann", name: "Ann" } }) {
    const place = { host: room.server.url, projectId: room.id, WebSocket: BrowserSocket };
    this.project = connectProject({ ...place, ...who } as ConnectOptions);
    this.project.on("*", (event) => this.#inbox.push(JSON.stringify(event)));
    after(() => this.project.close());
  }

  get frames(): Frame[] {
    return this.#inbox.frames;
  }

  /** The types of what came, but for presence and markers. */
  get types(): string[] {
    const types = this.frames.map(({ type }) => type);
    return types.filter((type) => !type.startsWith("USER_") && type !== "TEST_MARKER");
  }

  /** The next unread event of one of these types. */
  next(...types: string[]): Promise<Frame> {
    return this.#inbox.next(types, PATIENCE_MS);
  }

  /** A client waits as soon as the server begins to end the connection. It knows the code only later. */
  async until(state: RealtimeState, code?: CloseCodeName): Promise<this> {
    const { project } = this;
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => {
      const { status } = project;
      if (status.state === state && status.code === (code ?? status.code)) resolve();
    };
    const off = project.on("status", look);
    look();
    await within(promise, `the client to be ${state} ${code ?? ""}`, PATIENCE_MS);
    off();
    return this;
  }
}

/** A client that has read that it is there. */
export async function watcher(room: Room, who?: Partial<ConnectOptions>): Promise<Watcher> {
  const watcher = new Watcher(room, who);
  await watcher.next("resync");
  return watcher;
}

/** Ends the server as a crash does, and lets `work` be done before it runs again. */
export async function crash(
  runtime: { kill(): Promise<void>; run(): Promise<void> },
  work = async () => {},
) {
  await runtime.kill();
  await work();
  await runtime.run();
}
