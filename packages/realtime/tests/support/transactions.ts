/** A database in memory: rows and kept answers, written together or not at all. */

import type { IdempotencyStorage, KeptAnswer } from "../../src/server.ts";

/** What a transaction writes. */
export class Transaction<Row> {
  readonly rows = new Map<string, Row>();
  readonly kept = new Map<string, KeptAnswer>();
}

export class MemoryDatabase<Row> implements IdempotencyStorage<Transaction<Row>> {
  readonly rows = new Map<string, Row>();
  readonly kept = new Map<string, KeptAnswer>();
  readonly #held = new Set<string>();

  async hold<T>(
    key: string,
    work: (tx: Transaction<Row>, kept: KeptAnswer | undefined) => Promise<T>,
  ): Promise<T | undefined> {
    if (this.#held.has(key)) return undefined;
    this.#held.add(key);
    try {
      const tx = new Transaction<Row>();
      const result = await work(tx, this.kept.get(key));
      for (const [id, row] of tx.rows) this.rows.set(id, row);
      for (const [id, answer] of tx.kept) this.kept.set(id, answer);
      return result;
    } finally {
      this.#held.delete(key);
    }
  }

  async keep(tx: Transaction<Row>, key: string, answer: KeptAnswer): Promise<void> {
    tx.kept.set(key, answer);
  }
}
