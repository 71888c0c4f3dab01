/** Reads events of backends and of clients. */

import type { EventSender } from "../core/events.ts";
import type { Frame } from "../core/frames.ts";
import type { Sealed } from "./envelope.ts";
import type { Opener } from "./opener.ts";
import { type Outcome, refused, taken, UNKNOWN_EPOCH } from "./outcome.ts";
import { readEventText, readSessionText } from "./plaintext.ts";
import type { ProjectMode } from "./project-mode.ts";
import type { Repeats } from "./repeats.ts";
import { senderOf } from "./sender.ts";
import { UndecryptableError } from "./undecryptable.ts";

/** The server's own events, which have nothing of an app in them. */
const OF_THE_SERVER =
  /^(CONNECTED|USER_JOINED|USER_LEFT|USER_UPDATED|PRESENCE|ERROR|AUTH_OK|PONG|KEY_EPOCH)$/;
/** The server sends this one like an event of a backend. */
const DOCUMENT_CHANGED = "DOC_CHANGED";

type Envelope = Sealed & { readonly by?: string };

export class EventReader {
  readonly #opener: Opener;
  readonly #mode: ProjectMode;
  readonly #repeats: Repeats;
  readonly #plaintext: ReadonlySet<string>;

  constructor(
    opener: Opener,
    mode: ProjectMode,
    repeats: Repeats,
    plaintextEvents: readonly string[] = [],
  ) {
    this.#opener = opener;
    this.#mode = mode;
    this.#repeats = repeats;
    this.#plaintext = new Set([DOCUMENT_CHANGED, ...plaintextEvents]);
  }

  /**
   * @param floor the lowest epoch that the server took when it came
   * @param isAgain it has waited for its key
   */
  read(frame: Frame, floor: number, isAgain: boolean): Outcome | Promise<Outcome> {
    if (OF_THE_SERVER.test(frame.type)) return taken(frame);
    try {
      const sealed = this.#opener.envelopeIn(frame.payload);
      return sealed ? this.#opened(frame, sealed, floor, isAgain) : this.#plain(frame);
    } catch (error) {
      return refusalIn(error);
    }
  }

  #plain(frame: Frame): Outcome | Promise<Outcome> {
    const { isEncrypted } = this.#mode;
    if (isEncrypted === false || this.#plaintext.has(frame.type)) return taken(frame);
    return isEncrypted ? refused("plaintext", null) : this.#decided(frame);
  }

  async #decided(frame: Frame): Promise<Outcome> {
    const isEncrypted = await this.#opener.isEncrypted();
    return isEncrypted === undefined ? { kind: "hold", epoch: UNKNOWN_EPOCH } : this.#plain(frame);
  }

  async #opened(frame: Frame, sealed: Envelope, floor: number, isAgain: boolean): Promise<Outcome> {
    const { epoch, by } = sealed;
    const isOfClient = frame.type.startsWith("client-");
    if (isOfClient && epoch < floor) return refused("stale", epoch);
    const sender = isOfClient ? senderOf((frame as { from?: EventSender }).from) : by;
    if (sender === undefined) return refused("malformed", epoch);
    const kind = isOfClient ? "client" : "event";
    try {
      const bytes = await this.#opener.open({ kind, type: frame.type, sender }, sealed, isAgain);
      if (!bytes) return { kind: "hold", epoch };
      return isOfClient
        ? this.#ofClient(frame, bytes, sender, epoch)
        : this.#ofBackend(frame, bytes, epoch);
    } catch (error) {
      return refusalIn(error);
    }
  }

  #ofClient(frame: Frame, bytes: Uint8Array, sender: string, epoch: number): Outcome {
    const { session, counter, data } = readSessionText(bytes, epoch);
    const isNew = () => this.#repeats.isNewClientEvent(sender, session, epoch, counter);
    return { kind: "take", frame: { ...frame, payload: data }, isNew };
  }

  #ofBackend(frame: Frame, bytes: Uint8Array, epoch: number): Outcome {
    const { id, data } = readEventText(bytes, epoch);
    const isNew = () => this.#repeats.isNewEvent(id);
    return { kind: "take", frame: { ...frame, payload: data }, isNew };
  }
}

function refusalIn(error: unknown): Outcome {
  if (!(error instanceof UndecryptableError)) throw error;
  return refused(error.reason, error.epoch ?? null);
}
