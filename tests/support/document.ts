/** A document of the server under test, its HTTP calls, and sockets that keep every frame. */

import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { after } from "node:test";
import WebSocket, { type ClientOptions } from "ws";
import { PATIENCE_MS, within } from "./inbox.ts";
import { Room, SECRET, type Server } from "./target.ts";
import { ASK_FOR_ALL, hexOf, isOf, STEP_1, STEP_2 } from "./yjs-wire.ts";

const AUTHORIZED = { Authorization: `Bearer ${SECRET}` };

export class SharedDocument {
  readonly server: Server;
  readonly project: string;
  readonly id: string;

  constructor(server: Server, project: string = `test-${randomUUID()}`, id = "text") {
    this.server = server;
    this.project = project;
    this.id = id;
  }

  get path(): string {
    return `/parties/docs/${encodeURIComponent(this.project)}/${encodeURIComponent(this.id)}`;
  }

  get url(): string {
    return this.server.url + this.path;
  }

  /** The room of its project. */
  get room(): Room {
    return new Room(this.server, this.project);
  }

  /** Opens a socket, without waiting. */
  connect(query: Record<string, string> = {}, options?: SocketOptions): DocumentSocket {
    return new DocumentSocket(`${this.url}?${new URLSearchParams(query)}`, options);
  }

  /** Opens a socket, and reads the server's first frame. */
  async open(query: Record<string, string> = {}, options?: SocketOptions): Promise<DocumentSocket> {
    const socket = this.connect(query, options);
    await socket.opened();
    await socket.next(STEP_1);
    return socket;
  }

  read(query = "", headers: Record<string, string> = AUTHORIZED): Promise<Response> {
    return fetch(this.url + query, { headers });
  }

  /** All of it, as one update; fails if it does not exist. */
  async whole(): Promise<Uint8Array> {
    const response = await this.read();
    if (response.status !== 200)
      throw new Error(`answered ${response.status}: ${await response.text()}`);
    return new Uint8Array(await response.arrayBuffer());
  }

  async text(name: string): Promise<string> {
    const response = await this.read(`?as=text&name=${encodeURIComponent(name)}`);
    const text = await response.text();
    if (response.status !== 200) throw new Error(`answered ${response.status}: ${text}`);
    return text;
  }

  seed(update: Uint8Array, headers: Record<string, string> = AUTHORIZED): Promise<Response> {
    return fetch(this.url, { method: "PUT", headers, body: update as BodyInit });
  }

  erase(headers: Record<string, string> = AUTHORIZED): Promise<Response> {
    return fetch(this.url, { method: "DELETE", headers });
  }
}

export interface SocketOptions extends ClientOptions {
  protocols?: string[];
}

/** One socket of a document. */
export class DocumentSocket {
  readonly socket: WebSocket;
  readonly closed: Promise<{ code: number; reason: string }>;
  /** Every binary frame since the start. */
  readonly frames: Buffer[] = [];
  /** Every text frame since the start: only answers to pings. */
  readonly texts: string[] = [];
  #read = 0;
  #wake: () => void = () => {};

  constructor(url: string, { protocols = [], ...options }: SocketOptions = {}) {
    const all = { perMessageDeflate: false, closeTimeout: 2_000, ...options };
    this.socket = new WebSocket(url.replace(/^http/, "ws"), protocols, all);
    this.socket.on("message", (data, isBinary) => {
      if (isBinary) this.frames.push(data as Buffer);
      else this.texts.push(data.toString());
      this.#wake();
    });
    this.closed = new Promise((resolve) => {
      this.socket.once("close", (code, reason) => {
        resolve({ code, reason: reason.toString() });
        this.#wake();
      });
    });
    this.socket.on("error", () => {});
    after(() => this.socket.terminate());
  }

  async opened(): Promise<this> {
    if (this.socket.readyState === WebSocket.CONNECTING) await once(this.socket, "open");
    return this;
  }

  send(message: Uint8Array | string): void {
    this.socket.send(message);
  }

  /** The next unread frame that begins so, or any; frames before it count as read. */
  async next(head = "", patience = PATIENCE_MS): Promise<Buffer> {
    const deadline = performance.now() + patience;
    for (;;) {
      const frame = this.frames[this.#read];
      if (frame === undefined) await this.#arrival(head, deadline);
      else {
        this.#read += 1;
        if (isOf(frame, head)) return frame;
      }
    }
  }

  /** What has come unread when the server is done with everything that it got up to now. */
  async settled(): Promise<Buffer[]> {
    const start = this.#read;
    this.send(ASK_FOR_ALL);
    await this.next(STEP_2);
    return this.frames.slice(start, this.#read - 1);
  }

  /** The next text frame. */
  async nextText(): Promise<string> {
    const amount = this.texts.length;
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const text = this.texts[amount];
      if (text !== undefined) return text;
      await this.#arrival("a text", deadline);
    }
  }

  close(patience = PATIENCE_MS): Promise<{ code: number; reason: string }> {
    return within(this.closed, "the socket to close", patience);
  }

  /** Says that the user leaves, and waits until the server has answered. */
  async leave(code = 1000): Promise<void> {
    this.socket.close(code);
    await this.close();
  }

  /** Drops the connection as a dead network does. */
  drop(): void {
    this.socket.terminate();
  }

  async #arrival(wanted: string, deadline: number): Promise<void> {
    const had = () => {
      const frames = this.frames.map((frame) => hexOf(frame.subarray(0, 60)));
      return `waited in vain for ${wanted || "a frame"}; had: ${frames.join(" | ")}`;
    };
    if (this.socket.readyState === WebSocket.CLOSED) {
      const { code, reason } = await this.closed;
      throw new Error(`closed with ${code} ${reason}; ${had()}`);
    }
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      this.#wake = resolve;
      timer = setTimeout(() => reject(new Error(had())), deadline - performance.now());
    }).finally(() => clearTimeout(timer));
  }
}
