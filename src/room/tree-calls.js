/**
 * The calls of an object to the others of a grown room (P15), and the answers that wait for them. A room that is alone has
 * none of this.
 *
 * The core decides what is said, repeats what was not answered, and recognises a repeat. A call that is on its way is lost
 * with its object.
 */

import { INTERNAL_URL } from "../runtime/retries.js";

/** As in the core. */
const CALL_TIMEOUT_MS = 2_000;

/** How long a client waits while a leaf asks the root, in milliseconds. */
const CONNECT_PATIENCE_MS = 4_000;

export class TreeCalls {
  #objects;
  #run;
  #onTheirWay = 0;
  /**
   * Set while a call has to wait.
   * @type {ReturnType<typeof setTimeout> | undefined}
   */
  #dueTimer;
  /**
   * Answers that wait for leaves, by ticket, and until when.
   * @type {Map<number, { resolve: (answer: Response) => void, timer: ReturnType<typeof setTimeout> }>}
   */
  #waiting = new Map();
  /**
   * Settled with the next answer to a call; set while a client waits for it.
   * @type {PromiseWithResolvers<void> | undefined}
   */
  #nextAnswer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #patience;

  /**
   * @param {DurableObjectNamespace} objects
   * @param {<T>(act: (room: import("#wasm").Room) => T) => T} run does something with the room
   */
  constructor(objects, run) {
    this.#objects = objects;
    this.#run = run;
  }

  /** Whether anything is on its way, or waits, that would be lost with the object. */
  get isBusy() {
    return this.#onTheirWay > 0 || this.#dueTimer !== undefined || this.#waiting.size > 0;
  }

  /**
   * Makes the calls that are due, and gives the answers that are ready.
   * @param {import("#wasm").Room} room
   */
  carry(room) {
    for (let call = room.nextCall(); call !== undefined; call = room.nextCall()) this.#make(call);
    for (let done = room.nextSettled(); done !== undefined; done = room.nextSettled())
      this.#settle(done);
    clearTimeout(this.#dueTimer ?? null);
    const due = room.callDueIn();
    this.#dueTimer = due === undefined ? undefined : setTimeout(this.#isDue, due);
  }

  #isDue = () => {
    this.#dueTimer = undefined;
    this.#run((room) => this.carry(room));
  };

  /** @param {[object: string, text: string]} call */
  async #make([object, text]) {
    this.#onTheirWay += 1;
    const answer = await this.#answerOf(object, text);
    this.#onTheirWay -= 1;
    this.#run((room) => {
      if (answer === undefined) room.unanswered(object);
      else room.answered(object, answer);
      this.carry(room);
    });
    this.goOn();
  }

  /**
   * @param {string} object
   * @param {string} body
   * @returns {Promise<string | undefined>} undefined if there is none in time
   */
  async #answerOf(object, body) {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), CALL_TIMEOUT_MS);
    try {
      // The stub of an object that was reset stays broken, so each call makes its own.
      const init = { method: "PUT", body, signal: late.signal };
      const response = await this.#objects.getByName(object).fetch(INTERNAL_URL, init);
      return response.ok ? await response.text() : undefined;
    } catch {
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * The answer to a call of which the room has said that it comes later.
   * @param {import("#wasm").Room} room
   * @param {() => Response | undefined} [again] asks again, for a client that waits while this leaf asks the root
   * @returns {Promise<Response>}
   */
  later(room, again) {
    const ticket = room.ticket();
    return ticket === undefined ? this.#onceAsked(again) : this.#onceSettled(ticket);
  }

  /**
   * @param {[ticket: number, patience: number]} ticket and how long it waits at most
   * @returns {Promise<Response>}
   */
  #onceSettled([ticket, patience]) {
    const { promise, resolve } = Promise.withResolvers();
    const settle = () => this.#settle([ticket, this.#run((room) => room.settle(ticket))]);
    const timer = setTimeout(settle, patience);
    this.#waiting.set(ticket, { resolve, timer });
    return promise;
  }

  /** @param {[ticket: number, answer: Response]} done */
  #settle([ticket, answer]) {
    const waiting = this.#waiting.get(ticket);
    if (waiting === undefined) return;
    this.#waiting.delete(ticket);
    clearTimeout(waiting.timer);
    waiting.resolve(answer);
  }

  /** @param {(() => Response | undefined) | undefined} again */
  async #onceAsked(again) {
    const until = Date.now() + CONNECT_PATIENCE_MS;
    while (Date.now() < until) {
      await this.#answer();
      const answer = again?.();
      if (answer !== undefined) return answer;
    }
    // The gate closes the socket, so that the client tries again.
    return new Response(null, { status: 503 });
  }

  /** Settled with the next answer to a call, or once it has none. */
  #answer() {
    this.#nextAnswer ??= Promise.withResolvers();
    this.#patience ??= setTimeout(this.goOn, CONNECT_PATIENCE_MS);
    return this.#nextAnswer.promise;
  }

  /** This leaf has learned something from the root, or gets no answer: clients that wait for it try again. */
  goOn = () => {
    clearTimeout(this.#patience ?? null);
    this.#patience = undefined;
    this.#nextAnswer?.resolve();
    this.#nextAnswer = undefined;
  };
}
