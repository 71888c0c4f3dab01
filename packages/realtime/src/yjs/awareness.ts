/** Awareness: what this client says of itself, and what the others do. */

import {
  type Awareness,
  applyAwarenessUpdate,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from "y-protocols/awareness";

/** What this client says of itself is sent at most this often. */
const INTERVAL_MS = 100;

/** What this asks its provider. */
export interface AwarenessHooks {
  /** Sends an awareness update of this client. */
  send(update: Uint8Array): void;
  /** Whether text waits to be sent. A caret must not arrive before the letter that it stands on. */
  isTextWaiting(): boolean;
}

interface Changes {
  added: number[];
  updated: number[];
  removed: number[];
}

export class AwarenessSync {
  readonly #awareness: Awareness;
  readonly #hooks: AwarenessHooks;
  /** What the server was told on this connection, as JSON. Undefined while there is none. */
  #told: string | undefined;
  /** Runs while the next message has to wait. */
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(awareness: Awareness, hooks: AwarenessHooks) {
    this.#awareness = awareness;
    this.#hooks = hooks;
    // It repeats what this client has said every 15 s, which would keep the room awake, and removes
    // those who do not. Here the server says who is gone.
    clearInterval(awareness._checkInterval);
    awareness.on("update", this.#changed);
  }

  /** There is a connection: what arrives on it is true, whatever was true before. */
  connect(): void {
    for (const id of this.#others()) this.#awareness.meta.delete(id);
  }

  /** The server has named all who are there. This client introduces itself. */
  introduce(): void {
    const { meta, clientID } = this.#awareness;
    this.remove(this.#others().filter((id) => !meta.has(id)));
    const state = this.#awareness.getLocalState();
    const mine = meta.get(clientID);
    this.#told = "null";
    if (!state || !mine) return;
    // The server may have told the others that this client is gone, with the next number.
    meta.set(clientID, { ...mine, clock: mine.clock + 1 });
    this.#awareness.setLocalState(state);
  }

  /** Somebody has said something of themselves. */
  receive(update: Uint8Array): void {
    applyAwarenessUpdate(this.#awareness, update, this);
  }

  /** These are gone. */
  remove(ids: number[]): void {
    removeAwarenessStates(this.#awareness, ids, this);
  }

  /** Says again what this client says of itself. */
  repeat(): void {
    if (this.#told !== undefined) this.#say();
  }

  /** The connection is gone. */
  lose(): void {
    this.#told = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Nobody can tell who is still there. */
  forgetOthers(): void {
    const others = this.#others();
    this.remove(others);
    for (const id of others) this.#awareness.meta.delete(id);
  }

  /** Sends what is new, unless it has to wait. */
  readonly tell = (): void => {
    if (this.#told === undefined || this.#timer !== undefined || this.#hooks.isTextWaiting())
      return;
    if (this.#json() === this.#told) return;
    this.#say();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.tell();
    }, INTERVAL_MS);
  };

  /** Follows the awareness no longer. */
  end(): void {
    this.lose();
    this.#awareness.off("update", this.#changed);
  }

  readonly #changed = ({ added, updated, removed }: Changes, origin: unknown): void => {
    const { clientID } = this.#awareness;
    // Somebody else has said that this client is gone.
    if (origin === this && removed.includes(clientID)) this.repeat();
    else if (origin !== this && [...added, ...updated, ...removed].includes(clientID)) this.tell();
  };

  #say(): void {
    this.#told = this.#json();
    this.#hooks.send(encodeAwarenessUpdate(this.#awareness, [this.#awareness.clientID]));
  }

  #json(): string {
    return JSON.stringify(this.#awareness.getLocalState());
  }

  #others(): number[] {
    const { states, meta, clientID } = this.#awareness;
    return [...new Set([...states.keys(), ...meta.keys()])].filter((id) => id !== clientID);
  }
}
