/** An API with the package's contract, a network that loses and repeats, and a ledger of what it accepted. */

import { MemoryDatabase, type Transaction } from "../../support/transactions.ts";
import type { Clock } from "./clock.ts";
import type { Code } from "./code.ts";
import { type Ledger, type TaskRow, tasks } from "./ledger.ts";
import type { Random } from "./random.ts";

export type NetworkMode = "ok" | "lossy" | "down";
export type ApiMode = "ok" | "slow" | "erring";

interface PatchBody {
  set: Record<string, unknown>;
  act: number;
}

export class Api {
  mode: ApiMode = "ok";
  /** Called when a row has changed. */
  onChange: (row: TaskRow) => void = () => {};
  readonly database = new MemoryDatabase<TaskRow>();
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #code: Code;
  readonly #ledger: Ledger;
  readonly #locks = new Map<string, Promise<void>>();
  #inFlight = 0;

  constructor(clock: Clock, random: Random, code: Code, ledger: Ledger) {
    this.#clock = clock;
    this.#random = random;
    this.#code = code;
    this.#ledger = ledger;
    for (const row of tasks()) this.database.rows.set(row.id, row);
  }

  /** Whether a request is on its way, or a copy of one. */
  get isBusy(): boolean {
    return this.#inFlight > 0;
  }

  /** A request over a network. Rejects if there is no answer. */
  async fetch(request: Request, user: string, network: () => NetworkMode): Promise<Response> {
    const isLost = () => network() === "down" || (network() === "lossy" && this.#random.is(0.25));
    await this.#clock.sleep(1 + this.#random.below(40));
    if (isLost()) throw new TypeError("fetch failed");
    if (network() === "lossy" && this.#random.is(0.15)) void this.#repeat(request.clone(), user);
    const response = await this.#serve(request, user);
    await this.#clock.sleep(1 + this.#random.below(40));
    if (isLost()) throw new TypeError("fetch failed");
    return response;
  }

  /** The network delivers a request a second time, whenever it likes. */
  async #repeat(request: Request, user: string): Promise<void> {
    this.#inFlight += 1;
    await this.#clock.sleep(this.#random.below(40_000));
    await this.#serve(request, user);
    this.#inFlight -= 1;
  }

  async #serve(request: Request, user: string): Promise<Response> {
    this.#inFlight += 1;
    try {
      return await this.#handle(request, user);
    } finally {
      this.#inFlight -= 1;
    }
  }

  async #handle(request: Request, user: string): Promise<Response> {
    const id = new URL(request.url).pathname.slice(1);
    if (request.method === "GET") return Response.json(this.database.rows.get(id));
    this.#ledger.arrived(request.headers.get("idempotency-key"));
    if (this.mode === "erring" && this.#random.is(0.6)) return this.#fails();
    const sent = { request, user, storage: this.database };
    const work: { commit?: () => void; unlock?: () => void } = {};
    try {
      const response = await this.#code.server.idempotent(sent, (tx, body) =>
        this.#patch(tx, id, body, user, work),
      );
      if (response.ok) work.commit?.();
      return response;
    } catch {
      return new Response(null, { status: 500 });
    } finally {
      work.unlock?.();
    }
  }

  /** Waits for the row, as `select for update` does. */
  async #lock(id: string): Promise<() => void> {
    const before = this.#locks.get(id);
    let unlock = () => {};
    this.#locks.set(
      id,
      new Promise<void>((resolve) => {
        unlock = resolve;
      }),
    );
    await before;
    return unlock;
  }

  #fails(): Response {
    const status = this.#random.of([500, 503, 429, 425, 408, 401]) ?? 500;
    const headers: HeadersInit = status === 429 ? { "retry-after": "3" } : {};
    return new Response(null, { status, headers });
  }

  async #patch(
    tx: Transaction<TaskRow>,
    id: string,
    request: Request,
    user: string,
    work: { commit?: () => void; unlock?: () => void },
  ): Promise<Response> {
    const body = (await request.clone().json()) as PatchBody;
    work.unlock = await this.#lock(id);
    await this.#clock.sleep(this.#random.below(this.mode === "slow" ? 45_000 : 8));
    const { decide, readPatch } = this.#code.patch;
    const { refusalOf, rowAnswer } = this.#code.server;
    const patch = readPatch(body);
    const before = this.database.rows.get(id);
    if (!patch || !before) return new Response(null, { status: 404 });
    const decision = decide(this.#ledger.policies, before, patch);
    const refusal = refusalOf(decision, before);
    if (refusal) return refusal;
    if (this.mode === "erring" && this.#random.is(0.2)) throw new Error("it crashed");
    const changes = decision.kind === "apply" ? decision.changes : {};
    const after = { ...before, ...changes, version: before.version + 1 } as TaskRow;
    tx.rows.set(id, after);
    work.commit = () => {
      this.#ledger.accepted({ act: body.act, user, before, after, set: patch.set });
      this.onChange(after);
    };
    return rowAnswer(after);
  }
}
