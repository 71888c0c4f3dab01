/** A client of its own: it speaks the plain protocol, and knows what the server has acknowledged. */

import WebSocket, { type ClientOptions } from "ws";
import * as Y from "yjs";
import type { SharedDocument } from "../../support/document.ts";
import {
  bodyOf,
  hexOf,
  isOf,
  STEP_1,
  STEP_2,
  step1,
  step2,
  UPDATE,
  updateMessage,
} from "../../support/yjs-wire.ts";

const AGAIN_MS = 50;

export class Member {
  readonly kind = "own client";
  readonly doc: Y.Doc;
  /** What came back from the server: no crash may take it away (P13.5). */
  readonly acknowledged: Uint8Array[] = [];
  readonly #shared: SharedDocument;
  #socket: WebSocket | undefined;
  #isWanted = false;
  /** What was sent on this socket and has not come back, in order. */
  #sent: string[] = [];
  /** Whether something local may not have reached the server's disk. */
  #isUnsaved = false;
  /** Before the server has said what it has, an update could go to it that builds on one that it lacks. */
  #isReady = false;

  constructor(shared: SharedDocument, doc: Y.Doc) {
    this.#shared = shared;
    this.doc = doc;
    doc.on("update", (update: Uint8Array, origin: unknown) => {
      if (origin !== this) this.#say(update);
    });
  }

  connect(): void {
    this.#isWanted = true;
    if (this.#socket === undefined) this.#open();
  }

  disconnect(): void {
    this.#isWanted = false;
    this.#socket?.close();
  }

  drop(): void {
    this.#socket?.terminate();
  }

  end(): void {
    this.#isWanted = false;
    this.drop();
    this.doc.destroy();
  }

  #open(): void {
    const { url } = this.#shared;
    const options = { perMessageDeflate: false, closeTimeout: 500 } as ClientOptions;
    const socket = new WebSocket(url.replace(/^http/, "ws"), options);
    this.#socket = socket;
    socket.on("open", () => socket.send(step1(Y.encodeStateVector(this.doc))));
    socket.on("message", (data) => this.#hear(data as Buffer));
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#socket = undefined;
      this.#isReady = false;
      this.#sent = [];
      setTimeout(() => this.#isWanted && this.connect(), AGAIN_MS);
    });
  }

  #say(update: Uint8Array): void {
    this.#isUnsaved = true;
    if (this.#isReady && this.#socket?.readyState === WebSocket.OPEN)
      this.#send(updateMessage(update));
  }

  #send(message: Buffer): void {
    this.#sent.push(hexOf(message));
    this.#socket?.send(message);
  }

  #hear(frame: Buffer): void {
    if (isOf(frame, STEP_1)) this.#answer(bodyOf(frame, STEP_1));
    else if (isOf(frame, STEP_2)) Y.applyUpdate(this.doc, bodyOf(frame, STEP_2), this);
    else if (isOf(frame, UPDATE)) this.#hearUpdate(frame);
  }

  /** An update is acknowledged only if it was one, so a client with something unsaved answers with that. */
  #answer(stateVector: Uint8Array): void {
    this.#isReady = true;
    const lacking = Y.encodeStateAsUpdate(this.doc, stateVector);
    if (this.#isUnsaved) this.#send(updateMessage(lacking));
    else this.#socket?.send(step2(lacking));
  }

  #hearUpdate(frame: Buffer): void {
    const update = bodyOf(frame, UPDATE);
    if (this.#sent[0] === hexOf(frame)) this.#hearAcknowledgment(update);
    else Y.applyUpdate(this.doc, update, this);
  }

  #hearAcknowledgment(update: Uint8Array): void {
    this.#sent.shift();
    this.acknowledged.push(update);
    if (this.#sent.length === 0) this.#isUnsaved = false;
  }
}
