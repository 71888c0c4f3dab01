/** The sockets of a document, each known to the WebAssembly by a number, with which its attachment begins. */

import { accept, numberOf, send } from "../runtime/sockets.js";

export class Sockets {
  #state;
  /** In the order of their numbers. @type {Map<number, WebSocket>} */
  #byNumber = new Map();

  /** @param {DurableObjectState} state */
  constructor(state) {
    this.#state = state;
  }

  /**
   * Finds all sockets again that were not removed.
   * @returns {string} their attachments, separated by a record separator
   */
  wake() {
    const found = this.#state.getWebSockets().flatMap((socket) => {
      const number = numberOf(socket);
      return number === undefined ? [] : [{ number, socket }];
    });
    found.sort((one, other) => one.number - other.number);
    this.#byNumber = new Map(found.map(({ number, socket }) => [number, socket]));
    return found.map(({ socket }) => socket.deserializeAttachment()).join("\u001e");
  }

  /**
   * @param {number} number
   * @param {WebSocket} socket
   * @param {string} attachment
   */
  accept(number, socket, attachment) {
    if (!accept(this.#state, socket, attachment)) return false;
    this.#byNumber.set(number, socket);
    return true;
  }

  /**
   * @param {number} number
   * @param {string} attachment
   */
  attach(number, attachment) {
    this.#byNumber.get(number)?.serializeAttachment(attachment);
  }

  /**
   * @param {number} number
   * @param {ArrayBuffer} frame
   */
  send(number, frame) {
    const socket = this.#byNumber.get(number);
    if (socket !== undefined) send(socket, frame);
  }

  /**
   * @param {number | undefined} but
   * @param {ArrayBuffer} frame
   */
  sendAll(but, frame) {
    for (const [number, socket] of this.#byNumber) if (number !== but) send(socket, frame);
  }

  /** @param {number} number */
  remove(number) {
    // So that it does not count after waking, while it is still closing.
    this.#byNumber.get(number)?.serializeAttachment(null);
    this.#byNumber.delete(number);
  }

  /**
   * @param {number} number
   * @param {number} code
   * @param {string} reason
   */
  close(number, code, reason) {
    const socket = this.#byNumber.get(number);
    this.remove(number);
    if (socket !== undefined) close(socket, code, reason);
  }

  /**
   * @param {number} number
   * @returns {number | undefined}
   */
  lastPing(number) {
    const socket = this.#byNumber.get(number);
    if (socket === undefined) return undefined;
    return this.#state.getWebSocketAutoResponseTimestamp(socket)?.getTime();
  }

  /**
   * @param {string} ping
   * @param {string} pong
   */
  answerPings(ping, pong) {
    this.#state.setWebSocketAutoResponse(new WebSocketRequestResponsePair(ping, pong));
  }
}

/**
 * Closes a socket. One that is already closed has nobody to tell.
 * @param {WebSocket} socket
 * @param {number} [code]
 * @param {string} [reason]
 */
export function close(socket, code, reason) {
  try {
    socket.close(code, reason);
  } catch {}
}
