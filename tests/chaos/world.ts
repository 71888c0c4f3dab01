/** A runtime that can be crashed, rooms on it, and clients in them. */

import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Random } from "../support/random.ts";
import { Runtime } from "../support/runtime.ts";
import { OPEN, SECRET } from "../support/target.ts";
import { ChaosClient } from "./client.ts";
import { Notes } from "./notes.ts";
import { Publisher } from "./publisher.ts";
import { ChaosRoom } from "./room.ts";

const DEFAULT_HISTORY_SIZE = 256;
const PATIENCE_MS = 30_000;
/**
 * Below those that systems give to outgoing connections: while the server is down, such a one could take its port,
 * or be connected to itself.
 */
const PORTS = { first: 20_000, amount: 12_000 };
const MOST_PORTS_TRIED = 20;

export interface WorldOptions {
  clients: number;
  rooms: number;
  /** In each room; one client in `users + 1` is anonymous. */
  users: number;
  /** The setting of this name; its default if absent. */
  historySize?: number;
  /** Other settings. */
  vars?: Record<string, string>;
}

export class World {
  readonly notes = new Notes();
  readonly random = new Random("chaos");
  readonly runtime: Runtime;
  readonly rooms: ChaosRoom[];
  readonly clients: ChaosClient[];
  /** Those who have left for good. What they had until then is judged, too. */
  readonly #departed: ChaosClient[] = [];
  /** A runtime must not outlive a run that fails so badly that nobody calls `stop`. */
  readonly #onExit = () => void this.runtime.kill();

  private constructor(runtime: Runtime, { clients, rooms, users, historySize }: WorldOptions) {
    this.runtime = runtime;
    process.once("exit", this.#onExit);
    const place = {
      host: new URL(runtime.url).host,
      historySize: historySize ?? DEFAULT_HISTORY_SIZE,
      users: Array.from({ length: users }, (_, index) => `user-${index}`),
    };
    this.rooms = Array.from({ length: rooms }, () => new ChaosRoom(place));
    this.clients = Array.from({ length: clients }, (_, index) => this.#client(index));
  }

  /** Lets more clients in, without waiting for them. */
  arrive(clients: number): void {
    for (let arrived = 0; arrived < clients; arrived += 1)
      this.clients.push(this.#client(this.clients.length));
  }

  /** Lets clients go for good, until so many are left. */
  departUntil(left: number): void {
    for (const client of this.clients.splice(left)) {
      client.close();
      client.room.clients.splice(client.room.clients.indexOf(client), 1);
      this.#departed.push(client);
    }
  }

  /** Resolves when all clients are connected. */
  static async start(options: WorldOptions): Promise<World> {
    const HISTORY_SIZE = options.historySize?.toString();
    const runtime = await Runtime.start({
      vars: { BROADCAST_SECRET: SECRET, ...OPEN, HISTORY_SIZE, ...options.vars },
    });
    let world: World | undefined;
    try {
      await moveToLastingPort(runtime);
      world = new World(runtime, options);
      await world.untilReturned();
      return world;
    } catch (error) {
      await (world ?? runtime).stop();
      throw error;
    }
  }

  #client(index: number): ChaosClient {
    const [random, room] = [this.random, this.random.of(...this.rooms)];
    const traits = {
      name: `client ${index}`,
      userId: random.of(...room.users, undefined),
      takesBatches: random.below(3) === 0,
      returnMs: 50 + random.below(250),
    };
    const client = new ChaosClient(room, traits, this.notes);
    room.clients.push(client);
    return client;
  }

  publisher(name: string, room: ChaosRoom): Publisher {
    return new Publisher(name, room, this.notes, new Random(name));
  }

  /** Publications that go on whatever happens. */
  readonly #followed: Promise<void>[] = [];

  follow(publication: Promise<void>): void {
    // Whether it failed is known when it is awaited.
    publication.catch(() => {});
    this.#followed.push(publication);
  }

  /** Resolves when all of them are answered. */
  async followed(): Promise<void> {
    await Promise.all(this.#followed.splice(0));
  }

  /** How many clients were let in since the last crash. */
  get returned(): number {
    return this.clients.filter(({ hasReturned }) => hasReturned).length;
  }

  /** Resolves when everybody has been told of everybody, or in a large room how many they are (P5.5). */
  async untilToldOf(what: "users" | "their number"): Promise<void> {
    const knows = ({ company, room }: ChaosClient) =>
      what === "users" ? company.isOf(room.present()) : company.count === room.present().size;
    const wrong = () => this.clients.filter((client) => !knows(client));
    const isSo = () => wrong().length === 0;
    const wait = this.notes.bell.until(isSo, `all to be told of ${what}`, PATIENCE_MS);
    await wait.catch((error: Error) => {
      for (const client of wrong())
        this.notes.violation(`${client}: ${error.message}, has ${client.company}`);
    });
  }

  async untilReturned(): Promise<void> {
    const areBack = () => this.returned === this.clients.length;
    await this.notes.bell.until(areBack, "all clients to be let in", PATIENCE_MS);
  }

  /** Ends the runtime without a warning, and starts it again on the same storage. */
  async crash(between: () => Promise<void> = async () => {}): Promise<void> {
    await this.runtime.kill();
    this.notes.count("kills");
    for (const client of this.clients) client.hasReturned = false;
    this.#readLog();
    await between();
    await this.runtime.run();
    this.notes.bell.ring();
  }

  /** The same, on an empty disk. What was published before must have been judged: it never was, from here on. */
  async crashAndLoseDisk(): Promise<void> {
    const disk = join(this.runtime.folder, "storage");
    await this.crash(async () => {
      await rm(disk, { recursive: true });
      await mkdir(disk);
      for (const { ledger } of this.rooms) ledger.restart();
    });
  }

  /** Whatever a Worker logs as an error is unexpected. The rest is dropped, because a run can be long. */
  #readLog(): void {
    for (const line of this.runtime.log.splice(0))
      if (line.includes('"level":"error"')) this.notes.violation(`the Worker logged ${line}`);
  }

  /** Publishes an event for everybody to each room, and waits until everybody connected has it. */
  async publishToAll(): Promise<void> {
    await Promise.all(
      this.rooms.map((room) => this.#publishTo(room, ({ isConnected }) => isConnected)),
    );
  }

  /** Publishes a last event to each room and waits until all have it; any event that is then missing is lost. */
  async settle(): Promise<void> {
    await Promise.all(this.rooms.map((room) => this.#publishTo(room, () => true)));
  }

  async #publishTo(room: ChaosRoom, isToWait: (client: ChaosClient) => boolean): Promise<void> {
    await this.publisher("the last", room).publish([{ id: room.nextEventId() }]);
    const { ledger, clients } = room;
    const late = () =>
      clients.filter((client) => isToWait(client) && !client.hasReached(ledger.newest));
    const what = `event ${ledger.newest} in ${room.id}`;
    const wait = this.notes.bell.until(() => late().length === 0, what, PATIENCE_MS);
    await wait.catch((error: Error) => {
      for (const client of late()) this.notes.violation(`${client}: ${error.message}`);
    });
  }

  /** Judges what the clients got so far; at the end of a run also that nothing is missing. */
  judge({ isEnd = false } = {}): void {
    for (const client of this.#departed) client.judge(false);
    for (const client of this.clients) client.judge(isEnd);
    if (!isEnd) return;
    for (const { id, ledger } of this.rooms)
      if (ledger.complete < ledger.newest) this.notes.violation(`${id}: not all are answered`);
    this.#readLog();
  }

  async stop(): Promise<void> {
    for (const client of this.clients) client.close();
    await this.runtime.stop();
    process.off("exit", this.#onExit);
  }
}

async function moveToLastingPort(runtime: Runtime): Promise<void> {
  await runtime.kill();
  for (let tries = 1; ; tries += 1) {
    runtime.port = PORTS.first + Math.trunc(Math.random() * PORTS.amount);
    try {
      return await runtime.run();
    } catch (error) {
      if (tries === MOST_PORTS_TRIED) throw error;
    }
  }
}
