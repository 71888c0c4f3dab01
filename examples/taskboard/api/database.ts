/** PostgreSQL: a server if one is configured, otherwise PGlite in this process. */

import { mkdir, readFile } from "node:fs/promises";
import { PGlite } from "@electric-sql/pglite";
import { EPOCH_KEYS_SQL, type SqlClient } from "@validiant/realtime/server";
import { drizzle as overPool } from "drizzle-orm/node-postgres";
import type { PgDatabase, PgQueryResultHKT } from "drizzle-orm/pg-core";
import { drizzle as overPglite } from "drizzle-orm/pglite";
import { Pool } from "pg";

export type Db = PgDatabase<PgQueryResultHKT>;

export interface Database {
  db: Db;
  /** The same one, for the package, which keeps the keys of encrypted projects in it. */
  client: SqlClient;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** The address of a PostgreSQL server. */
  url?: string | undefined;
  /** Where PGlite keeps its files. If neither this nor `url` is set, everything is in memory. */
  folder?: string | undefined;
}

/** Opens the database and creates its tables. */
export async function openDatabase({ url, folder }: DatabaseOptions = {}): Promise<Database> {
  const schema = await readFile(new URL("schema.sql", import.meta.url), "utf8");
  if (url) {
    const pool = new Pool({ connectionString: url });
    await pool.query(schema);
    await pool.query(EPOCH_KEYS_SQL);
    return { db: overPool(pool), client: pool, close: () => pool.end() };
  }
  if (folder) await mkdir(folder, { recursive: true });
  const pglite = await PGlite.create(folder);
  await pglite.exec(schema);
  await pglite.exec(EPOCH_KEYS_SQL);
  return { db: overPglite(pglite), client: pglite, close: () => pglite.close() };
}
