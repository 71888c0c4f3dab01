/** The storage of a room, as it is on the disk while the server is down. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { listeningPort, WORKERD, workerdConfig } from "../../scripts/serve/workerd-config.ts";
import type { Runtime } from "./runtime.ts";
import type { Room } from "./target.ts";

export type Row = Record<string, unknown>;

const READER = join(import.meta.dirname, "storage-reader.js");

/** Runs statements on a room's SQLite. The runtime must have been killed before. Answers the rows of each. */
export async function runOnStorage(
  { folder }: Runtime,
  room: Room,
  ...statements: string[]
): Promise<Row[][]> {
  const config = join(folder, "reader.capnp");
  const reader = { folder, modules: [READER], className: "ProjectRoom", binding: "ROOMS" };
  await writeFile(config, workerdConfig({ ...reader, vars: {} }));
  const child = spawn(WORKERD, ["serve", "--experimental", config, "--control-fd=3"], {
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  const gone = once(child, "exit");
  try {
    const url = `http://127.0.0.1:${await listeningPort(child)}`;
    const body = JSON.stringify({ project: room.id, statements });
    return (await (await fetch(url, { method: "POST", body })).json()) as Row[][];
  } finally {
    child.kill("SIGKILL");
    await gone;
  }
}

/** All rows of all tables of a room. */
export async function storedRows(runtime: Runtime, room: Room): Promise<Record<string, Row[]>> {
  const [tables = []] = await runOnStorage(
    runtime,
    room,
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\'",
  );
  const names = tables.map(({ name }) => String(name));
  const rows = await runOnStorage(runtime, room, ...names.map((name) => `SELECT * FROM ${name}`));
  return Object.fromEntries(names.map((name, index) => [name, rows[index] ?? []]));
}
