/** What the others in a document say of themselves: decrypted, and each only in their own name. */

import type { AwarenessSync } from "../../yjs/awareness.ts";
import { concat, varUint } from "../bytes.ts";
import type { UndecryptableReason } from "../undecryptable.ts";
import type { Crypt } from "./crypt.ts";
import { Reader, type State, varText } from "./wire.ts";

/** What this asks its document, and tells it. */
export interface CaretsHooks {
  readonly people: AwarenessSync;
  /** The number of this client. */
  readonly ownId: number;
  /** Whether the server knows from a token who somebody is. */
  readonly hasToken: boolean;
  /** Something can't be read. */
  onUnreadable(reason: UndecryptableReason, epoch: number | undefined, sender: string): void;
}

/** What a client says of itself. */
interface Said {
  readonly id: number;
  readonly clock: number;
  /** Null: it is gone. */
  readonly state: Record<string, unknown> | null;
}

interface Connection {
  state: State;
  /** The number under which its client is known. */
  id: number | undefined;
  isUnreadable: boolean;
}

export class Carets {
  readonly #crypt: Crypt;
  readonly #hooks: CaretsHooks;
  readonly #connections = new Map<string, Connection>();
  /** By number: the connection that it belongs to. */
  readonly #owners = new Map<number, string>();

  constructor(crypt: Crypt, hooks: CaretsHooks) {
    this.#crypt = crypt;
    this.#hooks = hooks;
  }

  /** There is another connection, which names all who are there. */
  open(): void {
    this.#connections.clear();
    this.#owners.clear();
  }

  async take(states: readonly State[]): Promise<void> {
    for (const state of states) {
      if (state.bytes.length === 0) this.#gone(state.connection);
      else await this.#said(state);
    }
  }

  /** There may be new keys. */
  async retry(): Promise<void> {
    for (const { state, isUnreadable } of [...this.#connections.values()])
      if (isUnreadable) await this.#said(state);
  }

  async #said(state: State): Promise<void> {
    const { connection: name, sender, bytes } = state;
    const connection = this.#connections.get(name) ?? { state, id: undefined, isUnreadable: false };
    this.#connections.set(name, Object.assign(connection, { state }));
    const opened = await this.#crypt.open("awareness", sender, bytes);
    // Others can't know the key yet by which this is encrypted, or it is not meant for anybody.
    if ("error" in opened) {
      const { reason, epoch } = opened.error;
      if (!connection.isUnreadable) this.#hooks.onUnreadable(reason, epoch, sender);
      connection.isUnreadable = true;
      return;
    }
    connection.isUnreadable = false;
    const said = read(opened.plaintext);
    if (said && this.#isItsOwn(said.id, name, sender)) this.#pass(said, name, connection);
  }

  #pass({ id, clock, state }: Said, name: string, connection: Connection): void {
    connection.id = id;
    this.#owners.set(id, name);
    const vouched = state && this.#vouchedFor(state, connection.state.sender);
    this.#hooks.people.receive(
      concat(varUint(1), varUint(id), varUint(clock), varText(JSON.stringify(vouched))),
    );
  }

  /** Nobody speaks for another: not for this client, and not for one of another user. */
  #isItsOwn(id: number, name: string, sender: string): boolean {
    if (id === this.#hooks.ownId) return false;
    const owner = this.#connections.get(this.#owners.get(id) ?? name);
    return owner === undefined || owner.state.sender === sender;
  }

  /** The user is who the server says. What else is said of them is their own word. */
  #vouchedFor(state: Record<string, unknown>, sender: string): Record<string, unknown> {
    const isUser = sender.startsWith("u:");
    const { id: _, ...said } = Object(state.user);
    if (isUser)
      return {
        ...state,
        user: { ...said, id: sender.slice(2), verified: this.#hooks.hasToken },
      };
    return state.user === undefined ? state : { ...state, user: { ...said, verified: false } };
  }

  #gone(name: string): void {
    const id = this.#connections.get(name)?.id;
    this.#connections.delete(name);
    if (id === undefined || this.#owners.get(id) !== name) return;
    this.#owners.delete(id);
    this.#hooks.people.remove([id]);
  }
}

/** Reads an awareness update of one client. Undefined if it is none. */
function read(update: Uint8Array): Said | undefined {
  const reader = new Reader(update);
  try {
    if (reader.number() !== 1) return undefined;
    const [id, clock] = [reader.number(), reader.number()];
    const state = JSON.parse(reader.text());
    return typeof state === "object" && !Array.isArray(state) ? { id, clock, state } : undefined;
  } catch {
    return undefined;
  }
}
