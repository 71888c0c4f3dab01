/** The server side of encrypted documents, as P14.8 and P14.9 describe it, on sockets that a test holds. */

import { FakeSocket } from "./fake-socket.ts";

interface Entry {
  seq: number;
  sender: string;
  sealed: Buffer;
}

/** What the server does not take yet, or has not stored. */
interface Waiting {
  from: VaultSocket;
  id: number;
  entry: Entry;
}

/** Snapshots go out in parts of so many bytes, so that there are some. */
const PART_BYTES = 40;
/** The first byte of what is sealed, and then the epoch. */
const EPOCH_AT = 1;

/** One document. */
export class Vault {
  /** The one to which new sockets connect. */
  static now: Vault;

  readonly sockets = new Set<VaultSocket>();
  entries: Entry[] = [];
  snapshot: Entry | undefined;
  floor = 0;
  /** Whether whoever comes may write. */
  mayWrite = true;
  /** Whether what comes is stored at once. */
  storesAtOnce = true;
  /** How many snapshots were taken, and how many not. */
  readonly snapshots = { taken: 0, stale: 0 };
  /** How many entries were ever taken. */
  taken = 0;
  began = 0;
  #waiting: Waiting[] = [];
  #lastSeq = 0;
  #sockets = 0;

  constructor() {
    Vault.now = this;
  }

  get newest(): number {
    return Math.max(this.snapshot?.seq ?? 0, this.entries.at(-1)?.seq ?? 0);
  }

  /** Stores what waits, and says so to who sent it (P13.5). */
  store(): void {
    for (const { from, id, entry } of this.#waiting.splice(0)) from.tell(kept(id, entry.seq));
  }

  /** The process dies: what waits is lost, and so are all connections. Numbers are not used again. */
  crash(): void {
    const lost = new Set(this.#waiting.splice(0).map(({ entry }) => entry));
    this.entries = this.entries.filter((entry) => !lost.has(entry));
    this.#lastSeq += 1_024;
    for (const socket of [...this.sockets]) socket.ends();
  }

  /** Somebody deletes the document. */
  erase(): void {
    this.#waiting = [];
    this.entries = [];
    this.snapshot = undefined;
    this.#lastSeq = 0;
    this.began = 0;
    for (const socket of [...this.sockets]) socket.ends(4200, { code: "try_again" });
  }

  /** The floor goes up, and everybody is told (P14.2). */
  raise(floor: number): void {
    this.floor = Math.max(this.floor, floor);
    for (const socket of this.sockets) socket.tell(Buffer.concat([of(0x19), uint(this.floor)]));
  }

  join(socket: VaultSocket): void {
    this.sockets.add(socket);
    this.#sockets += 1;
    socket.name = `${this.#sockets}`;
    const said = [...this.sockets].filter(({ state }) => state.length > 0);
    if (said.length > 0) socket.tell(statesOf(said));
  }

  leave(socket: VaultSocket): void {
    if (!this.sockets.delete(socket) || socket.state.length === 0) return;
    socket.state = Buffer.of();
    this.#tellOthers(socket, statesOf([socket]));
  }

  hear(socket: VaultSocket, frame: Buffer): void {
    const reader = new Reader(frame, 1);
    if (frame[0] === 0x10) this.#catchUp(socket, reader.uint());
    else if (frame[0] === 0x14) this.#append(socket, reader.uint(), reader.bytes());
    else if (frame[0] === 0x16)
      this.#replace(socket, reader.uint(), [reader.uint(), reader.uint()], reader.bytes());
    else if (frame[0] === 0x17) this.#hearState(socket, reader.bytes());
    else throw new Error(`a message of an unknown kind: ${frame[0]}`);
    reader.end();
  }

  #catchUp(socket: VaultSocket, since: number): void {
    const { snapshot } = this;
    if (snapshot && snapshot.seq > since) for (const part of partsOf(snapshot)) socket.tell(part);
    const from = Math.max(since, snapshot?.seq ?? 0);
    const missing = this.entries.filter(({ seq }) => seq > from);
    if (missing.length > 0) socket.tell(entriesOf(missing));
    socket.tell(this.#current(1));
  }

  #append(from: VaultSocket, id: number, sealed: Buffer): void {
    if (this.#refuses(from, id, sealed)) return;
    this.taken += 1;
    this.#lastSeq += 1;
    const entry = { seq: this.#lastSeq, sender: from.sender, sealed };
    const isFirst = this.newest === 0;
    this.entries.push(entry);
    this.#waiting.push({ from, id, entry });
    this.#tellOthers(from, entriesOf([entry]));
    if (isFirst) {
      this.began = Date.now();
      this.store();
      for (const socket of this.sockets) socket.tell(this.#current());
    } else if (this.storesAtOnce) this.store();
  }

  #replace(from: VaultSocket, id: number, [base, upto]: [number, number], sealed: Buffer): void {
    if (this.#refuses(from, id, sealed)) return;
    this.store();
    const present = this.snapshot?.seq ?? 0;
    if (base !== present || upto < base || upto > this.newest || upto === 0) {
      this.snapshots.stale += 1;
      from.tell(refused(id, "snapshot_stale", present));
      return;
    }
    this.snapshots.taken += 1;
    this.snapshot = { seq: upto, sender: from.sender, sealed };
    this.entries = this.entries.filter(({ seq }) => seq > upto);
    from.tell(kept(id, upto));
    for (const socket of this.sockets) socket.tell(this.#current());
  }

  #hearState(from: VaultSocket, sealed: Buffer): void {
    if (sealed.length > 0 && epochOf(sealed) < this.floor) {
      from.tell(refused(0, "stale_key_epoch", this.floor));
      return;
    }
    from.state = sealed;
    this.#tellOthers(from, statesOf([from]));
  }

  #refuses(from: VaultSocket, id: number, sealed: Buffer): boolean {
    const code = !this.mayWrite
      ? "not_allowed"
      : epochOf(sealed) < this.floor
        ? "stale_key_epoch"
        : undefined;
    if (code) from.tell(refused(id, code, this.floor));
    return code !== undefined;
  }

  #current(isAnswer = 0): Buffer {
    const { newest, snapshot, floor, mayWrite, began } = this;
    const epoch = snapshot ? epochOf(snapshot.sealed) : 0;
    const numbers = [newest, snapshot?.seq ?? 0, epoch, floor, mayWrite ? 1 : 0, began, isAnswer];
    return Buffer.concat([of(0x13), ...numbers.map(uint)]);
  }

  #tellOthers(from: VaultSocket, frame: Buffer): void {
    for (const socket of this.sockets) if (socket !== from) socket.tell(frame);
  }
}

/** A socket of a client of the newest {@link Vault}. */
export class VaultSocket extends FakeSocket {
  /** Frames of the client, and frames of the server, by their first byte. */
  readonly sentKinds: number[] = [];
  readonly frames: Buffer[] = [];
  state: Buffer = Buffer.of();
  name = "";
  /** Frames that the server has not read yet. Undefined if it reads them at once. */
  unread: Buffer[] | undefined;
  readonly vault = Vault.now;

  /** Who the client is to the server. */
  get sender(): string {
    const { searchParams } = this.url;
    const userId = searchParams.get("userId");
    return userId === null ? `c:${searchParams.get("_pk")}` : `u:${userId}`;
  }

  /** The client gets in. */
  joins(): void {
    this.open();
    this.vault.join(this);
  }

  override send(data: string | Uint8Array): void {
    if (typeof data === "string") super.send(data);
    else if (this.readyState === 1) {
      this.sentKinds.push(data[0] ?? -1);
      this.frames.push(Buffer.from(data));
      if (this.unread) this.unread.push(Buffer.from(data));
      else this.vault.hear(this, Buffer.from(data));
    }
  }

  /** The server reads what has come, and from now on at once. */
  isRead(): void {
    const frames = this.unread ?? [];
    this.unread = undefined;
    for (const frame of frames) this.vault.hear(this, frame);
  }

  override close(code?: number): void {
    super.close(code);
    this.vault.leave(this);
  }

  override ends(code?: number, reason?: Record<string, unknown>): void {
    this.vault.leave(this);
    super.ends(code, reason);
  }

  /** How many messages of this kind the client has sent. */
  amountOf(kind: number): number {
    return this.sentKinds.filter((each) => each === kind).length;
  }

  /** The server sends this frame. */
  tell(frame: Buffer): void {
    if (this.readyState !== 1) return;
    this.dispatchEvent(
      Object.assign(new Event("message"), { data: Uint8Array.from(frame).buffer }),
    );
  }
}

const of = (first: number) => Buffer.of(first);

function uint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}

const framed = (bytes: Buffer | string) => {
  const all = Buffer.from(bytes as Buffer);
  return Buffer.concat([uint(all.length), all]);
};

const entriesOf = (entries: readonly Entry[]) =>
  Buffer.concat([
    of(0x12),
    ...entries.flatMap(({ seq, sender, sealed }) => [uint(seq), framed(sender), framed(sealed)]),
  ]);

const statesOf = (sockets: readonly VaultSocket[]) =>
  Buffer.concat([
    of(0x17),
    ...sockets.flatMap(({ name, sender, state }) => [framed(name), framed(sender), framed(state)]),
  ]);

const kept = (id: number, seq: number) => Buffer.concat([of(0x15), uint(id), uint(seq)]);

const refused = (id: number, code: string, number: number) =>
  Buffer.concat([of(0x18), uint(id), framed(code), uint(number)]);

function partsOf({ seq, sender, sealed }: Entry): Buffer[] {
  const parts = Math.ceil(sealed.length / PART_BYTES);
  return Array.from({ length: parts }, (_, index) =>
    Buffer.concat([
      of(0x11),
      ...[seq, index + 1, parts].map(uint),
      framed(sender),
      framed(sealed.subarray(index * PART_BYTES, (index + 1) * PART_BYTES)),
    ]),
  );
}

function epochOf(sealed: Buffer): number {
  return new Reader(sealed, EPOCH_AT).uint();
}

/** Reads numbers and bytes. Fails where they end too early. */
class Reader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  uint(): number {
    let value = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new Error("the message ends too early");
      value += (byte % 128) * unit;
      if (byte < 128) return value;
    }
  }

  bytes(): Buffer {
    const length = this.uint();
    this.#at += length;
    if (this.#at > this.#bytes.length) throw new Error("the message ends too early");
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw new Error("there is something after the message");
  }
}
