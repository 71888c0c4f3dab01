/** An encrypted message as JSON and as bytes (docs/encryption.md, "A message"; P14.1). */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fromBase64url, toBase64url } from "../../src/encryption/base64.ts";
import { lp, readVarUint, textOf, utf8, varUint } from "../../src/encryption/bytes.ts";
import { LAST_EPOCH } from "../../src/encryption/context.ts";
import {
  readBytes,
  readEnvelope,
  type Sealed,
  toBytes,
  toEnvelope,
} from "../../src/encryption/envelope.ts";
import { UndecryptableError } from "../../src/encryption/undecryptable.ts";

const bytesOf = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength });
const epoch = fc.oneof(
  fc.integer({ min: 1, max: LAST_EPOCH }),
  fc.constantFrom(1, 127, 128, LAST_EPOCH),
);
const sealed: fc.Arbitrary<Sealed> = fc.record({
  ...{ epoch, nonce: bytesOf(12, 12), ciphertext: bytesOf(16, 80) },
});

const undecryptable = (reason: string) => (error: unknown) =>
  error instanceof UndecryptableError && error.reason === reason;

test("an envelope begins as the server reads it (P14.1)", () => {
  const by = fc.option(fc.constantFrom("b:api", "b:nightly import"), { nil: undefined });
  fc.assert(
    fc.property(sealed, by, (message, by) => {
      const [, digits] =
        /^\{"e2e":1,"k":([1-9]\d*),"n":"[\w-]{16}"/.exec(toEnvelope(message, by)) ?? [];
      assert.equal(Number(digits), message.epoch);
      assert.deepEqual(readEnvelope(JSON.parse(toEnvelope(message, by))), {
        ...message,
        ...(by === undefined ? {} : { by }),
      });
    }),
  );
});

test("a backend has a name of 1 to 64 bytes", () => {
  const named = (by: unknown) =>
    readEnvelope({ e2e: 1, k: 7, n: "A".repeat(16), c: "A".repeat(22), by });
  for (const by of ["b:a", "b:a b:c", `b:${"é".repeat(32)}`, `b:${"x".repeat(64)}`])
    assert.equal(named(by)?.by, by);
  for (const by of [
    "b:",
    "api",
    "u:ann",
    "B:api",
    "",
    7,
    null,
    `b:${"x".repeat(65)}`,
    `b:${"é".repeat(33)}`,
  ])
    assert.throws(() => named(by), undecryptable("malformed"), String(by));
});

/** What looks almost like an envelope. */
const almost = fc.record(
  {
    e2e: fc.oneof(fc.constant(1), fc.jsonValue()),
    k: fc.oneof(fc.constantFrom(0, -1, 1.5, LAST_EPOCH, LAST_EPOCH + 1, "7"), fc.jsonValue()),
    n: fc.oneof(fc.base64String(), bytesOf(11, 13).map(toBase64url), fc.jsonValue()),
    c: fc.oneof(fc.base64String(), bytesOf(14, 40).map(toBase64url), fc.jsonValue()),
    by: fc.oneof(
      fc.string().map((name) => `b:${name}`),
      fc.jsonValue(),
    ),
  },
  { requiredKeys: [] },
);

test("any payload is plaintext, an envelope, or malformed", () => {
  fc.assert(
    fc.property(fc.oneof(almost, fc.jsonValue(), fc.anything()), (payload) => {
      const isEnvelope = typeof (payload as { e2e?: unknown } | null)?.e2e === "number";
      try {
        const read = readEnvelope(payload);
        assert.equal(read !== undefined, isEnvelope);
      } catch (error) {
        assert.ok(isEnvelope && undecryptable("malformed")(error), String(error));
      }
    }),
    { numRuns: 2_000 },
  );
});

test("any bytes are a message, in one way only, or malformed", () => {
  const near = fc
    .tuple(bytesOf(0, 7), bytesOf(0, 60))
    .map(([first, rest]) => [1, ...first, ...rest]);
  const any = fc.oneof(
    near.map((list) => Uint8Array.from(list)),
    bytesOf(0, 60),
    sealed.map(toBytes),
  );
  fc.assert(
    fc.property(any, (bytes) => {
      try {
        assert.deepEqual(toBytes(readBytes(bytes)), bytes);
      } catch (error) {
        assert.ok(undecryptable("malformed")(error), String(error));
      }
    }),
    { numRuns: 2_000 },
  );
});

test("base64url is that of Node, and is read in one way only", () => {
  fc.assert(
    fc.property(bytesOf(0, 100), (bytes) => {
      assert.equal(toBase64url(bytes), Buffer.from(bytes).toString("base64url"));
      assert.deepEqual(fromBase64url(toBase64url(bytes)), bytes);
    }),
  );
  const letters = fc.string({ unit: fc.constantFrom(..."Aa0-_gwQ="), maxLength: 8 });
  fc.assert(
    fc.property(letters, (text) => {
      const bytes = fromBase64url(text);
      if (bytes) assert.equal(toBase64url(bytes), text);
      else assert.notEqual(Buffer.from(text, "base64url").toString("base64url"), text);
    }),
  );
});

test("text is UTF-8 as it is, and nothing else is text", () => {
  for (const text of ["Größe 🙂 \ufeff%41", "\ufeffWith a byte order mark", ""])
    assert.equal(textOf(utf8(text)), text);
  for (const wrong of ["ff", "c080", "eda080", "f8808080", "c3"])
    assert.throws(() => textOf(Buffer.from(wrong, "hex")), wrong);
});

test("a text of a context has at most 65,535 bytes", () => {
  assert.equal(lp("é".repeat(32_767)).length, 2 + 65_534);
  assert.throws(() => lp("é".repeat(32_768)), RangeError);
});

test("a varUint is read back, and in its shortest form only", () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (number) => {
      const bytes = varUint(number);
      assert.deepEqual(readVarUint(bytes, 0), { number, end: bytes.length });
      assert.equal(readVarUint(bytes.subarray(0, -1), 0), undefined);
    }),
  );
  for (const bytes of [[0x80, 0], [0xff, 0x80, 0], Array.from({ length: 9 }, () => 0xff)])
    assert.equal(readVarUint(Uint8Array.from(bytes), 0), undefined);
});

test("what is too long is refused before it is decoded", () => {
  const c = "A".repeat(30 * 1024 * 1024);
  const start = process.memoryUsage().arrayBuffers;
  assert.throws(
    () => readEnvelope({ e2e: 1, k: 7, n: "A".repeat(16), c }),
    undecryptable("malformed"),
  );
  assert.throws(
    () => readEnvelope({ e2e: 1, k: 7, n: c, c: "A".repeat(22) }),
    undecryptable("malformed"),
  );
  assert.ok(process.memoryUsage().arrayBuffers - start < 1024 * 1024);
  const bytes = new Uint8Array(17 * 1024 * 1024).fill(1);
  assert.throws(() => readBytes(bytes), undecryptable("malformed"));
});
