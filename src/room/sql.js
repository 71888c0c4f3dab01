/**
 * The object's SQLite, with each statement in one call from WebAssembly.
 *
 * The texts of statements are constant, because the runtime caches a prepared statement by its text. Many values cross
 * the boundary as one text: joined here, split there.
 */

/** Separates the values of a row, and rows. No id has control characters, and no JSON has them unescaped. */
const VALUE_END = "\u001f";
const ROW_END = "\u001e";

/**
 * All rows that a statement returns, in one text; null is empty.
 * @param {DurableObjectStorage} storage
 * @param {string} statement
 * @param {SqlStorageValue[]} bindings
 */
export function rows({ sql }, statement, ...bindings) {
  const all = sql.exec(statement, ...bindings).raw();
  return Array.from(all, (row) => row.join(VALUE_END)).join(ROW_END);
}

/**
 * The same up to a total number of bytes, which is the last value of each row.
 * @param {DurableObjectStorage} storage
 * @param {string} statement
 * @param {number} maxBytes
 * @param {SqlStorageValue[]} bindings
 * @returns {string | undefined} undefined if the rows have more
 */
export function rowsUpTo({ sql }, statement, maxBytes, ...bindings) {
  const rows = [];
  let bytes = 0;
  for (const row of sql.exec(statement, ...bindings).raw()) {
    bytes += Number(row.at(-1));
    if (bytes > maxBytes) return undefined;
    rows.push(row.join(VALUE_END));
  }
  return rows.join(ROW_END);
}

/**
 * Writes rows, all or none. Called for each broadcast, so it does not throw.
 * @param {DurableObjectStorage} storage
 * @param {string} insert for a new row
 * @param {string} replace for a row that replaces another; the key of that one is the last binding
 * @param {[replaced: SqlStorageValue | undefined, ...row: SqlStorageValue[]][]} rows
 * @returns {unknown} what was thrown, if it failed
 */
export function write(storage, insert, replace, rows) {
  const { sql } = storage;
  const writeAll = () => {
    for (const [replaced, ...row] of rows) {
      const cursor =
        replaced === undefined ? sql.exec(insert, ...row) : sql.exec(replace, ...row, replaced);
      if (cursor.rowsWritten === 0) throw new Error("the row to replace is not there");
    }
  };
  try {
    if (rows.length === 1) writeAll();
    else storage.transactionSync(writeAll);
    return undefined;
  } catch (thrown) {
    return thrown;
  }
}

/**
 * Runs erasing statements, all or none, and deletes the alarm.
 * @param {DurableObjectStorage} storage
 * @param {string} statements
 */
export function erase(storage, statements) {
  storage.transactionSync(() => storage.sql.exec(statements));
  // The runtime holds back the room's answer until this is stored, so there is no need to await it.
  storage.deleteAlarm();
}
