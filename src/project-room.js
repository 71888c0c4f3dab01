/** The class of a project's object: a room that is alone, the root of a grown room, or a leaf (P15). */

import * as wasm from "#wasm";
import { mainInstance as instance } from "./instances.js";
import { tellDocuments } from "./room/documents.js";
import { placeOf } from "./room/place.js";
import { TreeCalls } from "./room/tree-calls.js";
import { BEARER_HEADER, IDEMPOTENCY_KEY } from "./runtime/request.js";

/**
 * How long an event may wait for others that have started to arrive, in milliseconds. Only a slowly arriving body makes
 * anything wait this long: usually the others arrive in the same turn.
 */
const LONGEST_WAIT_MS = 5;

/**
 * The shortest time from one write to the next, in milliseconds: what happens in the meantime shares one. What happens
 * after a pause is written in the same turn, after it has been sent.
 */
const BETWEEN_WRITES_MS = 10;

/** As in `Room::pending`. */
const TO_BE_WRITTEN = 1;
const AT_RISK = 2;
const TO_BE_CALLED = 4;

/** The room of one project. */
export class ProjectRoom {
  #state;
  #env;
  /** @type {wasm.Room} */
  #room;
  #generation = -1;
  /** How many broadcasts have started to arrive and are not complete yet. */
  #coming = 0;
  /**
   * Set while events may be waiting for others.
   * @type {ReturnType<typeof setTimeout> | undefined}
   */
  #flushTimer;
  /**
   * Set while there is something to write, or while a write is not durable yet.
   * @type {ReturnType<typeof setTimeout> | "writing" | undefined}
   */
  #writeTimer;
  /** Whether something could be lost that a new instance would not find again. */
  #isAtRisk = false;
  /** When the last write began. */
  #wroteAt = 0;
  /**
   * Settled with the next write that becomes durable; set while an answer waits for it.
   * @type {PromiseWithResolvers<void> | undefined}
   */
  #durable;
  /**
   * Set once the room has been larger than one object.
   * @type {TreeCalls | undefined}
   */
  #calls;

  /**
   * Called for each life of the object. Does not touch the storage.
   * @param {DurableObjectState} state
   * @param {wasm.Env} env
   */
  constructor(state, env) {
    this.#state = state;
    this.#env = env;
    this.#room = this.#current();
  }

  /**
   * Handles a request from the gate: a broadcast, a connect, a removal or a query for the state. Or one from a document, or
   * from another object of the room: the gate never sends a `PUT`.
   * @param {Request} request
   */
  fetch(request) {
    switch (request.method) {
      case "POST":
        return this.#receive(request);
      case "DELETE":
        return this.#administer(request);
      case "PUT":
        return this.#called(request);
      default:
        return this.#ask(request);
    }
  }

  /** @param {Request} request */
  #receive(request) {
    this.#coming += 1;
    const key = request.headers.get(IDEMPOTENCY_KEY) ?? undefined;
    const bearer = request.headers.get(BEARER_HEADER) ?? undefined;
    return request
      .arrayBuffer()
      .then((body) => this.#publish(body, key, bearer), this.#comesNoMore);
  }

  /** @param {Request} request */
  #ask(request) {
    const call = (/** @type {wasm.Room} */ room) => room.call(request);
    return this.#run((room) => call(room) ?? this.#tree().later(room, () => this.#run(call)));
  }

  /**
   * Takes a call from another object of the room.
   * @param {Request} request
   */
  async #called(request) {
    const text = await request.text();
    const answer = this.#run((room) => room.called(text));
    this.#calls?.goOn();
    return new Response(answer);
  }

  #tree() {
    this.#calls ??= new TreeCalls(this.#env.ROOMS, (act) => this.#run(act));
    return this.#calls;
  }

  /**
   * Removes, revokes, raises the key epoch or erases, and tells the documents of it.
   * @param {Request} request
   */
  #administer(request) {
    const answer = this.#ask(request);
    const toTell = this.#run((room) => room.documentsToTell());
    if (toTell === undefined) return answer;
    const unavailable = () => {
      instance.ensure();
      return wasm.unavailable(request, this.#env);
    };
    return tellDocuments(this.#env, this.#state.id.name ?? "", toTell, answer, unavailable);
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
    const answer = this.#run((room) => {
      const response = room.publish(bytes, key, bearer, moreToCome) ?? this.#tree().later(room);
      return room.awaitsWrite() ? this.#onceDurable(response) : response;
    });
    if (moreToCome) this.#flushSoon();
    return answer;
  }

  /**
   * Gives an answer once what is written next, or what has just been written, is durable.
   * @param {Response | Promise<Response>} response
   */
  async #onceDurable(response) {
    this.#durable ??= Promise.withResolvers();
    await this.#durable.promise;
    return response;
  }

  /**
   * Makes sure that what has happened is written: now, after a pause, or else together with what happens until then.
   * @param {wasm.Room} room
   */
  #writeSoon(room) {
    if (this.#writeTimer !== undefined) return;
    const rest = this.#wroteAt + BETWEEN_WRITES_MS - Date.now();
    if (rest <= 0 && this.#coming === 0) return this.#write(room);
    this.#writeTimer = setTimeout(
      () => this.#run((current) => this.#write(current)),
      Math.max(rest, 0),
    );
  }

  /** @param {wasm.Room} room */
  #write(room) {
    this.#writeTimer = "writing";
    this.#wroteAt = Date.now();
    const answers = this.#durable;
    this.#durable = undefined;
    room.write();
    this.#confirm(answers).catch(() => this.#state.abort("a write failed"));
  }

  /** @param {PromiseWithResolvers<void> | undefined} answers that wait for the write */
  async #confirm(answers) {
    await this.#state.storage.sync();
    this.#writeTimer = undefined;
    answers?.resolve();
    this.#run((room) => {
      room.isWritten();
      // Others may wait for the next write, even if it has nothing to write.
      if (this.#durable !== undefined) this.#writeSoon(room);
    });
  }

  /**
   * A broadcast was cut off before it was complete.
   * @param {unknown} reason
   */
  #comesNoMore = (reason) => {
    this.#coming -= 1;
    throw reason;
  };

  /** Makes sure that nothing waits for long. */
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
   * A connection was lost.
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
    instance.ensure();
    if (this.#generation !== instance.generation) {
      // The broken instance may have held events that had not been sent or written yet: reset, so that clients reconnect.
      if (this.#flushTimer !== undefined || this.#isAtRisk || this.#calls?.isBusy) {
        this.#state.abort("events waiting to be sent or written were lost");
      }
      this.#room = new wasm.Room(this.#state, this.#env);
      this.#generation = instance.generation;
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
      const room = this.#current();
      const result = act(room);
      const pending = room.pending();
      this.#isAtRisk = (pending & AT_RISK) !== 0;
      if ((pending & TO_BE_WRITTEN) !== 0) this.#writeSoon(room);
      if ((pending & TO_BE_CALLED) !== 0) this.#tree().carry(room);
      return result;
    } catch (thrown) {
      if (instance.noteTrap(thrown, placeOf(this.#state))) {
        this.#state.abort("the room panicked and was reset");
      }
      throw thrown;
    }
  }
}
