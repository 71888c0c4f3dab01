/**
 * The bench's yardstick for documents: y-partyserver in its hibernation mode, saving into SQLite as its documentation
 * does.
 */

import { routePartykitRequest } from "partyserver";
import { YServer } from "y-partyserver";
import * as Y from "yjs";

export default {
  /** @param {Request} request */
  async fetch(request, env) {
    return (await routePartykitRequest(request, env)) ?? new Response("Not found", { status: 404 });
  },
};

export class Docs extends YServer {
  static options = { hibernate: true };

  onStart() {
    this.ctx.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS documents (id TEXT PRIMARY KEY, content BLOB)",
    );
    return super.onStart();
  }

  async onLoad() {
    const [row] = this.ctx.storage.sql.exec(
      "SELECT content FROM documents WHERE id = ? LIMIT 1",
      this.name,
    );
    if (row) Y.applyUpdate(this.document, new Uint8Array(row.content));
  }

  async onSave() {
    const content = Y.encodeStateAsUpdate(this.document);
    this.ctx.storage.sql.exec(
      "INSERT OR REPLACE INTO documents (id, content) VALUES (?, ?)",
      this.name,
      content,
    );
  }
}
