/** The log lines of a document: ids and counts, but never what is written in it. */

const LEVELS = ["info", "warn", "error", "off"];

export class Log {
  #ids;
  /** The index of the least level that is logged. */
  #least;

  /**
   * @param {{ projectId: string, docId: string }} ids
   * @param {string} settings
   */
  constructor(ids, settings) {
    this.#ids = ids;
    this.#least = LEVELS.indexOf(/^logLevel=(.*)$/m.exec(settings)?.[1] ?? "info");
  }

  /**
   * @param {string} connectionId
   * @param {string | undefined} userId
   * @param {number} connections
   */
  connected(connectionId, userId, connections) {
    this.#write("info", "document_connect", { connectionId, ...named(userId), connections });
  }

  /**
   * @param {string} connectionId
   * @param {string | undefined} userId
   * @param {number} code
   * @param {number} connections
   */
  left(connectionId, userId, code, connections) {
    this.#write("info", "document_leave", { connectionId, ...named(userId), code, connections });
  }

  /** @param {string} event */
  did(event) {
    this.#write("info", event, {});
  }

  /**
   * @param {number} from bytes
   * @param {number} to bytes
   */
  compacted(from, to) {
    this.#write("info", "document_compaction", { from, to });
  }

  /**
   * @param {string} code
   * @param {string | undefined} reason
   */
  refused(code, reason) {
    this.#write("warn", "refusal", { code, reason });
  }

  /**
   * @param {string} action
   * @param {string} message
   */
  failed(action, message) {
    const event = action === "compact" ? "document_compaction_failed" : "failure";
    this.#write("error", event, { action, message });
  }

  /**
   * @param {"info" | "warn" | "error"} level
   * @param {string} event
   * @param {Record<string, unknown>} fields
   */
  #write(level, event, fields) {
    if (LEVELS.indexOf(level) < this.#least) return;
    const line = JSON.stringify({ level, event, ...this.#ids, ...fields });
    if (level === "error") console.error(line);
    else if (level === "warn") console.warn(line);
    else console.log(line);
  }
}

/** @param {string | undefined} userId */
function named(userId) {
  return { userId: userId ?? null };
}
