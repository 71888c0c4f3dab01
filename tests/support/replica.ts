/** Replicas of a document, kept by unmodified providers of Yjs and by the package's own. */

import { after } from "node:test";
import WebSocket, { type ClientOptions } from "ws";
import YProvider from "y-partyserver/provider";
import type { Awareness } from "y-protocols/awareness";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import { DocumentProvider } from "../../packages/realtime/src/yjs.ts";
import type { SharedDocument } from "./document.ts";
import { PATIENCE_MS } from "./inbox.ts";

export const KINDS = ["y-partyserver", "y-websocket", "own"] as const;
export type Kind = (typeof KINDS)[number];

/** What all providers have, and the own one says a little differently. */
interface Provider {
  readonly awareness: Awareness;
  readonly synced: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: each has its own kind of event emitter
  on(event: "synced", listener: () => void): any;
  connect(): unknown;
  disconnect(): void;
  destroy(): void;
}

export interface ReplicaOptions {
  doc?: Y.Doc;
  /** The token, where the server asks for one. */
  token?: string;
  maxBackoffTime?: number;
}

// Each provider of y-websocket listens for the end of the process.
process.setMaxListeners(0);

/** One window of one person. */
export class Replica {
  readonly kind: Kind;
  readonly doc: Y.Doc;
  readonly provider: Provider;
  readonly #sockets = new Set<WebSocket>();

  constructor(kind: Kind, shared: SharedDocument, options: ReplicaOptions = {}) {
    this.kind = kind;
    this.doc = options.doc ?? new Y.Doc();
    this.provider = this.#provider(shared, options);
  }

  get awareness(): Awareness {
    return this.provider.awareness;
  }

  get text(): Y.Text {
    return this.doc.getText("shared");
  }

  /** Resolves when it has got all that the server has. */
  async synced(): Promise<this> {
    const { provider } = this;
    await eventually(
      () => provider.synced,
      (check) => provider.on("synced", check),
      () => `${this.kind} to be synced`,
    );
    return this;
  }

  /** Resolves when the document is so, or fails with what it is instead. */
  async has(isSo: (doc: Y.Doc) => boolean, what = String(isSo)): Promise<void> {
    const { doc } = this;
    await eventually(
      () => isSo(doc),
      (check) => doc.on("update", check),
      () => `${this.kind}: ${what}; it has "${this.text.toString().slice(0, 200)}"`,
    );
  }

  hasText(text: string): Promise<void> {
    return this.has((doc) => doc.getText("shared").toString() === text, `the text "${text}"`);
  }

  /** Resolves when it knows this state of another replica. */
  async sees(
    { doc: { clientID } }: Replica,
    isSo: (state: Record<string, unknown> | undefined) => boolean,
  ): Promise<void> {
    const { awareness } = this;
    await eventually(
      () => isSo(awareness.getStates().get(clientID)),
      (check) => awareness.on("update", check),
      () => `${this.kind}: ${isSo}; states: ${JSON.stringify([...awareness.getStates()])}`,
    );
  }

  /** Breaks the connection as a dead network does. */
  drop(): void {
    for (const socket of this.#sockets) socket.terminate();
  }

  /** Leaves for good. */
  end(): void {
    this.provider.destroy();
    // With it goes its awareness, which has a timer.
    this.doc.destroy();
  }

  #provider({ server, project, id }: SharedDocument, options: ReplicaOptions): Provider {
    const { doc, kind } = this;
    const { token, maxBackoffTime = 500 } = options;
    const params: Record<string, string> = token === undefined ? {} : { token };
    const WebSocketPolyfill = this.#webSocket();
    const stock = { params, WebSocketPolyfill, disableBc: true, maxBackoffTime };
    if (kind === "y-partyserver")
      return new YProvider(server.url, `${project}/${id}`, doc, { ...stock, party: "docs" });
    if (kind === "y-websocket") {
      const url = `${server.url.replace(/^http/, "ws")}/parties/docs/${project}`;
      return new WebsocketProvider(url, id, doc, stock) as unknown as Provider;
    }
    const place = { host: server.url, projectId: project, docId: id };
    const signIn =
      token === undefined ? { user: { id: `user-${doc.clientID}` } } : { getToken: () => token };
    return new DocumentProvider({ ...place, ...signIn, doc, WebSocket: WebSocketPolyfill });
  }

  /** As in a browser, but for the time that it waits for the server to hang up: the runtime takes up to 10 s. */
  // biome-ignore lint/suspicious/noExplicitAny: the types of ws and of the DOM differ in details that no provider uses
  #webSocket(): any {
    const sockets = this.#sockets;
    return class extends WebSocket {
      constructor(url: string, protocols?: string[]) {
        super(url, protocols, { perMessageDeflate: false, closeTimeout: 500 } as ClientOptions);
        sockets.add(this);
        this.once("close", () => sockets.delete(this));
      }
    };
  }
}

/** Waits for an event after which something is so. */
async function eventually(
  isSo: () => boolean,
  listen: (check: () => void) => void,
  what: () => string,
): Promise<void> {
  if (isSo()) return;
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain for ${what()}`)), PATIENCE_MS);
    listen(() => isSo() && resolve());
  }).finally(() => clearTimeout(timer));
}

/** A replica for one test. */
export function replica(kind: Kind, shared: SharedDocument, options?: ReplicaOptions): Replica {
  const made = new Replica(kind, shared, options);
  after(() => made.end());
  return made;
}
