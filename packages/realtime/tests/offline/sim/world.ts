/** Devices with tabs, one API, and people who act. */

import { createHash, webcrypto } from "node:crypto";
import { focusManager, onlineManager, QueryClient, QueryObserver } from "@tanstack/react-query";
import type {
  FieldConflict,
  OfflineMutation,
  OfflineMutations,
  Outcome,
} from "../../../src/offline.ts";
import type { Patch, SetChange } from "../../../src/patch.ts";
import { Api, type NetworkMode } from "./api.ts";
import { Channels, Disk, type Life, Locks } from "./browser.ts";
import { Clock } from "./clock.ts";
import { CODE, type Code } from "./code.ts";
import { type Act, Ledger, type TaskRow, tasks, words } from "./ledger.ts";
import { Random } from "./random.ts";

const ROWS = tasks().map(({ id }) => id);
const PATIENCE_MS = 30 * 60_000;

export type Field = "title" | "status" | "labels" | "note";
export type Choice = "mine" | "theirs" | "merged";
type Change = Patch & { id: string; act: number };

/** A page of a user. */
export interface Tab {
  readonly life: Life;
  readonly client: QueryClient;
  readonly offline: OfflineMutations<{ change: OfflineMutation<Change> }>;
}

export interface Device {
  readonly user: string;
  readonly disk: Disk;
  network: NetworkMode;
  tabs: Tab[];
}

export class World {
  readonly clock = new Clock();
  readonly random: Random;
  readonly ledger: Ledger;
  readonly api: Api;
  readonly devices: Device[];
  readonly #code: Code;
  readonly #locks = new Locks();
  readonly #channels: Channels;
  readonly #restore: (() => void)[] = [];

  constructor(seed: number, code: Code = CODE) {
    this.#code = code;
    this.random = new Random(seed);
    this.#install();
    this.ledger = new Ledger(code);
    this.api = new Api(this.clock, this.random, code, this.ledger);
    this.#channels = new Channels(this.clock, this.random);
    this.devices = ["ann", "ben"].map((user) => ({
      user,
      disk: new Disk(this.clock, this.random),
      network: "ok",
      tabs: [],
    }));
    const diskOf = (user: string) => this.devices.find((each) => each.user === user)?.disk;
    this.ledger.hasFailed = (user) => diskOf(user)?.hasFailed ?? false;
    this.ledger.isStored = ({ user, ids }) => {
      const written = [...(diskOf(user)?.written ?? [])];
      return ids.some((id) => written.some((key) => key.endsWith(id)));
    };
    this.api.onChange = ({ id }) => this.#announce(id);
  }

  /** Everything random, and everything that takes time, is the simulation's. */
  #install(): void {
    const { random } = Math;
    const { digest } = webcrypto.subtle;
    this.clock.install();
    Math.random = () => this.random.next();
    const hash = async (_name: unknown, data: Uint8Array) =>
      createHash("sha256").update(data).digest();
    Object.assign(webcrypto.subtle, { digest: hash });
    const onRejection = (error: unknown) => void this.ledger.wrong.push(`not handled: ${error}`);
    process.on("unhandledRejection", onRejection);
    this.#restore.push(() => {
      this.clock.restore();
      Math.random = random;
      Object.assign(webcrypto.subtle, { digest });
      process.off("unhandledRejection", onRejection);
      Reflect.deleteProperty(globalThis, "navigator");
    });
  }

  /** Ends all pages, and gives the process its own time back. */
  async end(): Promise<void> {
    for (const { tabs } of this.devices)
      for (const { client, offline, life } of tabs) {
        life.isDead = true;
        offline.close();
        client.clear();
      }
    onlineManager.setOnline(true);
    focusManager.setFocused(undefined);
    await this.clock.pass(0);
    for (const restore of this.#restore) restore();
  }

  /** Opens a page, in the foreground or not. */
  async open(device: Device, isFocused: boolean): Promise<void> {
    const life: Life = { isDead: false };
    const client = new QueryClient({
      defaultOptions: { queries: { retry: false, networkMode: "always" } },
    });
    Object.defineProperty(globalThis, "navigator", {
      value: { locks: this.#locks.of(life) },
      configurable: true,
    });
    Object.assign(globalThis, { BroadcastChannel: this.#channels.of(life) });
    focusManager.setFocused(isFocused);
    const fetcher = this.#fetchOf(device, life);
    const { createOfflineMutations } = this.#code.offline;
    const { applied, rebaseBy } = this.#code.patch;
    const { policies } = this.ledger;
    const offline = createOfflineMutations(client, {
      storage: device.disk.of(life),
      user: device.user,
      fetch: fetcher,
      mutations: {
        change: {
          mutationFn: ({ id, ...body }: Change, { fetch }) =>
            fetch(`https://api/${id}`, { method: "PATCH", body: JSON.stringify(body) }),
          scope: ({ id }: Change) => id,
          optimistic: ({ id, set }: Change) => [
            [["row", id], (row: TaskRow) => applied(policies, row, set)],
          ],
          onConflict: rebaseBy(policies),
        },
      },
    });
    focusManager.setFocused(true);
    device.tabs.push({ life, client, offline });
    for (const id of ROWS) {
      const queryFn = async () => {
        const response = await fetcher(`https://api/${id}`);
        return response.json();
      };
      new QueryObserver(client, { queryKey: ["row", id], queryFn }).subscribe(() => {});
    }
    await this.clock.pass(100);
  }

  /** The page ends at once, wherever it is. */
  crash(device: Device, tab: Tab): void {
    tab.life.isDead = true;
    this.#locks.crash(tab.life);
    // Nothing that it does now has an effect: it only lets go of what the process shares.
    tab.offline.close();
    tab.client.clear();
    device.tabs = device.tabs.filter((each) => each !== tab);
  }

  #fetchOf({ user }: Device, life: Life): typeof fetch {
    const device = () => this.devices.find((each) => each.user === user);
    return (async (input: string, init?: RequestInit) => {
      const { signal, ...rest } = init ?? {};
      const request = new Request(input, rest);
      const gone = new Promise<never>((_resolve, reject) => {
        signal?.addEventListener("abort", () => reject(new Error("aborted")));
      });
      gone.catch(() => {});
      if (life.isDead) return new Promise(() => {});
      const answer = this.api
        .fetch(request, user, () => device()?.network ?? "down")
        .then(
          (response) => (life.isDead ? new Promise<never>(() => {}) : response),
          (error) => (life.isDead ? new Promise<never>(() => {}) : Promise.reject(error)),
        );
      return Promise.race([answer, gone]);
    }) as typeof fetch;
  }

  /** The realtime server tells every page. */
  #announce(id: string): void {
    for (const { tabs } of this.devices)
      for (const { client, life } of tabs)
        setTimeout(() => {
          if (!life.isDead) void client.invalidateQueries({ queryKey: ["row", id] });
        }, this.random.below(50));
  }

  /** A person changes a field, on top of what their page shows. */
  act(device: Device, tab: Tab, id: string, field: Field, adds: boolean): void {
    const seen = tab.client.getQueryData<TaskRow>(["row", id]);
    if (!seen) return;
    const act: Act = {
      act: this.ledger.acts.length,
      user: device.user,
      scope: id,
      added: [],
      removed: [],
      after: tab.offline.queue.items.map(({ variables }) => (variables as Change).act),
      ids: [],
    };
    const set = this.#change(seen, field, adds, act);
    this.ledger.acts.push(act);
    const { patchOf } = this.#code.patch;
    const change = { ...patchOf(seen, set), id, act: act.act };
    const { id: name, outcome } = tab.offline.mutate("change", change);
    act.ids.push(name);
    void outcome.then((outcome) => this.#ended(act, outcome));
  }

  #ended(act: Act, outcome: Outcome): void {
    act.outcome = outcome;
    if (outcome.status === "conflict") act.isAsked = true;
    if (outcome.status === "refused")
      this.ledger.wrong.push(`act ${act.act} was refused: ${outcome.reason}`);
  }

  #change(seen: TaskRow, field: Field, adds: boolean, act: Act): Record<string, unknown> {
    const word = `${field.charAt(0)}${act.act}`;
    switch (field) {
      case "status":
        return { status: word };
      case "note":
        act.seenNote = seen.note;
        return { note: word };
      case "title": {
        const all = words(seen.title);
        const at = this.random.below(all.length + 1);
        if (adds || all.length === 0) act.added.push(...[word], ...all.splice(at, 0, word));
        else act.removed.push(...all.splice(this.random.below(all.length), 1));
        return { title: all.join(" ") };
      }
      case "labels": {
        const gone = this.random.of(seen.labels);
        if (adds || gone === undefined) act.added.push(word);
        else act.removed.push(gone);
        const change: SetChange = adds || gone === undefined ? { add: [word] } : { remove: [gone] };
        return { labels: change };
      }
    }
  }

  /** A person answers the oldest question. */
  answer(device: Device, tab: Tab, choice: Choice): void {
    const item = tab.offline.queue.items.find(({ state }) => state === "conflict");
    if (item?.outcome?.status !== "conflict") return;
    const { ask, variables } = item.outcome;
    const change = variables as Change;
    const act = this.ledger.acts[change.act];
    if (!act) return;
    act.isAsked = true;
    // Nobody answers in two windows within a second.
    if (this.clock.now - (act.answeredAt ?? 0) < 1_000) return;
    act.answeredAt = this.clock.now;
    const values = Object.fromEntries(ask.map((each) => [each.field, each[choice]]));
    for (const each of ask) this.#decide(act, each, values[each.field] as string);
    const { decided } = this.#code.offline;
    const next = decided(item.outcome, values);
    if (next) tab.offline.retry(item.id, next);
    else tab.offline.discard(item.id);
    void device;
  }

  /** The person has seen both, so what is left out now is removed knowingly. */
  #decide(act: Act, { field, theirs }: FieldConflict, value: string): void {
    if (field === "note") act.seenNote = theirs as string;
    if (field !== "title") return;
    const kept = words(value);
    act.removed.push(...words(theirs as string).filter((word) => !kept.includes(word)));
    act.added = act.added.filter((word) => kept.includes(word));
  }

  /** A person undoes the newest act that waits. */
  undo(device: Device, tab: Tab): void {
    const item = tab.offline.queue.items.findLast(({ state }) => state === "waiting");
    const act = item && this.ledger.acts[(item.variables as Change).act];
    if (!item || !act) return;
    act.isGivenUp = true;
    const isSure = !this.ledger.hasArrived(item.key) && !act.isAsked && device.tabs.length === 1;
    if (isSure && !device.disk.hasFailed)
      void act.ids.length === 1 && this.#noteUndone(act, tab, item.id);
    tab.offline.discard(item.id);
  }

  #noteUndone(act: Act, tab: Tab, id: string): void {
    const off = tab.offline.subscribe(() => {
      if (act.outcome?.status === "discarded") act.isUndone = !this.#wasSent(act);
      if (!tab.offline.queue.items.some((item) => item.id === id)) off();
    });
  }

  #wasSent(act: Act): boolean {
    return act.ids.some((id) => this.ledger.hasArrived(id));
  }

  /** Every fault ends, questions are answered, and nothing is left to do. Says what is wrong then. */
  async rest(): Promise<string[]> {
    onlineManager.setOnline(true);
    this.api.mode = "ok";
    for (const device of this.devices) {
      device.network = "ok";
      device.disk.mode = "ok";
      if (device.tabs.length === 0) await this.open(device, true);
    }
    // As when a person comes back to the page: it reads what it could not read before.
    for (const { tabs } of this.devices) for (const { offline } of tabs) void offline.idle();
    await this.clock.pass(5_000);
    const end = this.clock.now + PATIENCE_MS;
    while (!this.#isResting() && this.clock.now < end) {
      for (const device of this.devices)
        for (const tab of device.tabs.slice(0, 1)) this.answer(device, tab, this.#anyChoice());
      await this.clock.pass(2_000);
    }
    if (!this.#isResting()) this.ledger.wrong.push("it never came to rest");
    await this.#resync();
    this.#compare();
    this.#account();
    return this.ledger.wrong;
  }

  #anyChoice(): Choice {
    return this.random.of(["mine", "theirs", "merged"] as const) ?? "mine";
  }

  #isResting(): boolean {
    const isEmpty = this.devices.every(({ tabs }) =>
      tabs.every(({ offline }) => offline.queue.items.length === 0),
    );
    return isEmpty && !this.api.isBusy;
  }

  async #resync(): Promise<void> {
    for (const { tabs } of this.devices)
      for (const { client, offline } of tabs)
        void offline.idle().then(() => client.invalidateQueries());
    await this.clock.pass(20_000);
  }

  /** All pages show what the API has. */
  #compare(): void {
    for (const { user, tabs } of this.devices)
      for (const { client } of tabs)
        for (const id of ROWS) {
          const [is, shown] = [this.api.database.rows.get(id), client.getQueryData(["row", id])];
          if (JSON.stringify(is) !== JSON.stringify(shown))
            this.ledger.wrong.push(
              `${user} sees ${JSON.stringify(shown)}, not ${JSON.stringify(is)}`,
            );
        }
  }

  /** Every act was applied, or told, or died with its page before it could be stored. */
  #account(): void {
    for (const act of this.ledger.acts) {
      const { act: n, outcome, isAsked, isGivenUp } = act;
      if (this.ledger.accepted_.some((accepted) => accepted.act === n)) continue;
      if (this.ledger.isStored(act) && !isAsked && !isGivenUp)
        this.ledger.wrong.push(`act ${n} is gone: ${outcome?.status}`);
    }
  }
}
