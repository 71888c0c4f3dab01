/**
 * What the runtime calls: the handler of the edge and the Durable Object's class, both thin around the WebAssembly.
 *
 * A trap (a panic, out of memory, out of stack) breaks the WebAssembly instance, with the memory of every room of
 * the isolate in it. Here is what then happens: the next call of anybody makes a new instance, and every room is
 * rebuilt in it from what the runtime kept. The event that trapped gets an error at once. If it happened in a room,
 * that room's object is reset: its sockets close with 1006, and its clients return to a fresh object within seconds.
 * Without the reset nobody would know how far the room had come. Innocent rooms notice nothing.
 */

import * as wasm from "#wasm";
import { BEARER_HEADER, IDEMPOTENCY_KEY } from "./runtime/request.js";

// An error's stack shows names of the code, which are nobody's business in a log.
/** @type {any} */ (Error).stackTraceLimit = 0;

let isBroken = false;
/** How many instances there have been. */
let generation = 0;

function renewIfBroken() {
  if (!isBroken) return;
  wasm.__wbg_reset_state();
  isBroken = false;
  generation += 1;
}

/**
 * Takes note of what was thrown.
 * @param {unknown} thrown
 * @param {string | null} projectId of the room in which it happened
 * @returns {boolean} whether it was a trap, and no error that was thrown on purpose
 */
function noteTrap(thrown, projectId) {
  // The runtime throws a RangeError when the stack is full; the panic hook throws a RuntimeError.
  if (!(thrown instanceof WebAssembly.RuntimeError || thrown instanceof RangeError)) return false;
  isBroken = true;
  const { message } = thrown;
  // Whatever LOG_LEVEL says: nobody turns this off knowingly.
  console.error(
    JSON.stringify({ level: "error", event: "failure", projectId, action: "panic", message }),
  );
  return true;
}

export default {
  /**
   * A request has come in at the edge.
   * @param {Request} request
   * @param {wasm.Env} env
   */
  fetch(request, env) {
    renewIfBroken();
    try {
      const answer = wasm.fetch(request, env);
      if (answer instanceof Response) return answer;
      return answer.catch((thrown) => unavailable(request, env, thrown));
    } catch (thrown) {
      return unavailable(request, env, thrown);
    }
  },
};

/**
 * The answer to a request at which something failed that nobody has foreseen: never a bare 500.
 * @param {Request} request
 * @param {wasm.Env} env
 * @param {unknown} thrown
 */
function unavailable(request, env, thrown) {
  if (!noteTrap(thrown, null)) {
    // Its message may quote what a client or a backend sent.
    const message = thrown instanceof Error ? thrown.name : typeof thrown;
    console.error(JSON.stringify({ level: "error", event: "failure", action: "answer", message }));
  }
  renewIfBroken();
  return wasm.unavailable(request, env);
}

/**
 * How long an event may wait for others that have begun to come in, in milliseconds. Only a body that is slow on its
 * way makes anything wait so long: usually the others are there in the same turn.
 */
const LONGEST_WAIT_MS = 5;

/** The room of one project. */
export class ProjectRoom {
  #state;
  #env;
  /** @type {wasm.Room} */
  #room;
  #generation = -1;
  /** How many broadcasts have begun to come in, and are not there yet. */
  #coming = 0;
  /**
   * Set while events may be waiting for others.
   * @type {ReturnType<typeof setTimeout> | undefined}
   */
  #flushTimer;

  /**
   * Called for each life of the object. Touches no storage.
   * @param {DurableObjectState} state
   * @param {wasm.Env} env
   */
  constructor(state, env) {
    this.#state = state;
    this.#env = env;
    this.#room = this.#current();
  }

  /**
   * A request of the gate: a broadcast, a connect, a removal or a question for the state.
   * @param {Request} request
   */
  fetch(request) {
    if (request.method !== "POST") return this.#run((room) => room.call(request));
    this.#coming += 1;
    const key = request.headers.get(IDEMPOTENCY_KEY) ?? undefined;
    const bearer = request.headers.get(BEARER_HEADER) ?? undefined;
    return request
      .arrayBuffer()
      .then((body) => this.#publish(body, key, bearer), this.#comesNoMore);
  }

  /**
   * @param {ArrayBuffer} body
   * @param {string | undefined} key
   * @param {string | undefined} bearer
   */
  #publish(body, key, bearer) {
    this.#coming -= 1;
    const moreToCome = this.#coming > 0;
    const bytes = new Uint8Array(body);
    const response = this.#run((room) => room.publish(bytes, key, bearer, moreToCome));
    if (moreToCome) this.#flushSoon();
    return response;
  }

  /**
   * A broadcast broke off on its way.
   * @param {unknown} reason
   */
  #comesNoMore = (reason) => {
    this.#coming -= 1;
    throw reason;
  };

  /** Sees to it that nothing waits for long. */
  #flushSoon() {
    if (this.#flushTimer !== undefined || !this.#run((room) => room.holdsEvents())) return;
    this.#flushTimer = setTimeout(() => {
      this.#run((room) => room.flush());
      this.#flushTimer = undefined;
    }, LONGEST_WAIT_MS);
  }

  /**
   * A client has sent a frame.
   * @param {WebSocket} socket
   * @param {string | ArrayBuffer} message
   */
  async webSocketMessage(socket, message) {
    const token = this.#run((room) => room.message(socket, message));
    if (token === undefined) return;
    const judge = this.#run((room) => room.judge(token));
    const verdict = (await judge?.()) ?? "invalid";
    this.#run((room) => room.refresh(socket, token, verdict));
  }

  /**
   * A socket has ended.
   * @param {WebSocket} socket
   * @param {number} code
   * @param {string} reason
   */
  webSocketClose(socket, code, reason) {
    this.#run((room) => room.closed(socket, code, reason));
  }

  /**
   * A connection broke.
   * @param {WebSocket} socket
   */
  webSocketError(socket) {
    this.#run((room) => room.broken(socket));
  }

  /** The alarm has gone off. */
  alarm() {
    this.#run((room) => room.alarm());
  }

  #current() {
    renewIfBroken();
    if (this.#generation !== generation) {
      // The broken instance may have had events that some sockets were still to get: let them know.
      if (this.#flushTimer !== undefined) this.#state.abort("events waiting to be sent were lost");
      this.#room = new wasm.Room(this.#state, this.#env);
      this.#generation = generation;
    }
    return this.#room;
  }

  /**
   * Does something with the room of the instance in force.
   * @template T
   * @param {(room: wasm.Room) => T} act
   */
  #run(act) {
    try {
      return act(this.#current());
    } catch (thrown) {
      if (noteTrap(thrown, this.#state.id.name ?? null)) {
        this.#state.abort("the room panicked and was reset");
      }
      throw thrown;
    }
  }
}
