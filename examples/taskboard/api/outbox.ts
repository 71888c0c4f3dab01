/**
 * The events that a request sends are stored in its transaction, and sent when it has ended. An API that
 * is killed in between sends them at its next start.
 */

import type { Broadcaster } from "@validiant/realtime/server";
import { asc, inArray } from "drizzle-orm";
import type { Db } from "./database.ts";
import { outbox } from "./schema.ts";

type Method = "broadcastToProject" | "broadcastToUsers" | "broadcastTaskEvent";

/** What announces: a {@link Broadcaster}, or what only notes down what is to be sent. */
export type Voice = Pick<Broadcaster, Method>;

export interface Telling {
  method: Method;
  args: unknown[];
}

/** Notes down what is said. */
export function noteDown(): { voice: Voice; said: Telling[] } {
  const said: Telling[] = [];
  const note =
    (method: Method) =>
    async (...args: unknown[]) =>
      void said.push({ method, args });
  const voice: Voice = {
    broadcastToProject: note("broadcastToProject"),
    broadcastToUsers: note("broadcastToUsers"),
    broadcastTaskEvent: note("broadcastTaskEvent"),
  };
  return { voice, said };
}

export class Outbox {
  readonly #db: Db;
  readonly #realtime: Broadcaster;
  readonly #sending = new Set<Promise<void>>();

  constructor(db: Db, realtime: Broadcaster) {
    this.#db = db;
    this.#realtime = realtime;
  }

  /** Stores it in a transaction. Returns the ids. */
  async keep(tx: Db, said: readonly Telling[]): Promise<number[]> {
    if (said.length === 0) return [];
    const kept = await tx
      .insert(outbox)
      .values([...said])
      .returning({ id: outbox.id });
    return kept.map(({ id }) => id);
  }

  /** Sends it, and removes it from the store when it has arrived or failed for good. */
  send(said: readonly Telling[], ids: number[]): void {
    if (ids.length === 0) return;
    const sending = this.#send(said, ids)
      .catch((error) => console.error(error))
      .finally(() => this.#sending.delete(sending));
    this.#sending.add(sending);
  }

  /** Sends what an API that was killed has left. */
  async sendLeft(): Promise<void> {
    const left = await this.#db.select().from(outbox).orderBy(asc(outbox.id));
    this.send(
      left,
      left.map(({ id }) => id),
    );
  }

  /** Resolves when nothing is being sent. */
  async flush(): Promise<void> {
    await this.#realtime.flush();
    await Promise.all(this.#sending);
  }

  async #send(said: readonly Telling[], ids: number[]): Promise<void> {
    await Promise.all(said.map((telling) => this.#broadcast(telling)));
    await this.#db.delete(outbox).where(inArray(outbox.id, ids));
  }

  #broadcast({ method, args }: Telling): Promise<void> {
    const send = this.#realtime[method] as (...args: unknown[]) => Promise<void>;
    return send(...args);
  }
}
