/** The epoch keys of encrypted projects, in your own PostgreSQL. The realtime server never sees them. */

import { toBase64url } from "../encryption/base64.ts";
import { isEpoch } from "../encryption/context.ts";
import type { EpochKey, KeySource } from "../encryption/key-source.ts";
import { generateEpochKey } from "../encryption/keys.ts";
import { answer } from "./answers.ts";
import { environment } from "./platform.ts";
import { type Wrapped, WrappingKeys } from "./wrapping.ts";

/** Your database: a `Pool` of `pg`, a PGlite, or anything else that runs a query with parameters. */
export interface SqlClient {
  query(text: string, params: unknown[]): Promise<{ rows: unknown[] }>;
}

/** Where the keys are, and what they are encrypted with. */
export interface EpochKeyStoreOptions {
  /** Has the table of {@link EPOCH_KEYS_SQL}. */
  database: SqlClient;
  /**
   * Keys of 32 bytes in base64, with spaces between them. The first one encrypts; the others still
   * decrypt. Default: `EPOCH_WRAPPING_KEYS` of the environment.
   */
  wrappingKeys?: string | undefined;
}

/**
 * The epoch keys of your projects, of which `epochKeys` makes the option of a broadcaster. `get` and
 * `current` answer null only if there is no key: one that can't be decrypted is a `KeyStoreError`.
 */
export interface EpochKeyStore extends KeySource {
  /**
   * Makes the key of the next epoch, and returns that epoch. The first call makes the key of epoch 1. A
   * key is always new: two calls at once make two epochs, so nobody who got one of them earlier has it.
   */
  rotate(projectId: string): Promise<number>;
  /**
   * The answer of your API to a client that asks for a key: `current`, or an epoch in digits. `mayRead`
   * says whether the user who asks is a member. It is called after the key has been read, so a member
   * who is being removed can't get a key that was made after their removal.
   */
  answer(
    projectId: string,
    epoch: string,
    mayRead: () => boolean | Promise<boolean>,
  ): Promise<Response>;
  /**
   * Encrypts all keys under the first wrapping key, and returns how many were under another one. When it
   * has returned 0, only the first one is needed.
   */
  rewrap(): Promise<number>;
}

/** The table of the keys. */
export const EPOCH_KEYS_SQL = `CREATE TABLE IF NOT EXISTS realtime_epoch_keys (
  project_id text NOT NULL,
  epoch bigint NOT NULL CHECK (epoch BETWEEN 1 AND 4294967295),
  wrapped text NOT NULL,
  wrapping_key text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (project_id, epoch)
)`;

const SELECT = "SELECT project_id, epoch, wrapped, wrapping_key FROM realtime_epoch_keys";
const NEWEST = `${SELECT} WHERE project_id = $1 ORDER BY epoch DESC LIMIT 1`;
const ONE = `${SELECT} WHERE project_id = $1 AND epoch = $2`;
const OTHERS = `${SELECT} WHERE wrapping_key <> $1`;
const INSERT = `INSERT INTO realtime_epoch_keys (project_id, epoch, wrapped, wrapping_key)
  VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING epoch`;
const REPLACE = `UPDATE realtime_epoch_keys SET wrapped = $3, wrapping_key = $4
  WHERE project_id = $1 AND epoch = $2`;

/** As a driver returns it: a bigint is a text in `pg`, and a number in PGlite. */
interface Row extends Wrapped {
  project_id: string;
  epoch: number | string;
}

/** Makes the store. Throws an `KeyStoreError` at once if there is no usable wrapping key. */
export function createEpochKeys(options: EpochKeyStoreOptions): EpochKeyStore {
  const { database, wrappingKeys = environment().EPOCH_WRAPPING_KEYS } = options;
  const wrapping = new WrappingKeys(wrappingKeys);
  const rows = async (text: string, ...params: unknown[]) =>
    (await database.query(text, params)).rows as Row[];
  const unwrap = (row: Row) => wrapping.unwrap(placeOf(row), row);

  async function current(projectId: string): Promise<EpochKey | null> {
    const [row] = await rows(NEWEST, projectId);
    return row ? { epoch: Number(row.epoch), key: await unwrap(row) } : null;
  }

  async function get(projectId: string, epoch: number): Promise<Uint8Array | null> {
    const [row] = await rows(ONE, projectId, epoch);
    return row ? unwrap(row) : null;
  }

  /** Each time that this fails, somebody else has made the epoch. */
  async function rotate(projectId: string): Promise<number> {
    for (;;) {
      const [newest] = await rows(NEWEST, projectId);
      const epoch = Number(newest?.epoch ?? 0) + 1;
      const { wrapped, wrapping_key } = await wrapping.wrap(
        { projectId, epoch },
        generateEpochKey(),
      );
      const made = await rows(INSERT, projectId, epoch, wrapped, wrapping_key);
      if (made.length > 0) return epoch;
    }
  }

  async function find(projectId: string, epoch: number | "current"): Promise<EpochKey | null> {
    if (epoch === "current") return current(projectId);
    const key = await get(projectId, epoch);
    return key && { epoch, key };
  }

  return {
    current,
    get,
    rotate,
    async answer(projectId, text, mayRead) {
      const epoch = readEpoch(text);
      if (!epoch) return uncached(400, { code: "invalid_epoch" });
      const found = await find(projectId, epoch);
      if (!(await mayRead())) return uncached(403, { code: "not_a_member" });
      // Not 404: a client takes that for a route that is missing, and not for a project without keys.
      return uncached(200, found && { epoch: found.epoch, key: toBase64url(found.key) });
    },
    async rewrap() {
      const others = await rows(OTHERS, await wrapping.currentId());
      for (const row of others) {
        const place = placeOf(row);
        const { wrapped, wrapping_key } = await wrapping.wrap(place, await unwrap(row));
        await rows(REPLACE, place.projectId, place.epoch, wrapped, wrapping_key);
      }
      return others.length;
    },
  };
}

function placeOf({ project_id, epoch }: Row) {
  return { projectId: project_id, epoch: Number(epoch) };
}

/** Undefined if it is none. */
function readEpoch(text: string): number | "current" | undefined {
  if (text === "current") return text;
  const epoch = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : 0;
  return isEpoch(epoch) ? epoch : undefined;
}

/** An answer that nothing on the way may keep. */
function uncached(status: number, body: unknown): Response {
  return answer(status, body, { "cache-control": "no-store" });
}
