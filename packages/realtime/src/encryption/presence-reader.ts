/** Reads the presence data in the server's frames. Of what can't be read, nothing is told but that. */

import type { Frame } from "../core/frames.ts";
import type { ToldUser } from "../core/person.ts";
import type { ConnectionData } from "../server-frames.ts";
import type { Opener } from "./opener.ts";
import { type Outcome, type Refusal, taken, UNKNOWN_EPOCH } from "./outcome.ts";
import { isObject, readSessionText } from "./plaintext.ts";
import type { ProjectMode } from "./project-mode.ts";
import type { Repeats } from "./repeats.ts";
import { UndecryptableError } from "./undecryptable.ts";

/** Of how many of those that can't be read it is remembered that this was told. */
const TOLD = 1_024;

/** Presence data that wait for their key. */
interface Waiting {
  /** The user, as the server has told of them last. */
  user: ToldUser;
  readonly item: ConnectionData;
  readonly epoch: number;
  readonly floor: number;
}

/** One reading of a frame. */
interface Reading {
  readonly floor: number;
  readonly ownId: string | undefined;
  readonly isAgain: boolean;
  readonly refusals: Refusal[];
}

export class PresenceReader {
  readonly #opener: Opener;
  readonly #mode: ProjectMode;
  readonly #repeats: Repeats;
  readonly #waiting = new Map<string, Waiting>();
  readonly #told = new Set<string>();
  #ownEpoch = Number.POSITIVE_INFINITY;

  constructor(opener: Opener, mode: ProjectMode, repeats: Repeats) {
    this.#opener = opener;
    this.#mode = mode;
    this.#repeats = repeats;
  }

  /** The epochs whose keys are awaited. */
  get epochs(): readonly number[] {
    return [...this.#waiting.values()].map(({ epoch }) => epoch);
  }

  /** Under which epoch the server has had this client's own data last. Infinity if it had none that count. */
  get ownEpoch(): number {
    return this.#ownEpoch;
  }

  /** @param ownId the id of this client's connection, which knows its own data */
  read(frame: Frame, floor: number, ownId: string | undefined): Outcome | Promise<Outcome> {
    const users = usersIn(frame);
    this.#ownEpoch = Number.POSITIVE_INFINITY;
    this.#note(frame, users);
    const items = users.flatMap(({ data }) => data ?? []).filter(({ data }) => data);
    const isPlain = this.#mode.isEncrypted === false && !items.some(({ data }) => isSealed(data));
    if (items.length === 0 || isPlain) return taken(frame);
    return this.#opened(frame, users, { floor, ownId, isAgain: false, refusals: [] });
  }

  /** Frames with what has waited for the keys of these epochs and can be read now. */
  async release(found: ReadonlySet<number>): Promise<Outcome[]> {
    const ready = [...this.#waiting].filter(([, { epoch }]) => found.has(epoch));
    return Promise.all(
      ready.map(async ([connectionId, waiting]) => {
        const { user, item, floor } = waiting;
        const reading = { floor, ownId: undefined, isAgain: true, refusals: [] };
        this.#waiting.delete(connectionId);
        const payload = { ...user, data: [item] };
        const frame = { type: "USER_UPDATED", payload, timestamp: Date.now() };
        return this.#opened(frame, [payload], reading);
      }),
    );
  }

  /** Newer frames supersede what waits. */
  #note({ type, payload }: Frame, users: readonly ToldUser[]): void {
    if (isList(payload)) this.#waiting.clear();
    for (const user of users) {
      for (const { connectionId } of user.data ?? []) this.#waiting.delete(connectionId);
      for (const [connectionId, waiting] of this.#waiting) {
        if (waiting.user.userId !== user.userId) continue;
        if (type === "USER_LEFT") this.#waiting.delete(connectionId);
        else waiting.user = user;
      }
    }
  }

  async #opened(frame: Frame, users: readonly ToldUser[], reading: Reading): Promise<Outcome> {
    const opened = await Promise.all(users.map((user) => this.#user(user, reading)));
    const payload = isList(frame.payload) ? { ...frame.payload, users: opened } : opened[0];
    return { kind: "take", frame: { ...frame, payload }, refusals: reading.refusals };
  }

  async #user(user: ToldUser, reading: Reading): Promise<ToldUser> {
    if (!user.data) return user;
    const items = await Promise.all(user.data.map((item) => this.#item(user, item, reading)));
    return { ...user, data: items.flatMap((item) => item ?? []) };
  }

  /** Undefined for a repeat of older data. */
  async #item(
    user: ToldUser,
    item: ConnectionData,
    reading: Reading,
  ): Promise<ConnectionData | undefined> {
    if (!item.data) return item;
    try {
      return await this.#read(user, item, reading);
    } catch (error) {
      if (!(error instanceof UndecryptableError)) throw error;
      this.#refuse(user, item, error, reading);
      return { ...item, data: null };
    }
  }

  async #read(user: ToldUser, item: ConnectionData, reading: Reading) {
    const sealed = this.#opener.envelopeIn(item.data);
    if (!sealed) return this.#plain(user, item, reading);
    const { epoch } = sealed;
    if (epoch < reading.floor) throw new UndecryptableError("stale", epoch);
    const sender = `u:${user.userId}`;
    const context = { kind: "presence", type: "", sender } as const;
    const bytes = await this.#opener.open(context, sealed, reading.isAgain);
    if (!bytes) {
      this.#wait(user, item, epoch, reading);
      throw new UndecryptableError("no_key", epoch);
    }
    const { session, counter, data } = readSessionText(bytes, epoch);
    if (!isObject(data)) throw new UndecryptableError("malformed", epoch);
    if (item.connectionId === reading.ownId) this.#ownEpoch = epoch;
    return this.#repeats.areNewest(sender, session, counter) ? { ...item, data } : undefined;
  }

  async #plain(user: ToldUser, item: ConnectionData, reading: Reading): Promise<ConnectionData> {
    const isEncrypted = await this.#opener.isEncrypted();
    if (isEncrypted === false) return item;
    if (isEncrypted) throw new UndecryptableError("plaintext");
    this.#wait(user, item, UNKNOWN_EPOCH, reading);
    return { ...item, data: null };
  }

  #wait(user: ToldUser, item: ConnectionData, epoch: number, { floor, ownId }: Reading): void {
    const { data, ...who } = user;
    if (item.connectionId !== ownId)
      this.#waiting.set(item.connectionId, { user: who, item, epoch, floor });
  }

  /** Says once that these data can't be read. */
  #refuse(
    { userId }: ToldUser,
    { connectionId, data }: ConnectionData,
    { reason, epoch = null }: { reason: Refusal["reason"]; epoch?: number | null | undefined },
    { ownId, refusals }: Reading,
  ): void {
    const name = JSON.stringify([connectionId, data]);
    if (connectionId === ownId || this.#told.has(name)) return;
    this.#told.add(name);
    for (const oldest of this.#told) {
      if (this.#told.size <= TOLD) break;
      this.#told.delete(oldest);
    }
    refusals.push({ reason, epoch, of: { userId, connectionId } });
  }
}

function isSealed(data: object | null): boolean {
  return isObject(data) && Object.hasOwn(data, "e2e");
}

function isList(payload: unknown): payload is { readonly users: readonly ToldUser[] } {
  return isObject(payload) && Array.isArray(payload.users);
}

function usersIn({ type, payload }: Frame): readonly ToldUser[] {
  if (isList(payload)) return payload.users;
  return /^USER_(JOINED|LEFT|UPDATED)$/.test(type) ? [payload as ToldUser] : [];
}
