/** What encrypts the keys of private projects in the database, where nobody has set it: on a developer's machine. */

import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * A key in a file of this folder, made once. In a product it comes from where your secrets are, and never
 * lies beside the database.
 */
export async function keyOfThisMachine(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, "epoch-wrapping-key");
  const key = randomBytes(32).toString("base64");
  await writeFile(file, key, { mode: 0o600, flag: "wx" }).catch((error) => {
    if (error.code !== "EEXIST") throw error;
  });
  return readFile(file, "utf8");
}
