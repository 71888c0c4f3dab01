/**
 * Chaos: clients that return with their position, publishers that repeat themselves, and a killer, all at once. At
 * the end every client has every event that is meant for it, once and in order.
 */

import { setTimeout as pause } from "node:timers/promises";
import type { Counts } from "./notes.ts";
import type { World } from "./world.ts";

const PUBLISHERS_PER_ROOM = 3;
const PATIENCE_MS = 60_000;
/** A kill falls anywhere in what is then in flight. */
const LONGEST_BLINK_MS = 30;
/** From listening, in which the clients stream back: a kill that is early falls into that. */
const STREAMING_BACK_MS = 400;
const ONE_IS_EARLY_OF = 4;
const MOST_EVENTS_BETWEEN = 120;
/** How many events go by until a client drops its connection. */
const MOST_EVENTS_BETWEEN_DROPS = 6;

export interface Plan {
  /** Whether the runtime has been killed often enough. */
  isEnough: (counts: Counts) => boolean;
  onKill?: (counts: Counts) => void;
}

export interface Report {
  counts: Counts;
  violations: string[];
}

/** Runs until it is enough, and judges. */
export async function runChaos(world: World, plan: Plan): Promise<Report> {
  let isOver = false;
  const publishing = Promise.all([dropClients(world, () => isOver), publish(world, () => isOver)]);
  try {
    // Publishing ends first only by failing.
    await Promise.race([killAndKill(world, plan), publishing]);
  } finally {
    isOver = true;
    world.notes.bell.ring();
  }
  await publishing;
  await world.settle();
  world.judge({ isEnd: true });
  return { counts: { ...world.notes.counts }, violations: [...world.notes.violations] };
}

async function publish(world: World, isOver: () => boolean): Promise<void> {
  const publishers = world.rooms.flatMap((room) =>
    Array.from({ length: PUBLISHERS_PER_ROOM }, (_, index) =>
      world.publisher(`publisher ${index}`, room),
    ),
  );
  await Promise.all(publishers.map((publisher) => publisher.run(isOver)));
}

async function killAndKill(world: World, { isEnough, onKill }: Plan): Promise<void> {
  const { random, notes } = world;
  while (!isEnough(notes.counts)) {
    const isEarly = random.below(ONE_IS_EARLY_OF) === 0;
    if (!isEarly) await untilBusy(world);
    await pause(random.below(isEarly ? STREAMING_BACK_MS : LONGEST_BLINK_MS));
    await world.crash();
    world.judge();
    onKill?.(notes.counts);
  }
}

/** Until events were published and clients have come back: most times not all. */
async function untilBusy(world: World): Promise<void> {
  const { random, notes, clients } = world;
  const events = notes.counts.events + random.below(MOST_EVENTS_BETWEEN);
  const back = (clients.length * random.of(0.2, 0.6, 0.9, 1)) | 0;
  const isBusy = () => notes.counts.events >= events && world.returned >= back;
  await notes.bell.until(isBusy, `${events} events and ${back} clients`, PATIENCE_MS);
}

/** Clients lose their connections also while the server is up, at any point of the stream. */
async function dropClients(world: World, isOver: () => boolean): Promise<void> {
  const { random, notes, clients } = world;
  while (!isOver()) {
    const events = notes.counts.events + 1 + random.below(MOST_EVENTS_BETWEEN_DROPS);
    const isTime = () => isOver() || notes.counts.events >= events;
    await notes.bell.until(isTime, `${events} events`, PATIENCE_MS);
    const client = random.of(...clients);
    if (random.below(2) === 0) client.reconnect();
    else client.lose();
    notes.count("drops");
  }
}
