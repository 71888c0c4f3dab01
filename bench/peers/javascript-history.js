/**
 * The same object with a history, as it is obvious to write. In the turn of an event its row is inserted into a table,
 * what is older than the newest 256 is deleted, and then the event is sent. A client that returns gets what it missed.
 */

import worker, { frameOf, ProjectRoom as Room } from "./javascript.js";

const HISTORY_SIZE = 256;
/** Nothing here erases a room, so its numbers never begin again. */
const EPOCH = "1";
const TABLE =
  "CREATE TABLE IF NOT EXISTS events (seq INTEGER PRIMARY KEY, frame TEXT NOT NULL, excluded TEXT)";

export default worker;

export class ProjectRoom extends Room {
  constructor(ctx, env) {
    super(ctx, env);
    this.sql = ctx.storage.sql;
    this.sql.exec(TABLE);
    this.seq = this.sql.exec("SELECT max(seq) AS newest FROM events").one().newest ?? 0;
  }

  eventFrame({ eventType, payload = {}, excludeUserId = null }) {
    const seq = this.seq + 1;
    const frame = JSON.stringify({ type: eventType, payload, timestamp: Date.now(), seq });
    this.sql.exec("INSERT INTO events VALUES (?, ?, ?)", seq, frame, excludeUserId);
    this.sql.exec("DELETE FROM events WHERE seq <= ?", seq - HISTORY_SIZE);
    this.seq = seq;
    return frame;
  }

  greet(socket, member, since) {
    const position = this.position(since);
    const recovered = position !== undefined;
    const payload = { ...this.connected(member), epoch: EPOCH, seq: this.seq, recovered };
    socket.send(frameOf("CONNECTED", payload));
    if (recovered) this.replay(socket, member, position);
  }

  /** The number in a client's position, if all events after it are still there. */
  position(since) {
    const [epoch, text] = since?.split(":") ?? [];
    const seq = Number(text);
    const isKept = seq <= this.seq && seq >= this.seq - HISTORY_SIZE;
    return epoch === EPOCH && isKept ? seq : undefined;
  }

  replay(socket, { userId }, position) {
    const missed = "SELECT frame FROM events WHERE seq > ? AND excluded IS NOT ? ORDER BY seq";
    const rows = this.sql.exec(missed, position, userId ?? "");
    for (const { frame } of rows) socket.send(frame);
  }
}
