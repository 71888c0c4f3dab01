/**
 * The object's key-value storage: the journal's pages, the epoch, and the roster.
 *
 * Only this interface of the runtime takes `allowUnconfirmed`: nothing that is sent waits for such a write. Its reads are
 * the synchronous ones, so that a room answers in the turn in which it is asked.
 */

import { ROW_END } from "./sql.js";

const EPOCH = "epoch";
const PAGE = "page/";
const USER = "user/";

/** As many digits as the largest exact number has, so that the order of the keys is that of the numbers. */
const DIGITS = 16;

/** @satisfies {DurableObjectPutOptions} */
const UNCONFIRMED = { allowUnconfirmed: true };

/** @param {number} number */
function pageKey(number) {
  return PAGE + String(number).padStart(DIGITS, "0");
}

/**
 * The epoch of the journal.
 * @param {DurableObjectState} state
 * @returns {string | undefined}
 */
export function epoch({ storage }) {
  return storage.kv.get(EPOCH);
}

/**
 * The first page with this number or a higher one.
 * @param {DurableObjectState} state
 * @param {number} number
 * @returns {Uint8Array | undefined}
 */
export function firstPageFrom({ storage }, number) {
  return only(storage.kv.list({ prefix: PAGE, start: pageKey(number), limit: 1 }));
}

/**
 * The last page with this number or a lower one.
 * @param {DurableObjectState} state
 * @param {number} number
 * @returns {Uint8Array | undefined}
 */
export function lastPageUntil({ storage }, number) {
  const end = pageKey(number + 1);
  return only(storage.kv.list({ prefix: PAGE, end, reverse: true, limit: 1 }));
}

/**
 * The value of the only entry, if there is one. Reads the list to its end: a cursor that is left open keeps SQLite from
 * ever shortening its log.
 * @param {Iterable<[string, unknown]>} entries at most one
 */
function only(entries) {
  const [entry] = Array.from(entries);
  return /** @type {Uint8Array | undefined} */ (entry?.[1]);
}

/**
 * The entries of all users in the roster, in one text.
 * @param {DurableObjectState} state
 */
export function roster({ storage }) {
  return Array.from(storage.kv.list({ prefix: USER }), ([, entry]) => entry).join(ROW_END);
}

/**
 * What is to be written, by key; `undefined` for what is to be deleted.
 * @typedef {Map<string, Uint8Array | string | undefined>} Changes
 */

/** @returns {Changes} */
export function changes() {
  return new Map();
}

/**
 * @param {Changes} changes
 * @param {string} text
 */
export function setEpoch(changes, text) {
  changes.set(EPOCH, text);
}

/**
 * @param {Changes} changes
 * @param {number} number
 * @param {Uint8Array | undefined} page
 */
export function setPage(changes, number, page) {
  changes.set(pageKey(number), page);
}

/**
 * @param {Changes} changes
 * @param {string} user
 * @param {string | undefined} entry
 */
export function setUser(changes, user, entry) {
  changes.set(USER + user, entry);
}

/**
 * Writes, and lets nothing wait for it. If it fails, the object is reset: what was sent is believed by somebody.
 * @param {DurableObjectState} state
 * @param {Changes} changes
 */
export function writeUnconfirmed(state, changes) {
  const { storage } = state;
  const failed = () => state.abort("a write failed");
  for (const [key, value] of changes) {
    const written =
      value === undefined ? storage.delete(key, UNCONFIRMED) : storage.put(key, value, UNCONFIRMED);
    written.catch(failed);
  }
}

/**
 * Writes all or nothing. The runtime sends nothing after it before it is durable. Does not throw: returns what was thrown.
 * @param {DurableObjectState} state
 * @param {Changes} changes
 * @returns {unknown}
 */
export function writeFirst({ storage }, changes) {
  try {
    storage.transactionSync(() => apply(storage.kv, changes));
    return undefined;
  } catch (thrown) {
    return thrown;
  }
}

/**
 * @param {SyncKvStorage} kv
 * @param {Changes} changes
 */
function apply(kv, changes) {
  for (const [key, value] of changes) {
    if (value === undefined) kv.delete(key);
    else kv.put(key, value);
  }
}

/**
 * Sets the one alarm, and lets nothing wait for it.
 * @param {DurableObjectState} state
 * @param {number} at milliseconds since the Unix epoch
 */
export function setAlarm(state, at) {
  state.storage.setAlarm(at, UNCONFIRMED).catch(() => state.abort("a write failed"));
}

/**
 * Deletes the journal with its epoch.
 * @param {DurableObjectState} state
 */
export function eraseJournal({ storage: { kv } }) {
  if (kv.get(EPOCH) === undefined) return;
  deleteAll(kv, PAGE);
  kv.delete(EPOCH);
}

/**
 * Deletes the journal with its epoch, the roster and the alarm, and runs erasing statements: all or nothing.
 * @param {DurableObjectState} state
 * @param {string} statements
 */
export function eraseAnd(state, statements) {
  const { storage } = state;
  storage.transactionSync(() => {
    storage.sql.exec(statements);
    eraseJournal(state);
    deleteAll(storage.kv, USER);
  });
  // The runtime holds back the room's answer until this is stored, so there is no need to await it.
  storage.deleteAlarm();
}

/**
 * @param {SyncKvStorage} kv
 * @param {string} prefix
 */
function deleteAll(kv, prefix) {
  const keys = Array.from(kv.list({ prefix }), ([key]) => key);
  for (const key of keys) kv.delete(key);
}
