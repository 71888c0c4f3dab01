/** An app that hands out keys, and messages that its members and its backend have encrypted. */

import type { Kind } from "../../src/encryption/context.ts";
import { envelopeOf, readEnvelope } from "../../src/encryption/envelope.ts";
import { noble } from "../../src/encryption/noble.ts";
import { eventText, sessionText } from "../../src/encryption/plaintext.ts";
import { type EpochKeys, type EpochKeysOptions, epochKeys } from "../../src/encryption.ts";
import type { AnyEvent, ConnectOptions } from "../../src/index.ts";
import { online, pass } from "./fake-socket.ts";

/** By JavaScript alone: what is encrypted is there within the same turn, whatever the clock says. */
const crypto = noble();

/** The key of an epoch in every test. */
export const keyOf = (epoch: number) => new Uint8Array(32).fill(epoch);

/** The app's API. */
export class KeyApi {
  /** The epoch to encrypt with; 0 while the project is not encrypted. */
  epoch = 0;
  /** The epochs whose keys it does not hand out (yet). */
  readonly withheld = new Set<number>();
  /** What every question fails with, if anything. */
  failure: Error | undefined;
  /** What every answer waits for. */
  gate: Promise<unknown> = Promise.resolve();
  /** What it was asked for. */
  readonly asked: (number | "current")[] = [];
  readonly keys: EpochKeys = this.member({ crypto });

  constructor(epoch = 0) {
    this.epoch = epoch;
  }

  /** The keys of another member, or of a backend: without a crypto, by WebCrypto. */
  member(options: EpochKeysOptions = {}): EpochKeys {
    return epochKeys(
      {
        get: (_, epoch) => this.#answer(epoch, () => this.#key(epoch)),
        current: () =>
          this.#answer("current", () => {
            const key = this.#key(this.epoch);
            return key && { epoch: this.epoch, key };
          }),
      },
      options,
    );
  }

  #key(epoch: number): Uint8Array | null {
    return epoch >= 1 && epoch <= this.epoch && !this.withheld.has(epoch) ? keyOf(epoch) : null;
  }

  async #answer<T>(what: number | "current", answer: () => T): Promise<T> {
    this.asked.push(what);
    await this.gate;
    if (this.failure) throw this.failure;
    return answer();
  }
}

/** Encrypts in p1 under this epoch, whoever may have its key. */
function sealerOf(epoch: number) {
  const key = keyOf(epoch);
  return epochKeys({ get: async () => key, current: async () => ({ epoch, key }) }, { crypto })
    .sealer;
}

async function sealed(kind: Kind, type: string, sender: string, epoch: number, text: Uint8Array) {
  return sealerOf(epoch).seal({ kind, projectId: "p1", type, sender }, text);
}

let ids = 0;

/** An id, or the name of a session, that no other has. */
export function nextId(): string {
  ids += 1;
  return `${ids}`.padStart(22, "i");
}

/** An event of a backend, as the server passes it on. */
export async function backendEvent(
  epoch: number,
  type: string,
  payload: unknown,
  { id = nextId(), by = "b:backend", ...more }: { id?: string; by?: string; seq?: number } = {},
) {
  const text = eventText(id, JSON.stringify(payload));
  const envelope = envelopeOf(await sealed("event", type, by, epoch, text), by);
  return { type, payload: envelope as unknown, timestamp: 1, ...more };
}

/** A member's connection, which counts what it says. */
export class Member {
  readonly session = nextId();
  readonly userId: string;
  counter = 0;

  constructor(userId: string) {
    this.userId = userId;
  }

  get from() {
    return { userId: this.userId, connectionId: `${this.userId}1` };
  }

  /** A client event, as the server passes it on. */
  async event(epoch: number, type: string, payload: unknown) {
    const envelope = await this.#seal("client", type, epoch, payload);
    return { type, payload: envelope as unknown, from: this.from, timestamp: 1 };
  }

  /** Presence data, as the server has them. */
  async data(epoch: number, data: unknown) {
    return { ...(await this.#seal("presence", "", epoch, data)), at: null };
  }

  async #seal(kind: Kind, type: string, epoch: number, data: unknown) {
    this.counter += 1;
    const text = sessionText(this.session, this.counter, JSON.stringify(data));
    return envelopeOf(await sealed(kind, type, `u:${this.userId}`, epoch, text));
  }
}

/** What ann has encrypted, as another member reads it: its epoch, and its content. */
export async function readAs(
  kind: Kind,
  type: string,
  payload: unknown,
  { sender = "u:ann", projectId = "p1" } = {},
) {
  const envelope = readEnvelope(payload);
  if (!envelope) throw new Error(`not encrypted: ${JSON.stringify(payload)}`);
  const context = { kind, projectId, type, sender };
  const bytes = await sealerOf(envelope.epoch).open(context, envelope);
  const { s: session, n: counter, d: data } = JSON.parse(new TextDecoder().decode(bytes));
  return { epoch: envelope.epoch, session, counter, data };
}

/** An event as an app has got it. */
export type Told = AnyEvent | { type: string; payload: unknown };

/** The type, the reason and the epoch of what can't be read. */
export function readable(told: Told | undefined) {
  const { type, reason, epoch } = Object(told?.payload);
  return [type, reason, epoch];
}

/** A room in which clients may talk to each other. */
export const TALKING = {
  connectionId: "ann1",
  clientEvents: true,
  limits: { clientFrameBytes: 16_384, presenceDataBytes: 2_048, clientMessagesPerSecond: 20 },
};

/** Ann, online in a project that is encrypted under epoch 7, and all that she is told from then on. */
export async function encrypted({
  api = new KeyApi(7),
  plaintextEvents,
  payload = {},
  options = {},
}: {
  api?: KeyApi;
  plaintextEvents?: string[];
  payload?: Record<string, unknown>;
  options?: Partial<ConnectOptions>;
} = {}) {
  const encryption = { keys: api.keys, plaintextEvents };
  const { project, first } = await online({ ...TALKING, ...payload }, { encryption, ...options });
  await pass(0);
  const told: Told[] = [];
  project.on("*", (event) => told.push(event));
  return { api, project, first, told };
}
