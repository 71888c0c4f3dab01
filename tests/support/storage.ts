/** The storage of a room, as it is on the disk while the server is down. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { listeningPort, WORKERD, workerdConfig } from "../../scripts/serve/workerd-config.ts";
import type { Runtime } from "./runtime.ts";
import type { Room } from "./target.ts";

export type Row = Record<string, unknown>;

type Id = Pick<Room, "id">;

/** Those of the room itself. */
const TABLES =
  "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\'";

const READER = join(import.meta.dirname, "storage-reader.js");

type Call = ["sql", string] | ["values"] | ["age", number] | ["small", number];

/** Calls methods of the reader. The runtime must have been killed before. Returns what each returns. */
async function callReader({ folder }: Runtime, room: Id, ...calls: Call[]): Promise<Row[][]> {
  const config = join(folder, "reader.capnp");
  const objects = [{ className: "ProjectRoom", binding: "ROOMS" }];
  const reader = { folder, modules: [READER], objects };
  await writeFile(config, workerdConfig({ ...reader, vars: {} }));
  const child = spawn(WORKERD, ["serve", "--experimental", config, "--control-fd=3"], {
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  const gone = once(child, "exit");
  try {
    const url = `http://127.0.0.1:${await listeningPort(child)}`;
    const body = JSON.stringify({ project: room.id, calls });
    return (await (await fetch(url, { method: "POST", body })).json()) as Row[][];
  } finally {
    child.kill("SIGKILL");
    await gone;
  }
}

/** Runs a statement on a room's SQLite. */
export function runOnStorage(runtime: Runtime, room: Room, statement: string): Promise<Row[][]> {
  return callReader(runtime, room, ["sql", statement]);
}

/** Makes all events that a room keeps an hour older. */
export async function ageByAnHour(runtime: Runtime, room: Room): Promise<void> {
  await callReader(runtime, room, ["age", 3_600_000]);
}

/** A room that has grown has had too few sockets for so long that it shrinks when it looks next (P15.1). */
export async function smallForTenMinutes(runtime: Runtime, room: Id): Promise<void> {
  await callReader(runtime, room, ["small", 600_000]);
}

/** Everything that a room has stored: its values by key, and the rows of its tables by name. */
export async function stored(
  runtime: Runtime,
  room: Room,
): Promise<{ values: Record<string, string>; tables: Record<string, Row[]> }> {
  const [values = [], tables = []] = await callReader(runtime, room, ["values"], ["sql", TABLES]);
  const names = tables.map(({ name }) => String(name));
  const all = names.map((name): Call => ["sql", `SELECT * FROM ${name}`]);
  const rows = await callReader(runtime, room, ...all);
  return {
    values: Object.fromEntries(values.map(({ key, value }) => [String(key), String(value)])),
    tables: Object.fromEntries(names.map((name, index) => [name, rows[index] ?? []])),
  };
}
