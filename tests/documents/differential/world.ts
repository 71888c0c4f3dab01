/** Several windows on one document, and a server that fails in every way: at the end all must have the same. */

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import * as Y from "yjs";
import { SharedDocument } from "../../support/document.ts";
import { idle } from "../../support/hibernation.ts";
import { Random } from "../../support/random.ts";
import { KINDS, Replica } from "../../support/replica.ts";
import type { Runtime } from "../../support/runtime.ts";
import type { Server } from "../../support/target.ts";
import { clear, edit, paste } from "./edits.ts";
import { Member } from "./member.ts";

const MEMBERS = 3;
const PATIENCE_MS = 30_000;
const CHECK_MS = 20;
/** A few of them make the log long enough for a compaction. */
const PASTE = 24_000;

/** What happened, by how often. */
export type Counts = Record<string, number>;

export interface WorldOptions {
  server: Server;
  /** Without one, it is never killed. */
  runtime: Runtime | undefined;
  seed: number;
}

/** A client of any kind. */
interface Window {
  readonly kind: string;
  readonly doc: Y.Doc;
  connect(): void;
  disconnect(): void;
  drop(): void;
  end(): void;
}

export class World {
  readonly counts: Counts = {};
  readonly shared: SharedDocument;
  readonly #random: Random;
  readonly #runtime: Runtime | undefined;
  readonly #members: Member[];
  readonly #others: Window[];
  /** All that was ever acknowledged, also to members who have lost everything since. */
  readonly #acknowledged: Uint8Array[] = [];

  constructor({ server, runtime, seed }: WorldOptions) {
    this.#random = new Random("documents", seed);
    this.#runtime = runtime;
    this.shared = new SharedDocument(server);
    this.#members = Array.from({ length: MEMBERS }, () => new Member(this.shared, this.#newDoc()));
    for (const member of this.#members) member.connect();
    this.#others = KINDS.map((kind) => stock(new Replica(kind, this.shared, this.#options())));
  }

  get #windows(): Window[] {
    return [...this.#members, ...this.#others];
  }

  async run(steps: number): Promise<void> {
    for (let step = 0; step < steps; step += 1) {
      await this.#step();
      await pause(this.#random.of(0, 0, 0, 1, 5, 30));
    }
  }

  async #step(): Promise<void> {
    const random = this.#random;
    const choice = random.below(1_000);
    if (choice < 850) this.#do("edits", () => edit(random.of(...this.#windows).doc, random));
    else if (choice < 875) this.#do("pastes", () => this.#paste());
    else if (choice < 885) this.#do("clearings", () => clear(this.#any().doc, random));
    else if (choice < 910) this.#do("drops", () => this.#any().drop());
    else if (choice < 935) this.#do("leaves", () => this.#any().disconnect());
    else if (choice < 965) this.#do("returns", () => this.#any().connect());
    else if (choice < 975) this.#do("lost disks", () => this.#loseDisk());
    else if (choice < 980) this.#do("new beginnings", () => this.#allLeaveAndReturn());
    else if (choice < 990) await this.#read();
    else await this.#crash();
  }

  #do(what: string, action: () => void): void {
    this.#count(what);
    action();
  }

  #count(what: string, amount = 1): void {
    this.counts[what] = (this.counts[what] ?? 0) + amount;
  }

  #any(): Window {
    return this.#random.of(...this.#windows);
  }

  #paste(): void {
    paste(this.#any().doc, this.#random, this.#random.of(500, PASTE));
  }

  /** A member starts anew with nothing, as after a private window. Only what it had saved must be kept. */
  #loseDisk(): void {
    const index = this.#random.below(this.#members.length);
    const [lost] = this.#members.splice(index, 1, new Member(this.shared, this.#newDoc()));
    this.#keep(lost as Member);
    lost?.end();
    this.#members[index]?.connect();
  }

  #keep({ acknowledged }: Member): void {
    this.#count("acknowledged", acknowledged.length);
    this.#acknowledged.push(...acknowledged.splice(0));
  }

  #allLeaveAndReturn(): void {
    for (const window of this.#windows) window.disconnect();
    for (const window of this.#windows) window.connect();
  }

  /** What the server reads is whole, whatever happens: nothing in it builds on something that it lacks. */
  async #read(): Promise<void> {
    this.#count("reads");
    const response = await this.shared.read();
    if (response.status === 404) return void (await response.body?.cancel());
    assert.equal(response.status, 200);
    const doc = docOf(new Uint8Array(await response.arrayBuffer()));
    assert.equal(doc.store.pendingStructs, null);
  }

  /** Kills the server, and starts it again. */
  async #crash(): Promise<void> {
    if (this.#runtime === undefined) return;
    this.#count("crashes");
    await this.#runtime.kill();
    for (const member of this.#members) this.#keep(member);
    await this.#runtime.run();
  }

  /** Nobody says anything until the document has fallen asleep. A client of y-websocket would, every 15 s. */
  async sleep(): Promise<void> {
    this.#count("sleeps");
    for (const window of this.#others) if (window.kind === "y-websocket") window.disconnect();
    await idle();
  }

  /** Waits until all have the same, and asserts that the server has it, and all that it ever acknowledged. */
  async settle(): Promise<void> {
    for (const window of this.#windows) window.connect();
    edit(this.#any().doc, this.#random);
    await this.#converged();
    const stored = docOf(await this.shared.whole());
    const [{ doc }] = this.#windows as [Window];
    assert.ok(same(stored, doc), "what the server has is what all have");
    for (const member of this.#members) this.#keep(member);
    for (const update of this.#acknowledged.splice(0)) Y.applyUpdate(stored, update);
    assert.ok(same(stored, doc), "nothing that was acknowledged is lost");
    assert.equal(await this.shared.text("text"), doc.getText("text").toString());
  }

  /** Waits until the replicas' bytes are equal, and equal to what the server says. */
  async #converged(): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (!(await this.#isConverged())) {
      assert.ok(performance.now() < deadline, `not the same in time: ${this.#differences()}`);
      await pause(CHECK_MS);
    }
  }

  async #isConverged(): Promise<boolean> {
    const [first, ...others] = this.#windows as [Window, ...Window[]];
    if (!others.every(({ doc }) => same(doc, first.doc))) return false;
    const response = await this.shared.read();
    const bytes = new Uint8Array(await response.arrayBuffer());
    return response.status === 200 && same(docOf(bytes), first.doc);
  }

  #differences(): string {
    const [{ doc }] = this.#windows as [Window];
    return this.#windows
      .map((window) => {
        const same = isDeepStrictEqual(window.doc.toJSON(), doc.toJSON());
        const pending = window.doc.store.pendingStructs === null ? "" : ", something is pending";
        const values = same ? "same value" : "other value";
        return `${window.kind}: ${Y.encodeStateAsUpdate(window.doc).length} bytes, ${values}${pending}`;
      })
      .join("; ");
  }

  end(): void {
    for (const window of this.#windows) window.end();
  }

  #options() {
    return { doc: this.#newDoc() };
  }

  #newDoc(): Y.Doc {
    const doc = new Y.Doc();
    doc.clientID = this.#random.below(2 ** 32);
    return doc;
  }
}

function docOf(update: Uint8Array): Y.Doc {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, update);
  return doc;
}

/** By their bytes, after a reload: how Yjs cuts what is deleted depends on when it was. */
function same(one: Y.Doc, other: Y.Doc): boolean {
  const vectors = [one, other].map((doc) => Y.decodeStateVector(Y.encodeStateVector(doc)));
  if (!isDeepStrictEqual(vectors[0], vectors[1])) return false;
  const [mine, its] = [one, other].map((doc) =>
    Y.encodeStateAsUpdate(docOf(Y.encodeStateAsUpdate(doc))),
  ) as [Uint8Array, Uint8Array];
  return Buffer.compare(mine, its) === 0;
}

function stock(replica: Replica): Window {
  const { kind, doc, provider } = replica;
  return {
    kind,
    doc,
    connect: () => void provider.connect(),
    disconnect: () => provider.disconnect(),
    drop: () => replica.drop(),
    end: () => replica.end(),
  };
}
