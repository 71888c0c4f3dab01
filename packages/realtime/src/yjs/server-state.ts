/** What the server has of a document, as far as it has said so on this connection. */

import * as Y from "yjs";

export class ServerState {
  /** By client, up to where the server has everything. */
  readonly #clocks: Map<number, number>;
  readonly #deleted: ReturnType<typeof Y.mergeDeleteSets>[] = [];

  constructor(stateVector: Uint8Array) {
    this.#clocks = Y.decodeStateVector(stateVector);
  }

  /** The server has sent this update, so it has it. */
  add(update: Uint8Array): void {
    const { structs, ds } = Y.decodeUpdate(update);
    this.#deleted.push(ds);
    for (const struct of structs) {
      const { client, clock } = struct.id;
      const known = this.#clocks.get(client) ?? 0;
      // Behind a gap nothing counts: what is in the gap may be only here.
      if (!(struct instanceof Y.Skip) && clock <= known)
        this.#clocks.set(client, Math.max(known, clock + struct.length));
    }
  }

  /** What this document has and the server lacks, as an update. Undefined if that is nothing. */
  lackOf(doc: Y.Doc): Uint8Array | undefined {
    const update = Y.encodeStateAsUpdate(doc, Y.encodeStateVector(this.#clocks));
    // The first byte of an update is 0 if nothing is inserted in it.
    return update[0] || !this.#hasDeletionsOf(doc) ? update : undefined;
  }

  #hasDeletionsOf(doc: Y.Doc): boolean {
    const here = Y.createDeleteSetFromStructStore(doc.store);
    return Y.equalDeleteSets(Y.mergeDeleteSets(this.#deleted), here);
  }
}
