/** A document as a user of the package has it, on the real server. */

import { randomUUID } from "node:crypto";
import { after } from "node:test";
import WebSocket, { type ClientOptions } from "ws";
import { within } from "../../../../tests/support/inbox.ts";
import type { Server } from "../../../../tests/support/target.ts";
import type { CloseCodeName } from "../../src/codes.ts";
import type { RealtimeState } from "../../src/index.ts";
import { type DocumentEvents, type DocumentOptions, DocumentProvider } from "../../src/yjs.ts";

/** A client that has lost its server tries again after up to 3 s, then 6 s. */
const PATIENCE_MS = 30_000;

/** Once the server has said Close, it waits for it to hang up as long as Chrome does, not for 30 s. */
class BrowserSocket extends WebSocket {
  constructor(url: string, protocols?: string[]) {
    super(url, protocols, { closeTimeout: 2_000 } as ClientOptions);
  }
}

/** A document of its own for each test. */
export const anyPlace = () => ({ projectId: `test-${randomUUID()}`, docId: `d-${randomUUID()}` });

export type Place = ReturnType<typeof anyPlace>;

/** Somebody who has a document open, and a text in it. */
export class Writer {
  readonly provider: DocumentProvider;

  constructor(server: Server, place: Place, who: Partial<DocumentOptions> = {}) {
    const user = who.getToken ? {} : { user: { id: "ann", name: "Ann" } };
    const fixed = { host: server.url, WebSocket: BrowserSocket };
    this.provider = new DocumentProvider({
      ...fixed,
      ...place,
      ...user,
      ...who,
    } as DocumentOptions);
    after(() => this.provider.destroy());
  }

  get text() {
    return this.provider.doc.getText("t");
  }

  /** Writes at the end. */
  write(letters: string): void {
    this.text.insert(this.text.length, letters);
  }

  /** Waits until an event leaves things as wanted, which they may be already. */
  async until(type: keyof DocumentEvents, isSo: () => boolean, what: string): Promise<this> {
    const done = new Promise<void>((resolve) => {
      const look = () => isSo() && resolve();
      this.provider.on(type, look);
      look();
    });
    await within(done, what, PATIENCE_MS);
    return this;
  }

  synced(): Promise<this> {
    return this.until("synced", () => this.provider.synced, "the document to be in step");
  }

  saved(): Promise<this> {
    return this.until("saved", () => this.provider.saved, "the document to be saved");
  }

  /** A client waits as soon as the server begins to end the connection. It knows the code only later. */
  state(state: RealtimeState, code?: CloseCodeName): Promise<this> {
    const isSo = () => {
      const { status } = this.provider;
      return status.state === state && status.code === (code ?? status.code);
    };
    return this.until("status", isSo, `to be ${state} ${code ?? ""}`);
  }

  /** Waits until the text is this, or of this form. */
  async reads(text: string | RegExp): Promise<void> {
    const { doc } = this.provider;
    const isSo = () => {
      const now = this.text.toString();
      return text instanceof RegExp ? text.test(now) : now === text;
    };
    const done = new Promise<void>((resolve) => {
      const look = () => {
        if (isSo()) resolve();
      };
      doc.on("update", look);
      look();
    });
    await within(done, `the text "${text}", not "${this.text}"`, PATIENCE_MS);
  }

  /** Waits until this many others are seen, and returns what they say of themselves. */
  async sees(amount: number): Promise<Record<string, unknown>[]> {
    const { awareness } = this.provider;
    const others = () =>
      [...awareness.getStates()]
        .filter(([id]) => id !== awareness.clientID)
        .map(([, state]) => state);
    const done = new Promise<void>((resolve) => {
      const look = () => {
        if (others().length === amount) resolve();
      };
      awareness.on("change", look);
      look();
    });
    await within(done, `${amount} others`, PATIENCE_MS);
    return others();
  }
}
