/** A socket of a document, whose server side a test holds: what is sent, and what the server says. */

import { afterEach } from "node:test";
import * as Y from "yjs";
import { type DocumentOptions, DocumentProvider } from "../../src/yjs.ts";
import { FakeSocket, socket } from "./fake-socket.ts";

/** A message of a client, by its first bytes. */
export interface SentMessage {
  kind: "state" | "missing" | "update" | "awareness";
  body: Uint8Array;
}

const KINDS: Record<string, SentMessage["kind"]> = {
  "0,0": "state",
  "0,1": "missing",
  "0,2": "update",
  "1": "awareness",
};

export class DocumentSocket extends FakeSocket {
  /** What the client has sent, except pings. */
  readonly messages: SentMessage[] = [];

  override send(data: string | Uint8Array): void {
    if (typeof data === "string") super.send(data);
    else this.messages.push(readMessage(data));
  }

  /** The kinds of what the client has sent, in order. */
  get kinds(): string[] {
    return this.messages.map(({ kind }) => kind);
  }

  /** The updates that the client has sent. */
  get updates(): Uint8Array[] {
    return this.messages.filter(({ kind }) => kind === "update").map(({ body }) => body);
  }

  /** What the client has said of itself: its number, and its state. */
  get said(): { id: number; clock: number; state: Record<string, unknown> | null }[] {
    const all = this.messages.filter(({ kind }) => kind === "awareness");
    return all.flatMap(({ body }) => entriesOf(body));
  }

  /** The server sends these bytes in one frame. */
  sends(...bytes: (number | Uint8Array)[]): void {
    const data = Uint8Array.from(
      bytes.flatMap((part) => (typeof part === "number" ? part : [...part])),
    );
    this.dispatchEvent(Object.assign(new Event("message"), { data: data.buffer }));
  }

  /** The server says what it has. */
  sendsState(doc: Y.Doc): void {
    this.sends(0, 0, ...framed(Y.encodeStateVector(doc)));
  }

  /** The server answers what the client has. */
  sendsMissing(doc: Y.Doc): void {
    const asked = this.messages.find(({ kind }) => kind === "state");
    this.sends(0, 1, ...framed(Y.encodeStateAsUpdate(doc, asked?.body)));
  }

  /** The server sends a change, or sends one back. */
  sendsUpdate(update: Uint8Array): void {
    this.sends(0, 2, ...framed(update));
  }

  /** The server says what somebody says of themselves. */
  sendsAwareness(id: number, clock: number, state: unknown): void {
    const text = new TextEncoder().encode(JSON.stringify(state));
    this.sends(
      1,
      ...framed(Uint8Array.from([1, ...number(id), ...number(clock), ...framed(text)])),
    );
  }

  /** The server brings its document and the client's together. */
  joins(doc = new Y.Doc()): void {
    if (this.readyState === 0) this.open();
    this.sendsState(doc);
    this.sendsMissing(doc);
  }

  /** The server keeps this change, and sends it back. */
  keeps(doc: Y.Doc, update: Uint8Array): void {
    Y.applyUpdate(doc, update);
    this.sendsUpdate(update);
  }
}

function number(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}

function framed(bytes: Uint8Array): number[] {
  return [...number(bytes.length), ...bytes];
}

/** Reads numbers and texts, as lib0 writes them. */
class Reader {
  #at: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  number(): number {
    let value = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = this.#bytes[this.#at++] ?? 0;
      value += (byte % 128) * unit;
      if (byte < 128) return value;
    }
  }

  bytes(): Uint8Array {
    const length = this.number();
    this.#at += length;
    return this.#bytes.slice(this.#at - length, this.#at);
  }
}

function readMessage(bytes: Uint8Array): SentMessage {
  const start = bytes[0] === 0 ? 2 : 1;
  const kind = KINDS[`${bytes.slice(0, start)}`];
  if (!kind) throw new Error(`a message of an unknown kind: ${bytes.slice(0, 2)}`);
  return { kind, body: new Reader(bytes, start).bytes() };
}

function entriesOf(body: Uint8Array) {
  const reader = new Reader(body);
  return Array.from({ length: reader.number() }, () => {
    const id = reader.number();
    const clock = reader.number();
    return { id, clock, state: JSON.parse(new TextDecoder().decode(reader.bytes())) };
  });
}

const providers: DocumentProvider[] = [];

afterEach(() => {
  for (const provider of providers.splice(0)) provider.destroy();
});

/** A provider of document d1 in p1 as ann, ended after the test. */
export function openDocument(options: Partial<DocumentOptions> = {}): DocumentProvider {
  const who = options.getToken ? {} : { user: { id: "ann" } };
  const where = { host: "example.com", projectId: "p1", docId: "d1", WebSocket: DocumentSocket };
  const provider = new DocumentProvider({ ...where, ...who, ...options } as DocumentOptions);
  providers.push(provider);
  return provider;
}

/** The newest socket, once it is made. */
export async function documentSocket(): Promise<DocumentSocket> {
  return (await socket()) as DocumentSocket;
}

/** The same, in step with this document of the server. */
export async function joined(server = new Y.Doc(), options: Partial<DocumentOptions> = {}) {
  const provider = openDocument(options);
  const first = await documentSocket();
  first.joins(server);
  return { provider, first, text: provider.doc.getText("t") };
}

/** A document with this text. */
export function documentOf(text: string): Y.Doc {
  const doc = new Y.Doc();
  doc.getText("t").insert(0, text);
  return doc;
}
