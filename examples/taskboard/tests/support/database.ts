/** Databases for tests. PGlite takes seconds to make one, so one without tables is made once, and copied. */

import { existsSync } from "node:fs";
import { cp, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import manifest from "../../../../package.json" with { type: "json" };
import { withLock } from "../../../../scripts/common/lock.mjs";
import { ROOT } from "../../../../scripts/common/paths.ts";
import { type Database, openDatabase } from "../../api/database.ts";

const VERSION = manifest.devDependencies["@electric-sql/pglite"];
const EMPTY = join(ROOT, "target", `taskboard-database-${VERSION}`);

/** The folder of a database without tables. The caller removes it. */
export async function emptyDatabase(): Promise<string> {
  await withLock(`${EMPTY}.lock`, async () => {
    if (!existsSync(EMPTY)) await makeEmpty();
  });
  const folder = await mkdtemp(join(tmpdir(), "taskboard-database-"));
  await cp(EMPTY, folder, { recursive: true });
  return folder;
}

/** A database as the API opens it for the first time, in a folder that is removed when it is closed. */
export async function newDatabase(): Promise<Database> {
  const folder = await emptyDatabase();
  const { db, client, close } = await openDatabase({ folder });
  return {
    ...{ db, client },
    async close() {
      await close();
      await rm(folder, { recursive: true });
    },
  };
}

async function makeEmpty(): Promise<void> {
  const unfinished = `${EMPTY}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  const database = await PGlite.create(unfinished);
  await database.close();
  await rename(unfinished, EMPTY);
}
