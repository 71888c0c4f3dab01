/** Histories of faults and acts, as fast-check makes and shrinks them. */

import { onlineManager } from "@tanstack/react-query";
import fc from "fast-check";
import type { ApiMode, NetworkMode } from "./api.ts";
import type { StorageMode } from "./browser.ts";
import type { Code } from "./code.ts";
import { type Choice, type Device, type Field, type Tab, World } from "./world.ts";

/** The model is the ledger, which the world keeps. */
type Model = object;

/** One step of a history, in words. */
class Step implements fc.AsyncCommand<Model, World> {
  readonly #words: string;
  readonly #work: (world: World) => unknown;

  constructor(words: string, work: (world: World) => unknown) {
    this.#words = words;
    this.#work = work;
  }

  check(): boolean {
    return true;
  }

  async run(_model: Model, world: World): Promise<void> {
    await this.#work(world);
    if (world.ledger.wrong.length > 0) throw new Error(world.ledger.wrong.join("; "));
  }

  toString(): string {
    return this.#words;
  }
}

const TABS_AT_MOST = 3;

const who = fc.nat(1);
const which = fc.nat(TABS_AT_MOST - 1);
const network = fc.constantFrom<NetworkMode>("ok", "lossy", "down");
const storage = fc.constantFrom<StorageMode>("ok", "full", "fails", "hangs");
const api = fc.constantFrom<ApiMode>("ok", "slow", "erring");
const fields = fc.constantFrom<Field>("title", "status", "labels", "note");
const choices = fc.constantFrom<Choice>("mine", "theirs", "merged");

function onTab(
  user: number,
  at: number,
  words: string,
  work: (world: World, device: Device, tab: Tab) => unknown,
): Step {
  return new Step(`${user}.${at} ${words}`, (world) => {
    const device = world.devices[user];
    const tab = device?.tabs[at % Math.max(1, device.tabs.length)];
    return device && tab ? work(world, device, tab) : undefined;
  });
}

const act = fc
  .tuple(who, which, fc.constantFrom("t1", "t2"), fields, fc.boolean())
  .map(([user, at, id, field, adds]) =>
    onTab(user, at, `${adds ? "adds to" : "changes"} ${id}.${field}`, (world, device, tab) =>
      world.act(device, tab, id, field, adds),
    ),
  );

const steps = [
  act,
  act,
  act,
  fc
    .constantFrom(3, 40, 400, 4_000, 45_000)
    .map((ms) => new Step(`${ms} ms pass`, (world) => world.clock.pass(ms))),
  fc
    .tuple(who, which)
    .map(([user, at]) =>
      onTab(user, at, "crashes", (world, device, tab) => world.crash(device, tab)),
    ),
  fc.tuple(who, fc.boolean()).map(
    ([user, isFocused]) =>
      new Step(`${user} opens a tab, ${isFocused ? "in front" : "behind"}`, (world) => {
        const device = world.devices[user];
        if (device && device.tabs.length < TABS_AT_MOST) return world.open(device, isFocused);
      }),
  ),
  fc.tuple(who, network).map(
    ([user, mode]) =>
      new Step(`the network of ${user} is ${mode}`, ({ devices }) => {
        if (devices[user]) devices[user].network = mode;
      }),
  ),
  fc.tuple(who, storage).map(
    ([user, mode]) =>
      new Step(`the storage of ${user} is ${mode}`, ({ devices }) => {
        if (devices[user]) devices[user].disk.mode = mode;
      }),
  ),
  api.map(
    (mode) =>
      new Step(`the API is ${mode}`, (world) => {
        world.api.mode = mode;
      }),
  ),
  fc
    .boolean()
    .map(
      (isOnline) =>
        new Step(`the devices say ${isOnline}`, () => onlineManager.setOnline(isOnline)),
    ),
  fc
    .tuple(who, which, choices)
    .map(([user, at, choice]) =>
      onTab(user, at, `answers ${choice}`, (world, device, tab) =>
        world.answer(device, tab, choice),
      ),
    ),
  fc
    .tuple(who, which)
    .map(([user, at]) =>
      onTab(user, at, "undoes", (world, device, tab) => world.undo(device, tab)),
    ),
  fc.tuple(who, which).map(([user, at]) =>
    onTab(user, at, "retries", (_world, _device, { offline }) => {
      const item = offline.queue.items[0];
      if (item?.state === "waiting") offline.retry(item.id);
    }),
  ),
];

/** That every history ends well, as a property of fast-check. */
export function everyHistoryEndsWell(code?: Code) {
  return fc.asyncProperty(
    fc.integer(),
    fc.commands(steps, { maxCommands: 30, size: "+1" }),
    async (seed, commands) => {
      const world = new World(seed, code);
      try {
        for (const device of world.devices) await world.open(device, true);
        await fc.asyncModelRun(() => ({ model: {}, real: world }), commands);
        const wrong = await world.rest();
        if (wrong.length > 0) throw new Error(wrong.join("; "));
      } finally {
        await world.end();
      }
    },
  );
}
