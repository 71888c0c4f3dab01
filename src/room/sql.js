/**
 * The object's SQLite, with each statement in one call from WebAssembly.
 *
 * The texts of statements are constant, because the runtime caches a prepared statement by its text. Many values cross
 * the boundary as one text: joined here, split there.
 */

/** Separates the values of a row, and rows. No id has control characters, and no JSON has them unescaped. */
const VALUE_END = "\u001f";
export const ROW_END = "\u001e";

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
 * Runs statements that return no rows: all or none.
 * @param {DurableObjectStorage} storage
 * @param {[statement: string, ...bindings: SqlStorageValue[]][]} statements
 */
export function runAll(storage, statements) {
  storage.transactionSync(() => {
    for (const [statement, ...bindings] of statements) storage.sql.exec(statement, ...bindings);
  });
}
