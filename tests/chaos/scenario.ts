/**
 * Chaos: clients that return with their position, publishers that repeat themselves, and a killer, all at once, who
 * prefers the moments at which an event has been seen and not written. At the end every client has every event that is
 * meant for it, once and in order, or was told that one which it had seen was lost.
 */

import { setTimeout as pause } from "node:timers/promises";
import { within } from "../support/inbox.ts";
import type { Counts } from "./notes.ts";
import type { World } from "./world.ts";

const PUBLISHERS_PER_ROOM = 3;
const PATIENCE_MS = 60_000;
/** A kill falls anywhere in what is then in flight. */
const LONGEST_BLINK_MS = 30;
/** From listening, in which the clients stream back: a kill that is early falls into that. */
const STREAMING_BACK_MS = 400;
/** How many events a client may get before it is too late for a kill that waits for one. */
const BURST = 30;
const MOST_EVENTS_BETWEEN = 120;
/** How many events go by until a client drops its connection. */
const MOST_EVENTS_BETWEEN_DROPS = 6;

export interface Plan {
  /** Whether the runtime has been killed often enough. */
  isEnough: (counts: Counts) => boolean;
  /** How the server crashes, if that is not all. */
  crash?: ((world: World) => Promise<void>) | undefined;
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
  await world.followed();
  await world.settle();
  await world.untilToldOf("their number");
  world.judge({ isEnd: true });
  return { counts: { ...world.notes.counts }, violations: [...world.notes.violations] };
}

/** Backends publish until it is over. */
export async function publish(world: World, isOver: () => boolean): Promise<void> {
  const publishers = world.rooms.flatMap((room) =>
    Array.from({ length: PUBLISHERS_PER_ROOM }, (_, index) =>
      world.publisher(`publisher ${index}`, room),
    ),
  );
  await Promise.all(publishers.map((publisher) => publisher.run(isOver)));
}

/** When the runtime is killed. */
const MOMENTS = [
  whenBusy,
  whenBusy,
  whileStreamingBack,
  onDelivery,
  onFirstDelivery,
  onReturn,
  inBurst,
];

async function whenBusy(world: World): Promise<void> {
  await untilBusy(world);
  await pause(world.random.below(LONGEST_BLINK_MS));
}

async function whileStreamingBack({ random }: World): Promise<void> {
  await pause(random.below(STREAMING_BACK_MS));
}

/** A client has just got an event: its backend is not answered yet, and it may not be on the disk. */
async function onDelivery(world: World): Promise<void> {
  await untilBusy(world);
  await untilDelivered(world, 1 + world.random.below(3));
}

/** A client has just got the first event of a life. */
async function onFirstDelivery(world: World): Promise<void> {
  await untilDelivered(world, 1);
}

/** A client has just got an event, has come back at once, and has been told what the room knows. */
async function onReturn(world: World): Promise<void> {
  const { notes, runtime } = world;
  await untilBusy(world);
  const { promise, resolve } = Promise.withResolvers<void>();
  notes.onDelivery = (client) => {
    notes.onDelivery = undefined;
    // Not in the middle of a frame with several events.
    queueMicrotask(() => client.reconnect());
    notes.onWelcome = (other) => {
      if (other === client) resolve(runtime.kill());
    };
  };
  try {
    await within(promise, "a client to come back", PATIENCE_MS);
  } finally {
    [notes.onDelivery, notes.onWelcome] = [undefined, undefined];
  }
}

/** Backends publish at once more than one write takes. */
async function inBurst(world: World): Promise<void> {
  await untilBusy(world);
  const room = world.random.of(...world.rooms);
  const publishers = Array.from({ length: BURST }, (_, index) =>
    world.publisher(`burst ${world.notes.counts.kills}-${index}`, room),
  );
  for (const publisher of publishers) world.follow(publisher.publish([{ id: room.nextEventId() }]));
  await untilDelivered(world, 1 + world.random.below(BURST));
}

/** Until so many events were delivered; the runtime is killed in the same turn. */
async function untilDelivered({ notes, runtime }: World, deliveries: number): Promise<void> {
  let left = deliveries;
  const { promise, resolve } = Promise.withResolvers<void>();
  notes.onDelivery = () => {
    left -= 1;
    if (left > 0) return;
    notes.onDelivery = undefined;
    resolve(runtime.kill());
  };
  try {
    await within(promise, `${deliveries} deliveries`, PATIENCE_MS);
  } finally {
    notes.onDelivery = undefined;
  }
}

async function killAndKill(world: World, { isEnough, crash, onKill }: Plan): Promise<void> {
  const { random, notes } = world;
  while (!isEnough(notes.counts)) {
    const moment = random.of(...MOMENTS);
    await moment(world);
    await (crash?.(world) ?? world.crash());
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
export async function dropClients(world: World, isOver: () => boolean): Promise<void> {
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
