/** What a client sends: encrypted in the order in which it was said, and once more if the server asks for a newer key. */

import { bytesOf } from "../core/outbox.ts";
import type { PresenceData, Self } from "../core/people.ts";
import { LAST_EPOCH } from "./context.ts";
import { envelopeOf, NONCE_BYTES, type Sealed, TAG_BYTES } from "./envelope.ts";
import type { Keyring } from "./keyring.ts";
import { jsonOf, sessionText } from "./plaintext.ts";
import type { ProjectMode } from "./project-mode.ts";
import { senderOf } from "./sender.ts";

/** How many messages are encrypted together, and then go out in one frame. */
const TOGETHER = 32;
/** How many can wait for a key. */
const MOST_WAITING = 256;
/** How many of the last that were sent can be sent again. */
const MOST_SENT = 1_024;
/** What ids and places have in base64url. */
const ID_CHARACTERS = 22;
/** More digits than a session ever counts to. */
const LARGEST_COUNTER = 9_999_999_999;

/** What a channel sends with, and tells. */
export interface OutgoingHooks {
  readonly projectId: string;
  self(): Self | undefined;
  post(message: object): boolean;
  repeatPresence(waitMs: number): void;
  /** There is no key to send with: it has to be tried again. */
  onStuck(): void;
}

/** A message that is not encrypted yet. */
interface Message {
  /** Messages that are sent again keep their place. */
  readonly order: number;
  readonly shape: { readonly type: string; readonly eventType?: string };
  /** What is encrypted of it, as JSON. */
  readonly text: string;
  /** The place in presence data. */
  readonly at?: unknown;
}

export class Outgoing {
  readonly #keys: Keyring;
  readonly #mode: ProjectMode;
  readonly #hooks: OutgoingHooks;
  #session = "";
  #counter = 0;
  #order = 0;
  #waiting: Message[] = [];
  /** By nonce. */
  readonly #sent = new Map<string, Message>();
  /** Counts up when nothing that was said before counts any more. */
  #life = 0;
  #isBusy = false;

  constructor(keys: Keyring, mode: ProjectMode, hooks: OutgoingHooks) {
    this.#keys = keys;
    this.#mode = mode;
    this.#hooks = hooks;
  }

  /** Whether something is waiting. */
  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  post(message: object, frameBytes = Number.POSITIVE_INFINITY, data?: PresenceData): boolean {
    const isFirst = this.#waiting.length === 0 && !this.#isBusy;
    if (this.#mode.isEncrypted === false && isFirst) return this.#hooks.post(message);
    const next = this.#messageOf(message as Message["shape"], data);
    if (this.#waiting.length >= MOST_WAITING || sealedSize(next) > frameBytes) return false;
    // Presence data are sent whole: only the last ones count.
    if (isPresence(next)) this.#waiting = this.#waiting.filter((other) => !isPresence(other));
    this.#waiting.push(next);
    this.resume();
    return true;
  }

  /**
   * The server has refused a message. Returns whether that is dealt with here: it is encrypted anew and
   * sent again.
   */
  refused({ code, nonce }: { code?: unknown; nonce?: unknown }): boolean {
    if (code === "not_encrypted") this.#hooks.repeatPresence(0);
    if (code !== "stale_key_epoch") return false;
    if (nonce === undefined) this.#hooks.repeatPresence(0);
    const message = this.#sent.get(nonce as string);
    if (!message) return nonce === undefined;
    this.#sent.delete(nonce as string);
    this.#putBack([message]);
    this.resume();
    return true;
  }

  /** There may be a key, or it is known now whether there needs to be one. */
  resume(): void {
    if (!this.#isBusy && this.isWaiting) void this.#work();
  }

  /** The connection is lost: what was said on it is not kept. */
  clear(): void {
    this.#life += 1;
    this.#waiting = [];
    this.#sent.clear();
  }

  /** What comes now is of another user. */
  forget(): void {
    this.clear();
    this.#session = "";
    this.#counter = 0;
  }

  #messageOf({ type, ...rest }: Message["shape"], data: PresenceData | undefined): Message {
    this.#order += 1;
    const order = this.#order;
    if (type !== "SEND") return { order, shape: { type }, text: jsonOf(data ?? {}), at: data?.at };
    const { payload, ...shape } = rest as { payload?: unknown; eventType: string };
    return { order, shape: { type, ...shape }, text: jsonOf(payload) };
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    // What is said in one turn is sent together.
    await undefined;
    while (this.#waiting.length > 0) {
      if (this.#mode.isEncrypted === undefined) break;
      if (this.#mode.isEncrypted === false) this.#postPlain();
      else if (!(await this.#postSealed())) break;
    }
    this.#isBusy = false;
    if (this.isWaiting) this.#hooks.onStuck();
  }

  #postPlain(): void {
    const messages = this.#waiting;
    this.#waiting = [];
    for (const { shape, text } of messages) {
      const content = JSON.parse(text);
      this.#hooks.post(
        isPresence({ shape }) ? { ...shape, patch: content } : { ...shape, payload: content },
      );
    }
  }

  /** Returns false if there is no key. */
  async #postSealed(): Promise<boolean> {
    const life = this.#life;
    const messages = this.#waiting.splice(0, TOGETHER);
    const sealing = await Promise.allSettled(messages.map((message) => this.#seal(message)));
    if (life !== this.#life) return true;
    for (const [index, sealed] of sealing.entries()) {
      const message = messages[index] as Message;
      if (sealed.status === "rejected") {
        this.#putBack(messages.slice(index));
        return false;
      }
      this.#hooks.post(sealed.value.message);
      if (!isPresence(message)) this.#remember(sealed.value.nonce, message);
    }
    return true;
  }

  async #seal(message: Message): Promise<{ message: object; nonce: string }> {
    const { shape, text, at } = message;
    const { projectId } = this.#hooks;
    const sender = senderOf(this.#hooks.self()) ?? "";
    const kind = isPresence(message) ? "presence" : "client";
    const context = { kind, projectId, type: shape.eventType ?? "", sender } as const;
    this.#session ||= this.#keys.sealer.randomId();
    this.#counter += 1;
    const plaintext = sessionText(this.#session, this.#counter, text);
    const sealed = await this.#keys.sealer.seal(context, plaintext, this.#mode.floor);
    this.#mode.uses(sealed.epoch);
    const envelope = envelopeOf(sealed);
    if (kind === "client") return { message: { ...shape, payload: envelope }, nonce: envelope.n };
    const patch = { ...envelope, at: await this.#place(sealed, at) };
    return { message: { ...shape, patch }, nonce: envelope.n };
  }

  async #place({ epoch }: Sealed, at: unknown): Promise<string | null> {
    if (typeof at !== "string") return null;
    return this.#keys.sealer.placeTag(this.#hooks.projectId, epoch, at);
  }

  #remember(nonce: string, message: Message): void {
    this.#sent.set(nonce, message);
    for (const oldest of this.#sent.keys()) {
      if (this.#sent.size <= MOST_SENT) break;
      this.#sent.delete(oldest);
    }
  }

  #putBack(messages: readonly Message[]): void {
    this.#waiting = [...this.#waiting, ...messages].sort((one, other) => one.order - other.order);
  }
}

/** The most bytes that it has once it is encrypted: the epoch and the counter may have fewer digits. */
function sealedSize(message: Message): number {
  const { shape, text } = message;
  const plaintext = sessionText("x".repeat(ID_CHARACTERS), LARGEST_COUNTER, text);
  const nonce = new Uint8Array(NONCE_BYTES);
  const empty = envelopeOf({ epoch: LAST_EPOCH, nonce, ciphertext: new Uint8Array() });
  const ciphertext = Math.ceil(((plaintext.length + TAG_BYTES) * 4) / 3);
  const content = isPresence(message)
    ? { patch: { ...empty, at: "x".repeat(ID_CHARACTERS) } }
    : { payload: empty };
  return bytesOf(JSON.stringify({ ...shape, ...content })) + ciphertext;
}

function isPresence({ shape }: Pick<Message, "shape">): boolean {
  return shape.type !== "SEND";
}
