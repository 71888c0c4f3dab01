/** Looks for texts that must not be there, in whatever form they could be. */

import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** So many letters at each end of base64 depend on what stands beside. */
const BASE64_EDGE = 2;

/** A text that nobody else writes: its middle is random, and around that is what has to be escaped somewhere. */
export class Marker {
  readonly label: string;
  readonly core = randomBytes(12).toString("hex");
  readonly text: string;

  constructor(label: string) {
    this.label = label;
    this.text = `<${label}> "${this.core}" ü/+`;
  }
}

/** Every form in which a marker could be kept or sent. */
function formsOf({ core, text }: Marker): Buffer[] {
  const bytes = Buffer.from(core);
  const hex = bytes.toString("hex");
  const each = (form: (letter: string) => string) => [...core].map(form).join("");
  const codeOf = (letter: string) => letter.charCodeAt(0).toString(16);
  const texts = [
    core,
    encodeURIComponent(text),
    hex,
    hex.toUpperCase(),
    each((letter) => `%${codeOf(letter)}`),
    each((letter) => `%${codeOf(letter).toUpperCase()}`),
    each((letter) => `\\u${codeOf(letter).padStart(4, "0")}`),
    ...[0, 1, 2].flatMap((before) => base64At(bytes, before)),
  ];
  const utf16 = Buffer.from(core, "utf16le");
  return [...texts.map((form) => Buffer.from(form)), utf16, Buffer.from(utf16).swap16()];
}

/** The part of base64 that is the same whatever stands around, if so many bytes stand before. */
function base64At(bytes: Buffer, before: number): string[] {
  const padded = Buffer.concat([Buffer.alloc(before), bytes, Buffer.alloc(3)]);
  const start = before === 0 ? 0 : before + BASE64_EDGE - 1;
  const end = Math.floor(((before + bytes.length) * 8) / 6) - 1;
  return (["base64", "base64url"] as const).map((form) =>
    padded.toString(form).slice(start + 1, end),
  );
}

/** Which of the markers are in one of these pieces, in any form. */
export function tracesOf(markers: readonly Marker[], pieces: readonly Uint8Array[]): Marker[] {
  const whole = Buffer.concat(pieces.flatMap((piece) => [piece, Buffer.of(0)]));
  return markers.filter((marker) => formsOf(marker).some((form) => whole.includes(form)));
}

/** All files in a folder. */
export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((file) => join(file.parentPath, file.name));
}

/** What is stored in a folder: each file as it is, and each value of its databases on its own. */
export async function storedIn(folder: string): Promise<Buffer[]> {
  const files = await filesIn(folder);
  const whole = await Promise.all(files.map((file) => readFile(file)));
  const values = files.filter((file) => file.endsWith(".sqlite")).flatMap(valuesIn);
  return [...whole, ...values];
}

/** The values in a database, without the borders of its pages. */
function valuesIn(file: string): Buffer[] {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
    return tables.flatMap(({ name }) => {
      const all = database.prepare(`SELECT * FROM "${name}"`);
      all.setReadBigInts(true);
      return all.all().flatMap((row) => Object.values(row).map(bytesOf));
    });
  } finally {
    database.close();
  }
}

function bytesOf(value: unknown): Buffer {
  return value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(String(value));
}
