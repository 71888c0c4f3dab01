/** What holds of every message (docs/encryption.md): random keys, contexts and contents, by WebCrypto and by noble. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type Context, type Kind, LAST_EPOCH } from "../../src/encryption/context.ts";
import {
  readBytes,
  readEnvelope,
  type Sealed,
  toBytes,
  toEnvelope,
} from "../../src/encryption/envelope.ts";
import { epochKeys } from "../../src/encryption/keys.ts";
import { noble } from "../../src/encryption/noble.ts";
import { type Primitives, webPrimitives } from "../../src/encryption/primitives.ts";
import { UndecryptableError } from "../../src/encryption/undecryptable.ts";

const IMPLEMENTATIONS: Record<string, Primitives> = { WebCrypto: webPrimitives(), noble: noble() };
const KINDS: Kind[] = ["event", "client", "presence", "doc", "snapshot", "awareness"];

const byte = fc.integer({ min: 0, max: 255 });
const bytesOf = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength });
const key = bytesOf(32, 32);
const epoch = fc.oneof(
  fc.integer({ min: 1, max: LAST_EPOCH }),
  fc.constantFrom(1, 127, 128, LAST_EPOCH),
);
/** As they come over the wire: without half of a pair. */
const text = fc.string({ unit: "binary", maxLength: 12 });
const context: fc.Arbitrary<Context> = fc.record({
  kind: fc.constantFrom(...KINDS),
  projectId: text,
  type: text,
  sender: fc.tuple(fc.constantFrom("u:", "c:", "b:"), text).map((parts) => parts.join("")),
});
/** The sealer of somebody who has the same key in every epoch, so that only the derivation tells them apart. */
function sealerWith(primitives: Primitives, given: Uint8Array, current: number) {
  const source = { get: async () => given, current: async () => ({ epoch: current, key: given }) };
  return epochKeys(source, { crypto: primitives }).sealer;
}

const undecryptable = (reason: string) => (error: unknown) =>
  error instanceof UndecryptableError && error.reason === reason;

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const at = Math.floor(bit / 8) % bytes.length;
  copy[at] = (copy[at] ?? 0) ^ (1 << (bit % 8));
  return copy;
}

for (const [name, primitives] of Object.entries(IMPLEMENTATIONS))
  describe(`by ${name}`, () => {
    /** A message, and what opens it. */
    const message = fc.record({ key, epoch, context, plaintext: bytesOf(0, 64) });

    async function made(
      of: { key: Uint8Array; epoch: number; context: Context },
      plain: Uint8Array,
    ) {
      const sealer = sealerWith(primitives, of.key, of.epoch);
      return { sealer, message: await sealer.seal(of.context, plain) };
    }

    test("what is sealed opens, in either form", async () => {
      await fc.assert(
        fc.asyncProperty(message, async ({ plaintext, ...of }) => {
          const { sealer, message } = await made(of, plaintext);
          assert.equal(message.epoch, of.epoch);
          for (const read of [
            readBytes(toBytes(message)),
            readEnvelope(JSON.parse(toEnvelope(message))),
          ])
            assert.deepEqual(await sealer.open(of.context, read as Sealed), plaintext);
        }),
      );
    });

    test("what the other implementation has sealed opens", async () => {
      await fc.assert(
        fc.asyncProperty(message, async ({ plaintext, ...of }) => {
          const { message } = await made(of, plaintext);
          for (const other of Object.values(IMPLEMENTATIONS)) {
            const opened = await sealerWith(other, of.key, of.epoch).open(of.context, message);
            assert.deepEqual(opened, plaintext);
          }
        }),
      );
    });

    test("each change of one bit in the nonce, the ciphertext or the tag is refused", async () => {
      await fc.assert(
        fc.asyncProperty(message, async ({ plaintext, ...of }) => {
          const { sealer, message } = await made(of, plaintext);
          const { nonce, ciphertext } = message;
          const changes = [
            ...Array.from({ length: nonce.length * 8 }, (_, bit) => ({
              nonce: flipped(nonce, bit),
            })),
            ...Array.from({ length: ciphertext.length * 8 }, (_, bit) => ({
              ciphertext: flipped(ciphertext, bit),
            })),
          ];
          for (const change of changes)
            await assert.rejects(
              sealer.open(of.context, { ...message, ...change }),
              undecryptable("damaged"),
            );
        }),
        { numRuns: 5 },
      );
    });

    test("each change of one bit in the bytes of a document is refused", async () => {
      await fc.assert(
        fc.asyncProperty(message, async ({ plaintext, ...of }) => {
          const { sealer, message } = await made(of, plaintext);
          const bytes = toBytes(message);
          for (let bit = 0; bit < bytes.length * 8; bit += 1)
            await assert.rejects(
              async () => sealer.open(of.context, readBytes(flipped(bytes, bit))),
              UndecryptableError,
            );
        }),
        { numRuns: 5 },
      );
    });

    test("each change of one character in an envelope is refused", async () => {
      await fc.assert(
        fc.asyncProperty(message, byte, async ({ plaintext, ...of }, seed) => {
          const { sealer, message } = await made(of, plaintext);
          const { n, c } = JSON.parse(toEnvelope(message));
          const alphabet = [..."ABCXYZabcxyz0189-_=+/ é"];
          for (const [field, whole] of Object.entries({ n, c }) as [string, string][])
            for (let at = 0; at < whole.length; at += 1) {
              const letter = alphabet[(seed + at) % alphabet.length] as string;
              if (letter === whole[at]) continue;
              const changed = whole.slice(0, at) + letter + whole.slice(at + 1);
              const payload = { ...JSON.parse(toEnvelope(message)), [field]: changed };
              await assert.rejects(
                async () => sealer.open(of.context, readEnvelope(payload) as Sealed),
                UndecryptableError,
              );
            }
        }),
        { numRuns: 5 },
      );
    });

    test("it opens in no other epoch", async () => {
      await fc.assert(
        fc.asyncProperty(message, epoch, async ({ plaintext, ...of }, other) => {
          fc.pre(other !== of.epoch);
          const { sealer, message } = await made(of, plaintext);
          await assert.rejects(
            sealer.open(of.context, { ...message, epoch: other }),
            undecryptable("damaged"),
          );
        }),
      );
    });

    test("it opens as no other kind, in no other project, with no other type and from no other sender", async () => {
      await fc.assert(
        fc.asyncProperty(message, context, async ({ plaintext, ...of }, other) => {
          const { sealer, message } = await made(of, plaintext);
          for (const name of Object.keys(other) as (keyof Context)[]) {
            if (other[name] === of.context[name]) continue;
            const swapped = { ...of.context, [name]: other[name] };
            await assert.rejects(sealer.open(swapped, message), undecryptable("damaged"));
          }
        }),
      );
    });

    test("what moves from one part of the context to the next is told apart", async () => {
      await fc.assert(
        fc.asyncProperty(message, text, async ({ plaintext, ...of }, tail) => {
          fc.pre(tail !== "");
          const { projectId, type, sender } = of.context;
          const { sealer, message } = await made(
            { ...of, context: { ...of.context, projectId: projectId + tail } },
            plaintext,
          );
          for (const moved of [{ type: tail + type }, { sender: tail + sender }])
            await assert.rejects(
              sealer.open({ ...of.context, ...moved }, message),
              undecryptable("damaged"),
            );
        }),
      );
    });

    test("it does not open with another key", async () => {
      await fc.assert(
        fc.asyncProperty(message, byte, async ({ plaintext, ...of }, bit) => {
          const { message } = await made(of, plaintext);
          const sealer = sealerWith(primitives, flipped(of.key, bit), of.epoch);
          await assert.rejects(sealer.open(of.context, message), undecryptable("damaged"));
        }),
      );
    });

    test("the same twice has another nonce and another ciphertext", async () => {
      await fc.assert(
        fc.asyncProperty(message, async ({ plaintext, ...of }) => {
          const { sealer, message } = await made(of, plaintext);
          const again = await sealer.seal(of.context, plaintext);
          assert.notDeepEqual(again.nonce, message.nonce);
          assert.notDeepEqual(again.ciphertext, message.ciphertext);
        }),
      );
    });

    test("the tag of a place tells nothing but which places are the same, in one epoch and project", async () => {
      await fc.assert(
        fc.asyncProperty(key, epoch, text, text, async (given, now, projectId, at) => {
          const sealer = sealerWith(primitives, given, now);
          const tag = await sealer.placeTag(projectId, now, at);
          assert.match(tag, /^[\w-]{22}$/);
          assert.equal(await sealer.placeTag(projectId, now, at), tag);
          const next = now === LAST_EPOCH ? 1 : now + 1;
          const others = [
            sealer.placeTag(projectId, next, at),
            sealer.placeTag(`${projectId}.`, now, at),
            sealer.placeTag(projectId, now, `${at}.`),
            sealerWith(primitives, flipped(given, 0), now).placeTag(projectId, now, at),
          ];
          for (const other of others) assert.notEqual(await other, tag);
        }),
      );
    });
  });
