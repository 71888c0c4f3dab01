/** Keeps the keys of requests that write, with their answers, so that each takes effect once. */

import { type IdempotencyStorage, KEPT_MS, type KeptAnswer } from "@validiant/realtime/server";
import { eq, lt, sql } from "drizzle-orm";
import type { Db } from "./database.ts";
import { idempotencyKeys } from "./schema.ts";

export function keysIn(db: Db): IdempotencyStorage<Db> {
  return {
    hold: (key, work) =>
      db.transaction(async (tx) => {
        const lock = sql<boolean>`pg_try_advisory_xact_lock(hashtextextended(${key}, 0))`;
        const [held] = await tx.select({ ok: lock }).from(sql`(values (1)) as once`);
        if (!held?.ok) return undefined;
        const isIt = eq(idempotencyKeys.key, key);
        const [kept] = await tx.select().from(idempotencyKeys).where(isIt);
        return work(tx, kept?.answer);
      }),
    keep: async (tx: Db, key: string, answer: KeptAnswer) => {
      await tx.insert(idempotencyKeys).values({ key, answer });
    },
  };
}

/** Removes the keys that no page can send any more. */
export async function forgetKeys(db: Db): Promise<void> {
  const oldest = sql`now() - ${`${KEPT_MS} ms`}::interval`;
  await db.delete(idempotencyKeys).where(lt(idempotencyKeys.keptAt, oldest));
}
