/** Encryption by this runtime's own WebCrypto: the first vector of docs/encryption.md, and a message of its own. */

import assert from "node:assert/strict";
import { appKeys, generateEpochKey } from "@validiant/realtime/encryption";

const K7 = Uint8Array.from({ length: 32 }, (_, index) => index);
const CONTEXT = { kind: "client", projectId: "demo", type: "client-typing", sender: "u:ann" };
const SEALED = {
  epoch: 7,
  nonce: Uint8Array.from({ length: 12 }, (_, index) => 0xa0 + index),
  ciphertext: new Uint8Array(
    Buffer.from("1ca57519dcb8dff598b15a490a8e5cb9cd99dd2924b5c6cca5c1665530d127f5", "hex"),
  ),
};

/** The keys of an app whose current epoch is this one. */
const keysOf = (epoch, key) => appKeys({ fetchKey: async () => ({ epoch, key }) });

const { sealer } = keysOf(7, K7);
assert.equal(Buffer.from(await sealer.open(CONTEXT, SEALED)).toString(), '{"on":"task:t1"}');

const plaintext = new TextEncoder().encode("Größe 🙂");
const own = keysOf(8, Buffer.from(generateEpochKey()).toString("base64")).sealer;
const sealed = await own.seal(CONTEXT, plaintext);
assert.deepEqual(await own.open(CONTEXT, sealed), plaintext);
await assert.rejects(own.open({ ...CONTEXT, sender: "u:ben" }, sealed), {
  name: "UndecryptableError",
  reason: "damaged",
});
