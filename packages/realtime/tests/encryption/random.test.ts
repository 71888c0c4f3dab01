/**
 * A connection to an encrypted project in whatever order things happen: frames, late keys, an app that fails or is
 * silent, rotations, lost connections. A plain list of what was said is the oracle.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Random, SEED } from "../../../../tests/support/random.ts";
import { Repeats } from "../../src/encryption/repeats.ts";
import type { ProjectConnection } from "../../src/index.ts";
import type { SentMessage } from "../support/colleagues.ts";
import {
  event,
  type FakeSocket,
  pass,
  socket,
  untilRetry,
  withFakeClock,
} from "../support/fake-socket.ts";
import { backendEvent, encrypted, KeyApi, Member, readAs, TALKING } from "../support/sealed.ts";

withFakeClock();

type Sender = ProjectConnection<{ "client-x": number }>;
type Frame = Awaited<ReturnType<typeof backendEvent>>;

/** What was said, by its number. */
interface Said {
  readonly number: number;
  readonly epoch: number;
  readonly isDamaged: boolean;
  /** It was under way when the connection was lost, and is not kept. */
  isForgiven: boolean;
}

/** The room, the app and the others, and what they have said. */
class World {
  readonly api = new KeyApi(3);
  readonly random: Random;
  readonly journal: Frame[] = [];
  readonly kept: Said[] = [];
  readonly ephemeral: Said[] = [];
  readonly sent = new Map<number, Said>();
  readonly accepted: SentMessage[] = [];
  readonly ben = new Member("ben");
  floor = 3;
  data: Record<string, unknown> | undefined;
  #numbers = 0;
  #read = 0;
  socket!: FakeSocket;
  project!: ProjectConnection;
  isUp = true;

  constructor(random: Random) {
    this.random = random;
  }

  /** A backend says something, perhaps under the key before. */
  async publish(): Promise<void> {
    const epoch = Math.max(1, this.api.epoch - this.random.below(2));
    const said = this.#said(epoch, this.random.below(8) === 0);
    const seq = this.journal.length + 1;
    const frame = await backendEvent(epoch, "X", said.number, { seq });
    if (said.isDamaged) Object.assign(frame.payload as object, { n: "AAAAAAAAAAAAAAAA" });
    this.kept.push(said);
    this.journal.push(frame);
    if (this.isUp) this.socket.says(this.random.below(2) ? frame : [event("NEWS"), frame]);
  }

  /** Another client says something. */
  async talk(): Promise<void> {
    if (!this.isUp) return;
    const said = this.#said(this.api.epoch, false);
    this.ephemeral.push(said);
    this.socket.says(await this.ben.event(said.epoch, "client-x", said.number));
  }

  /** The client says something. */
  say(): void {
    const said = this.#said(0, false);
    if ((this.project as Sender).send("client-x", said.number)) this.sent.set(said.number, said);
    this.project.setPresence({ at: `t${this.random.below(5)}` });
  }

  rotate(): void {
    this.api.epoch += 1;
    this.floor = this.api.epoch;
    if (this.isUp && this.random.below(4) > 0)
      this.socket.says(event("KEY_EPOCH", { minKeyEpoch: this.floor }));
  }

  /** The server deals with what the client has sent. */
  serve(): void {
    const messages = this.socket.sent.flat() as SentMessage[];
    const news = messages.slice(this.#read);
    this.#read = messages.length;
    for (const message of news) {
      const { k, n } = Object(message.payload ?? message.patch);
      if (message.type === "PING" || !this.isUp) continue;
      const nonce = message.type === "SEND" ? { nonce: n } : {};
      const code = "stale_key_epoch";
      if (k < this.floor)
        this.socket.says(event("ERROR", { code, minKeyEpoch: this.floor, message: "", ...nonce }));
      else if (message.type === "SEND") this.accepted.push(message);
      else this.data = message.patch;
    }
  }

  async cut(): Promise<void> {
    this.serve();
    this.isUp = false;
    this.socket.ends();
    const told = new Set(this.accepted.map(({ payload }) => Object(payload).n));
    assert.equal(told.size, this.accepted.length);
    for (const said of [...this.ephemeral, ...this.sent.values()]) said.isForgiven = true;
  }

  async return(): Promise<void> {
    await pass(untilRetry(this.project));
    this.socket = await socket();
    this.#read = 0;
    this.isUp = true;
    const [, position = 0] = (this.socket.url.searchParams.get("since") ?? "").split(":");
    const data = this.data && [{ connectionId: "ann1", data: this.data }];
    const users = [{ userId: "ann", userName: null, joinedAt: 1, verified: true, data }];
    const seq = this.journal.length;
    this.socket.accepts({ ...TALKING, recovered: true, seq, users, minKeyEpoch: this.floor });
    const missed = this.journal.slice(Number(position));
    if (missed.length > 0) this.socket.says(missed);
  }

  #said(epoch: number, isDamaged: boolean): Said {
    this.#numbers += 1;
    return { number: this.#numbers, epoch, isDamaged, isForgiven: false };
  }
}

async function step(world: World): Promise<void> {
  const { api, random } = world;
  const what = random.below(16);
  if (what < 4) await world.publish();
  else if (what < 6) await world.talk();
  else if (what < 9) world.say();
  else if (what === 9) world.rotate();
  else if (what === 10) api.withheld.add(Math.max(1, api.epoch - random.below(2)));
  else if (what === 11) api.withheld.clear();
  else if (what === 12) api.failure = random.below(2) ? new Error("down") : undefined;
  else if (what === 13)
    api.gate = new Promise((resolve) => setTimeout(resolve, random.below(8_000)));
  else if (what === 14 && world.isUp) await world.cut();
  else if (!world.isUp) await world.return();
  if (random.below(2)) api.keys.refresh();
  if (random.below(3) > 0) await pass(random.of(0, 0, 30, 400, 2_500));
  if (world.isUp && random.below(3) > 0) world.serve();
}

/** Everything works again, and all has been dealt with. */
async function calmDown(world: World): Promise<void> {
  world.api.withheld.clear();
  world.api.failure = undefined;
  world.api.gate = Promise.resolve();
  if (!world.isUp) await world.return();
  world.api.keys.refresh();
  for (let round = 0; round < 12; round += 1) {
    await pass(1_000);
    world.serve();
  }
}

test("each event is told once and in order, or that it can't be read and then later, whatever happens", async () => {
  const random = new Random("encryption");
  for (let round = 0; round < 40; round += 1) {
    const where = `SEED=${SEED} round ${round}`;
    const world = new World(random);
    const { project, first, told } = await encrypted({
      api: world.api,
      plaintextEvents: ["NEWS"],
      payload: { minKeyEpoch: 3 },
    });
    world.project = project;
    world.socket = first;
    for (let count = 0; count < 60; count += 1) await step(world);
    await calmDown(world);
    const numbers = (type: string) =>
      told.filter((event) => event.type === type).map(({ payload }) => payload as number);
    const refused = told
      .filter(({ type }) => type === "undecryptable")
      .map(({ payload }) => payload as { seq?: number; reason: string });

    // Of what is kept, each is told once; what was damaged never, but it is said so.
    const kept = numbers("X");
    const readable = world.kept.filter(({ isDamaged }) => !isDamaged);
    assert.deepEqual(
      kept.toSorted((one, other) => one - other),
      readable.map(({ number }) => number),
      where,
    );
    const refusedSeqs = refused.flatMap(({ seq }) => seq ?? []);
    assert.equal(new Set(refusedSeqs).size, refusedSeqs.length, where);
    for (const [index, { isDamaged }] of world.kept.entries())
      if (isDamaged) assert.ok(refusedSeqs.includes(index + 1), where);

    // In order, but for what had to wait for its key; within an epoch always.
    const late = new Set(
      refused.flatMap(({ seq, reason }) => (reason === "no_key" ? (seq ?? 0) : [])),
    );
    const inTime = kept.filter((number) => !late.has(seqOf(world, number)));
    assert.deepEqual(
      inTime,
      inTime.toSorted((one, other) => one - other),
      where,
    );
    for (const epoch of new Set(world.kept.map(({ epoch }) => epoch))) {
      const ofEpoch = kept.filter(
        (number) => world.kept[seqOf(world, number) - 1]?.epoch === epoch,
      );
      assert.deepEqual(
        ofEpoch,
        ofEpoch.toSorted((one, other) => one - other),
        where,
      );
    }

    // What clients say is told once, if the connection lasted.
    const heard = numbers("client-x");
    assert.equal(new Set(heard).size, heard.length, where);
    for (const { number, isForgiven } of world.ephemeral)
      assert.ok(isForgiven || heard.includes(number), `${where}: ${number} was not heard`);

    // What this client says is accepted once, and no receiver takes any of it for a repeat.
    const repeats = new Repeats();
    const accepted: number[] = [];
    for (const { payload } of world.accepted) {
      const { epoch, session, counter, data } = await readAs("client", "client-x", payload);
      assert.ok(repeats.isNewClientEvent("u:ann", session, epoch, counter), where);
      accepted.push(data);
    }
    assert.equal(new Set(accepted).size, accepted.length, where);
    for (const { number, isForgiven } of world.sent.values())
      assert.ok(isForgiven || accepted.includes(number), `${where}: ${number} was not accepted`);

    // The server has the last presence data, under a key that counts.
    if (world.data) {
      const { epoch, data } = await readAs("presence", "", world.data);
      assert.deepEqual(data, project.self?.data, where);
      assert.ok(epoch >= world.floor, where);
    }
    project.close();
  }
});

const seqOf = (world: World, number: number) =>
  world.kept.findIndex((said) => said.number === number) + 1;
