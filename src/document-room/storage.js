/**
 * What a document keeps in the SQLite of its object: updates, in rows of which those up to one that `ends` are one
 * update, and a few numbers.
 *
 * The texts of statements are constant, because the runtime caches a prepared statement by its text.
 */

import { setAlarm } from "../room/pages.js";

const TABLES =
  "SELECT COUNT(*) AS count FROM sqlite_master WHERE type = 'table' AND name IN ('updates', 'meta')";
const CREATE_UPDATES =
  "CREATE TABLE IF NOT EXISTS updates (seq INTEGER PRIMARY KEY, ends INTEGER NOT NULL, changed_at INTEGER NOT NULL, data BLOB NOT NULL)";
const CREATE_META =
  "CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID";
const SAVE_ROW = "INSERT OR REPLACE INTO updates VALUES (?, ?, ?, ?)";
const SAVE_NUMBER = "INSERT OR REPLACE INTO meta VALUES (?, ?)";
const DROP_ROWS = "DELETE FROM updates WHERE seq < ?";
const LOAD_ROWS = "SELECT seq, ends, changed_at, data FROM updates WHERE seq >= ? ORDER BY seq";
const LOAD_NUMBER = "SELECT value FROM meta WHERE key = ?";
const LOAD_CHANGE = "SELECT changed_at FROM updates ORDER BY seq DESC LIMIT 1";
const ERASE = "DROP TABLE IF EXISTS updates; DROP TABLE IF EXISTS meta";

const VALUES_OF_ROW = 4;

export class Storage {
  #state;
  /** Whether there are tables. A document that was never written has none. @type {boolean | undefined} */
  #hasTables;

  /** @param {DurableObjectState} state */
  constructor(state) {
    this.#state = state;
  }

  /**
   * @param {string} key
   * @returns {number} 0 if it was never written
   */
  number(key) {
    const [value] = this.#load(LOAD_NUMBER, key);
    return Number(value ?? 0);
  }

  /** @param {number} from */
  rows(from) {
    return this.#load(LOAD_ROWS, from);
  }

  /** @returns {number | undefined} */
  changedAt() {
    const [value] = this.#load(LOAD_CHANGE);
    return value === undefined ? undefined : Number(value);
  }

  /**
   * Writes all or nothing. What is sent afterwards waits until it is durable.
   * @param {SqlStorageValue[]} rows four values each
   * @param {SqlStorageValue[]} numbers a key and a value each
   * @param {number | undefined} dropBefore
   */
  write(rows, numbers, dropBefore) {
    const { sql } = this.#state.storage;
    this.#state.storage.transactionSync(() => {
      this.#makeTables();
      for (let at = 0; at < rows.length; at += VALUES_OF_ROW)
        sql.exec(SAVE_ROW, ...rows.slice(at, at + VALUES_OF_ROW));
      for (let at = 0; at < numbers.length; at += 2)
        sql.exec(SAVE_NUMBER, ...numbers.slice(at, at + 2));
      if (dropBefore !== undefined) sql.exec(DROP_ROWS, dropBefore);
    });
    this.#hasTables = true;
  }

  erase() {
    const { storage } = this.#state;
    storage.transactionSync(() => storage.sql.exec(ERASE));
    this.#hasTables = false;
    // The runtime holds back the answer until this is stored, so there is no need to await it.
    storage.deleteAlarm();
  }

  /** @param {number} at milliseconds since the Unix epoch */
  setAlarm(at) {
    setAlarm(this.#state, at);
  }

  /**
   * All values of all rows that a statement returns, one after the other.
   * @param {string} statement
   * @param {SqlStorageValue[]} bindings
   * @returns {SqlStorageValue[]}
   */
  #load(statement, ...bindings) {
    const { sql } = this.#state.storage;
    this.#hasTables ??= Number(sql.exec(TABLES).one().count) === 2;
    if (!this.#hasTables) return [];
    return Array.from(sql.exec(statement, ...bindings).raw()).flat();
  }

  #makeTables() {
    if (this.#hasTables) return;
    const { sql } = this.#state.storage;
    sql.exec(CREATE_UPDATES);
    sql.exec(CREATE_META);
  }
}
