/** Replicas of a document, kept by unmodified providers of Yjs and by the package's own. */

import { after } from "node:test";
import WebSocket, { type ClientOptions } from "ws";
import YProvider from "y-partyserver/provider";
import type { Awareness } from "y-protocols/awareness";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import type { SharedDocument } from "./document.ts";
import { PATIENCE_MS } from "./inbox.ts";

/** What all providers have. */
interface Provider {
  readonly awareness: Awareness;
  readonly synced: boolean;
  on(event: "synced", listener: () => void): void;
  off(event: "synced", listener: () => void): void;
  connect(): unknown;
  disconnect(): void;
  destroy(): void;
}

/** What the stock providers hold on to. */
interface Stock {
  ws: WebSocket | null;
}

export interface ReplicaOptions {
  doc?: Y.Doc;
  params?: Record<string, string>;
}

// Each provider of y-websocket listens for the end of the process.
process.setMaxListeners(0);

/** As in a browser, but for the time that it waits for the server to hang up: the runtime takes up to 10 s. */
class Socket extends WebSocket {
  constructor(url: string, protocols?: string[]) {
    super(url, protocols, { perMessageDeflate: false, closeTimeout: 500 } as ClientOptions);
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the types of ws and of the DOM differ in details that no provider uses
const WebSocketPolyfill = Socket as any;

const PROVIDERS = {
  "y-partyserver": ({ server, project, id }: SharedDocument, doc: Y.Doc, params: Params) =>
    new YProvider(server.url, `${project}/${id}`, doc, {
      party: "docs",
      params,
      WebSocketPolyfill,
      disableBc: true,
      maxBackoffTime: 500,
    }),
  "y-websocket": ({ server, project, id }: SharedDocument, doc: Y.Doc, params: Params) => {
    const url = `${server.url.replace(/^http/, "ws")}/parties/docs/${project}`;
    const options = { params, WebSocketPolyfill, disableBc: true, maxBackoffTime: 500 };
    return new WebsocketProvider(url, id, doc, options);
  },
} satisfies Record<string, (shared: SharedDocument, doc: Y.Doc, params: Params) => unknown>;

type Params = Record<string, string>;

export type Kind = keyof typeof PROVIDERS;
export const KINDS = Object.keys(PROVIDERS) as Kind[];

/** One window of one person. */
export class Replica {
  readonly kind: Kind;
  readonly doc: Y.Doc;
  readonly provider: Provider;

  constructor(
    kind: Kind,
    shared: SharedDocument,
    { doc = new Y.Doc(), params = {} }: ReplicaOptions = {},
  ) {
    this.kind = kind;
    this.doc = doc;
    this.provider = PROVIDERS[kind](shared, doc, params) as unknown as Provider;
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
      (check) => provider.off("synced", check),
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
      (check) => doc.off("update", check),
      () => `${what}; it has ${JSON.stringify(doc.toJSON()).slice(0, 300)}`,
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
      (check) => awareness.off("update", check),
      () => `${isSo}; states: ${JSON.stringify([...awareness.getStates()])}`,
    );
  }

  /** Leaves for good. */
  end(): void {
    this.provider.destroy();
    // With it goes its awareness, which has a timer.
    this.doc.destroy();
  }

  /** Breaks the connection as a dead network does. */
  drop(): void {
    const { ws } = this.provider as unknown as Stock;
    ws?.terminate();
  }
}

/** Waits for an event after which something is so. */
async function eventually(
  isSo: () => boolean,
  listen: (check: () => void) => void,
  stop: (check: () => void) => void,
  what: () => string,
): Promise<void> {
  if (isSo()) return;
  let timer: NodeJS.Timeout | undefined;
  let check = () => {};
  try {
    await new Promise<void>((resolve, reject) => {
      check = () => {
        if (isSo()) resolve();
      };
      timer = setTimeout(() => reject(new Error(`waited in vain for ${what()}`)), PATIENCE_MS);
      listen(check);
    });
  } finally {
    clearTimeout(timer);
    stop(check);
  }
}

/** A replica for one test. */
export function replica(kind: Kind, shared: SharedDocument, options?: ReplicaOptions): Replica {
  const made = new Replica(kind, shared, options);
  after(() => made.end());
  return made;
}
