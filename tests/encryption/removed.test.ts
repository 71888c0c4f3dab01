/** What somebody can read who was removed, with all that the server has: docs/encryption.md, "Epochs and rotation". */

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { NEEDS_OWN_RUNTIME, startOwnServer, UNHURRIED } from "../support/target.ts";
import type { Marker } from "../support/traces.ts";
import { DOC, Life, PHASES, type Phase } from "./life.ts";
import { decrypted, type Found, findSealed } from "./sealed-finder.ts";

const VARS = { ...UNHURRIED, CLIENT_EVENTS: "on", CLIENT_DELIVERIES_PER_SECOND: "100000" };
const SENDERS = ["u:ann", "u:ben", "u:eve", "u:cem", "b:backend"];
/** Where what is encrypted can belong. */
const TYPES = {
  event: ["NOTE", "LISTED"],
  client: ["client-note", "client-typing", "client-pointer"],
  presence: [""],
  doc: [DOC],
  snapshot: [DOC],
  awareness: [DOC],
};

describe("with the whole storage and all that was ever sent", { skip: NEEDS_OWN_RUNTIME }, () => {
  let life: Life;
  let sealed: Found[];

  before(async () => {
    const { server, runtime } = await startOwnServer({ vars: VARS });
    life = await new Life(server, runtime, true).run();
    sealed = findSealed([...life.wire.sent, ...life.stored], life.lastEpoch);
  });

  /** What can be read with the keys up to an epoch: the epochs that it says, and the markers in it. */
  async function readable(last: number) {
    const { projectId } = life;
    const keys = life.keysUntil(last);
    const read = await decrypted(sealed, keys, last, { projectId, senders: SENDERS, types: TYPES });
    const has = ({ core }: Marker) => read.some(({ plaintext }) => plaintext.includes(core));
    const labels = life.markers.filter(has).map(({ label }) => label);
    return { labels, epochs: new Set(read.map(({ epoch }) => epoch)), amount: read.length };
  }

  const saidIn = (...phases: readonly Phase[]) =>
    life.markers.map(({ label }) => label).filter((label) => phases.includes(phaseOf(label)));

  test("P14.2 a removed member reads all that came before, and nothing that came after", async () => {
    const { labels, epochs } = await readable(life.lastOfEve);
    assert.deepEqual(labels, saidIn("first", "rotated"));
    assert.ok([...epochs].every((epoch) => epoch <= life.lastOfEve));
    assert.ok(sealed.some(({ sealed: { epoch } }) => epoch > life.lastOfEve));
  });

  test("a member who stays reads all of it", async () => {
    const { labels } = await readable(life.lastEpoch);
    assert.deepEqual(labels, saidIn(...PHASES));
  });

  test("nobody reads anything without a key", async () => {
    assert.deepEqual((await readable(0)).amount, 0);
  });
});

const phaseOf = (label: string) => label.split(" ")[0] as Phase;
