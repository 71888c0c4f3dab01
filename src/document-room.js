/**
 * The Durable Object of one document, a thin wrapper around a WebAssembly module of its own.
 *
 * A trap in it ends the memory of all documents of the isolate, but of no project's room; otherwise it is as in entry.js.
 */

import * as documents from "#documents";
import { documentSettings } from "#wasm";
import { Log } from "./document-room/log.js";
import { Project } from "./document-room/project.js";
import { close, Sockets } from "./document-room/sockets.js";
import { Storage } from "./document-room/storage.js";
import { documentsInstance, mainInstance } from "./instances.js";
import { DOCUMENT_HEADER, KEY_EPOCH_HEADER } from "./runtime/request.js";
import * as answers from "./runtime/response.js";
import { numberOf } from "./runtime/sockets.js";

/** The close code of a lost connection (RFC 6455, 7.1.5). */
const ABNORMAL_CLOSURE = 1006;

/** As in `Document::pending`. */
const TO_BE_WRITTEN = 1;
const TO_BE_COMPACTED = 2;
const TO_BE_RELEASED = 4;
const TO_BE_RESET = 8;

/** The room of one document. */
export class DocumentRoom {
  #state;
  #env;
  #ids;
  #project;
  /** @type {documents.Document | undefined} */
  #document;
  #generation = 0;
  /**
   * Set while something was sent that is not written yet.
   * @type {ReturnType<typeof setTimeout> | undefined}
   */
  #writeTimer;

  /**
   * Called for each life of the object. Does not touch the storage.
   * @param {DurableObjectState} state
   * @param {import("#wasm").Env} env
   */
  constructor(state, env) {
    this.#state = state;
    this.#env = env;
    // The gate makes every name from two parsed ids, and neither contains a slash.
    const [projectId = "", docId = ""] = (state.id.name ?? "").split("/");
    this.#ids = { projectId, docId };
    this.#project = new Project(env, projectId);
  }

  /**
   * Handles a request of the gate or of the project's room.
   * @param {Request} request
   */
  async fetch(request) {
    const call = request.headers.get(DOCUMENT_HEADER) ?? "";
    const body = request.method === "PUT" ? new Uint8Array(await request.arrayBuffer()) : undefined;
    const ticket = this.#run((document) => document.expect(call));
    const refusal = ticket === undefined ? undefined : await this.#refusal(call, ticket);
    if (refusal !== undefined) return refusal;
    if (request.headers.get("Upgrade") === null || ticket === undefined)
      return answered(this.#run((document) => document.answer(call, ticket, body)));
    const { 0: client, 1: server } = new WebSocketPair();
    return this.#run((document) => document.open(call, ticket, client, server));
  }

  /**
   * Asks the project's room about who is expected.
   * @param {string} call
   * @param {number} ticket
   * @returns {Promise<Response | undefined>} its refusal, if it says no
   */
  async #refusal(call, ticket) {
    const errand = this.#run((document) => document.errand(call)) ?? "";
    try {
      const verdict = await this.#project.ask(errand);
      if (verdict.status === 204) {
        const floor = Number(verdict.headers.get(KEY_EPOCH_HEADER) ?? 0);
        if (floor > 0) this.#run((document) => document.isToldFloor(ticket, floor));
        return undefined;
      }
      this.#run((document) => document.turnAway(ticket));
      return verdict;
    } catch (thrown) {
      this.#run((document) => document.turnAway(ticket));
      // The gate says that the document is unavailable.
      throw thrown;
    }
  }

  /**
   * A client has sent a frame.
   * @param {WebSocket} socket
   * @param {string | ArrayBuffer} message
   */
  webSocketMessage(socket, message) {
    const number = numberOf(socket);
    if (number === undefined) return;
    this.#run((document) =>
      typeof message === "string" ? document.text(number) : document.message(number, message),
    );
  }

  /**
   * A socket has ended. Its close is answered with its own code and reason (P6.3).
   * @param {WebSocket} socket
   * @param {number} code
   * @param {string} reason
   */
  webSocketClose(socket, code, reason) {
    const mayBeSent = this.#leave(socket, code);
    if (mayBeSent) close(socket, code, reason);
    else close(socket);
  }

  /**
   * A connection was lost.
   * @param {WebSocket} socket
   */
  webSocketError(socket) {
    this.#leave(socket, ABNORMAL_CLOSURE);
  }

  /**
   * @param {WebSocket} socket
   * @param {number} code
   * @returns {boolean} whether a close frame may carry the code
   */
  #leave(socket, code) {
    const number = numberOf(socket);
    return number !== undefined && this.#run((document) => document.closed(number, code));
  }

  /** The alarm has gone off. */
  async alarm() {
    const change = this.#run((document) => document.alarm());
    if (change === undefined) return;
    const isTold = await this.#project.publish(this.#run((document) => document.changedBody()));
    this.#run((document) => (isTold ? document.told(change) : document.notTold()));
  }

  #current() {
    documentsInstance.ensure();
    if (this.#document !== undefined && this.#generation === documentsInstance.generation)
      return this.#document;
    // The broken instance held updates that had not been written yet: reset, so that clients come back and bring them.
    if (this.#writeTimer !== undefined)
      this.#state.abort("updates waiting to be written were lost");
    mainInstance.ensure();
    const settings = documentSettings(this.#env);
    this.#document = new documents.Document(
      this.#ids.docId,
      settings,
      new Sockets(this.#state),
      new Storage(this.#state),
      new Log(this.#ids, settings),
      answers,
    );
    this.#generation = documentsInstance.generation;
    return this.#document;
  }

  /**
   * Does something with the document of the instance in force, and then what it asks for.
   * @template T
   * @param {(document: documents.Document) => T} act
   */
  #run(act) {
    try {
      const document = this.#current();
      const result = act(document);
      this.#follow(document, document.pending());
      return result;
    } catch (thrown) {
      if (documentsInstance.noteTrap(thrown, this.#ids))
        this.#state.abort("the document panicked and was reset");
      throw thrown;
    }
  }

  /**
   * @param {documents.Document} document
   * @param {number} pending
   */
  #follow(document, pending) {
    if ((pending & TO_BE_WRITTEN) === 0) this.#cancelWrite();
    else if (this.#writeTimer === undefined) this.#writeIn(document.writeIn());
    if (pending === 0) return;
    if ((pending & TO_BE_RESET) !== 0) this.#state.abort("a write failed");
    if ((pending & TO_BE_RELEASED) !== 0) this.#project.tell(document.release() ?? "");
    if ((pending & TO_BE_COMPACTED) !== 0)
      this.#compact().catch(() => this.#state.abort("a compaction failed"));
  }

  /** @param {number} ms */
  #writeIn(ms) {
    this.#writeTimer = setTimeout(() => {
      this.#writeTimer = undefined;
      this.#run((document) => document.write());
    }, ms);
  }

  /** Everything is written, so that the object may hibernate. */
  #cancelWrite() {
    if (this.#writeTimer === undefined) return;
    clearTimeout(this.#writeTimer);
    this.#writeTimer = undefined;
  }

  /** Compacts in a turn of its own, once it is durable that it begins: if it traps, that is found on waking. */
  async #compact() {
    if (!this.#run((document) => document.beginCompaction())) return;
    await this.#state.storage.sync();
    this.#run((document) => document.compact());
  }
}

/**
 * The answer, or what was read as one (P13.11).
 * @param {Response | Uint8Array<ArrayBuffer> | string} answer
 */
async function answered(answer) {
  return answer instanceof Response ? answer : answers.content(answer);
}
