/** The tables that schema.sql makes, and those that Drizzle believes in, are the same. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { PGlite } from "@electric-sql/pglite";
import { getTableName, isTable } from "drizzle-orm";
import { type ForeignKey, getTableConfig, type PgTable } from "drizzle-orm/pg-core";
import * as schema from "../api/schema.ts";

/** Each column and each key in a line, as PostgreSQL writes it. */
interface Description {
  columns: string[];
  keys: string[];
}

const COLUMNS = `
  SELECT relname AS table, attname AS name, format_type(atttypid, atttypmod) AS type,
    attnotnull AS "notNull", atthasdef OR attidentity <> '' AS "hasDefault"
  FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
  WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0`;
const KEYS = `
  SELECT relname AS table, pg_get_constraintdef(pg_constraint.oid) AS key
  FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
  WHERE relnamespace = 'public'::regnamespace AND contype IN ('p', 'f', 'u')`;

const stored = await describeDatabase();
const declared = Object.values(schema).filter((value) => isTable(value)) as PgTable[];

test("schema.sql and schema.ts have the same tables", () => {
  assert.deepEqual(Object.keys(stored).sort(), declared.map(getTableName).sort());
});

for (const table of declared) {
  const name = getTableName(table);
  const { columns, keys } = describeTable(table);

  test(`the columns of ${name} are the same`, () => {
    assert.deepEqual(stored[name]?.columns, columns);
  });

  test(`the keys of ${name} are the same`, () => {
    assert.deepEqual(stored[name]?.keys, keys);
  });
}

async function describeDatabase(): Promise<Record<string, Description>> {
  const pglite = await PGlite.create();
  await pglite.exec(await readFile(new URL("../api/schema.sql", import.meta.url), "utf8"));
  const columns = await pglite.query<Column & { table: string }>(COLUMNS);
  const keys = await pglite.query<{ table: string; key: string }>(KEYS);
  await pglite.close();
  const tables: Record<string, Description> = {};
  const of = (table: string) => (tables[table] ??= { columns: [], keys: [] });
  for (const row of columns.rows) of(row.table).columns.push(columnLine(row));
  for (const { table, key } of keys.rows) of(table).keys.push(key);
  for (const table of Object.values(tables)) sort(table);
  return tables;
}

function describeTable(table: PgTable): Description {
  const { columns, primaryKeys, foreignKeys } = getTableConfig(table);
  const primary = [
    ...columns.filter((column) => column.primary).map(({ name }) => [name]),
    ...primaryKeys.map((key) => key.columns.map(({ name }) => name)),
  ].map((names) => `PRIMARY KEY (${names.join(", ")})`);
  const lines = columns.map((column) => columnLine({ ...column, type: column.getSQLType() }));
  return sort({ columns: lines, keys: [...primary, ...foreignKeys.map(foreignKeyLine)] });
}

interface Column {
  name: string;
  type: string;
  notNull: boolean;
  hasDefault: boolean;
}

function columnLine({ name, type, notNull, hasDefault }: Column): string {
  return [name, type, notNull && "NOT NULL", hasDefault && "DEFAULT"].filter(Boolean).join(" ");
}

function foreignKeyLine(key: ForeignKey): string {
  const { columns, foreignTable, foreignColumns } = key.reference();
  const [from, to] = [columns, foreignColumns].map((all) => all.map(({ name }) => name).join(", "));
  const line = `FOREIGN KEY (${from}) REFERENCES ${getTableName(foreignTable)}(${to})`;
  const { onDelete = "no action" } = key;
  return onDelete === "no action" ? line : `${line} ON DELETE ${onDelete.toUpperCase()}`;
}

function sort(table: Description): Description {
  table.columns.sort();
  table.keys.sort();
  return table;
}
