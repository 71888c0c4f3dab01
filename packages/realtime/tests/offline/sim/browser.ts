/** What the tabs of a device share: storage, locks and channels, which forget a tab that has crashed. */

import type { OfflineStorage } from "../../../src/offline.ts";
import type { Clock } from "./clock.ts";
import type { Random } from "./random.ts";

/** A tab, as long as it lives. */
export interface Life {
  isDead: boolean;
}

export type StorageMode = "ok" | "full" | "fails" | "hangs";

const NEVER = new Promise<never>(() => {});

/** Values by key. It can fail, and a crash can come before or after it has written. */
export class Disk {
  readonly values = new Map<string, unknown>();
  /** Every key that was ever written. */
  readonly written = new Set<string>();
  mode: StorageMode = "ok";
  hasFailed = false;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** As a tab sees it. */
  of(life: Life): OfflineStorage {
    const work = async <T>(isWrite: boolean, action: () => T): Promise<T> => {
      await this.#clock.sleep(this.#random.below(20));
      if (life.isDead) return NEVER;
      if (this.mode !== "ok") this.hasFailed = true;
      if (this.mode === "hangs") return NEVER;
      if (this.mode === "fails" || (this.mode === "full" && isWrite)) throw new Error("storage");
      const result = action();
      await this.#clock.sleep(this.#random.below(5));
      return life.isDead ? NEVER : result;
    };
    return {
      get: (key) => work(false, () => structuredClone(this.values.get(key))),
      keys: () => work(false, () => [...this.values.keys()]),
      del: (key) => work(false, () => this.values.delete(key)),
      set: (key, value) => {
        const copy = structuredClone(value);
        return work(true, () => {
          this.values.set(key, copy);
          this.written.add(key);
        });
      },
    };
  }
}

interface Request {
  life: Life;
  lead: () => Promise<void>;
  reject: (error: Error) => void;
}

/** The Web Locks API: one lock for each name. */
export class Locks {
  readonly #holders = new Map<string, Request>();
  readonly #queues = new Map<string, Request[]>();

  /** As a tab sees it. */
  of(life: Life) {
    return {
      request: (name: string, options: LockOptions, lead: () => Promise<void>) =>
        new Promise<void>((_resolve, reject) => {
          if (life.isDead) return;
          const request = { life, lead, reject };
          const queue = this.#queues.get(name) ?? [];
          this.#queues.set(name, queue);
          if (options.steal) {
            const holder = this.#holders.get(name);
            this.#holders.delete(name);
            if (holder && !holder.life.isDead) holder.reject(abortError());
            queue.unshift(request);
          } else queue.push(request);
          options.signal?.addEventListener("abort", () => {
            const at = queue.indexOf(request);
            if (at >= 0) queue.splice(at, 1);
            if (at >= 0) reject(abortError());
          });
          queueMicrotask(() => this.#grant(name));
        }),
    };
  }

  /** Frees what a tab has held. */
  crash(life: Life): void {
    for (const [name, queue] of this.#queues) {
      const alive = queue.filter((request) => request.life !== life);
      queue.splice(0, queue.length, ...alive);
      if (this.#holders.get(name)?.life === life) this.#holders.delete(name);
      this.#grant(name);
    }
  }

  #grant(name: string): void {
    if (this.#holders.has(name)) return;
    const next = this.#queues.get(name)?.shift();
    if (!next) return;
    this.#holders.set(name, next);
    void next.lead().then(() => {
      if (this.#holders.get(name) !== next) return;
      this.#holders.delete(name);
      this.#grant(name);
    });
  }
}

function abortError(): Error {
  return Object.assign(new Error("aborted"), { name: "AbortError" });
}

interface Listener {
  life: Life;
  onmessage?: (event: { data: unknown }) => void;
}

/** BroadcastChannel: messages arrive late, and in order. */
export class Channels {
  readonly #open = new Map<string, Set<Listener>>();
  readonly #clock: Clock;
  readonly #random: Random;
  #lastAt = 0;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** The class, as a tab sees it. */
  of(life: Life) {
    const channels = this;
    return class {
      life = life;
      onmessage?: (event: { data: unknown }) => void;
      readonly #name: string;

      constructor(name: string) {
        this.#name = name;
        const open = channels.#open.get(name) ?? new Set();
        channels.#open.set(name, open.add(this as Listener));
      }

      postMessage(message: unknown): void {
        if (!life.isDead) channels.#deliver(this.#name, this as Listener, structuredClone(message));
      }

      close(): void {
        channels.#open.get(this.#name)?.delete(this as Listener);
      }
    };
  }

  #deliver(name: string, from: Listener, data: unknown): void {
    const at = Math.max(this.#lastAt, this.#clock.now + this.#random.below(15));
    this.#lastAt = at;
    const to = [...(this.#open.get(name) ?? [])].filter((each) => each !== from);
    setTimeout(() => {
      for (const each of to)
        if (!each.life.isDead) each.onmessage?.({ data: structuredClone(data) });
    }, at - this.#clock.now);
  }
}
