/** Devices: pinned, compared by fingerprints, and given keys by each other. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import fc from "fast-check";
import { sealOnce, suite } from "../../src/encryption/devices/hpke.ts";
import {
  type Device,
  DeviceError,
  type DeviceErrorCode,
  type DeviceStorage,
  deviceKeys,
  fingerprintOf,
  loadDevice,
  memoryStorage,
  type WrappedKey,
} from "../../src/encryption/devices.ts";
import { generateEpochKey } from "../../src/encryption.ts";
import { bytes, DEVICES, type DeviceVector, hex, WRAPS } from "./vectors.ts";

const fails = (code: DeviceErrorCode) => (error: unknown) =>
  error instanceof DeviceError && error.code === code;
const newDevice = (userId = "ann") => loadDevice({ userId, storage: memoryStorage() });
const flip = (text: string, bit: number) => {
  const bytes = Buffer.from(text, "base64url");
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return bytes.toString("base64url");
};

/** Two devices that have pinned each other. */
async function pair(): Promise<[Device, Device]> {
  const [ann, ben] = [await newDevice("ann"), await newDevice("ben")];
  await ann.pin(ben);
  await ben.pin(ann);
  return [ann, ben];
}

/** Storage that keeps only text, as Keychain and Keystore do. */
function textStorage(kept = new Map<string, unknown>()): DeviceStorage {
  return {
    keepsKeys: false,
    get: async (name) => kept.get(name),
    async keep(name, value) {
      assert.equal(typeof value, "string");
      if (!kept.has(name)) kept.set(name, value);
      return kept.get(name);
    },
  };
}

/** A device of the test vectors, from what is kept of it. */
function given({ id, privateKey, publicKey }: DeviceVector): Promise<Device> {
  const d = Buffer.from(privateKey, "hex").toString("base64url");
  const keys = { kty: "OKP", crv: "X25519", d, x: publicKey };
  const kept = new Map([['["device","ann"]', JSON.stringify({ id, keys })]]);
  return loadDevice({ userId: "ann", storage: textStorage(kept) });
}

describe("the test vectors, which another implementation has made", () => {
  test("have the fingerprints of their devices", async () => {
    assert.equal(DEVICES.length, 2);
    for (const device of DEVICES) assert.equal(await fingerprintOf(device), device.fingerprint);
  });

  test("are wrapped keys that the devices unwrap", async () => {
    assert.equal(WRAPS.length, 2);
    for (const { projectId, epochKey, to, ...wrapped } of WRAPS) {
      const [of, sender] = [to, wrapped.by].map((id) => DEVICES.find((each) => each.id === id));
      assert.ok(of && sender);
      const device = await given(of);
      await device.pin(sender);
      assert.equal(hex(await device.unwrapEpochKey(projectId, wrapped)), epochKey);
    }
  });

  test("are what this implementation makes of the same ephemeral key", async () => {
    const { kem } = suite();
    const pair = async (secret: string, point: Uint8Array) => ({
      privateKey: await kem.deserializePrivateKey(bytes(secret)),
      publicKey: await kem.deserializePublicKey(point),
    });
    for (const { by, to, ephemeral, info, aad, epochKey, wrapped } of WRAPS) {
      const [recipient, sender] = [to, by].map((id) => DEVICES.find((each) => each.id === id));
      assert.ok(recipient && sender);
      const point = (device: DeviceVector) =>
        new Uint8Array(Buffer.from(device.publicKey, "base64url"));
      const enc = Buffer.from(wrapped, "base64url").subarray(1, 33);
      const sealed = await sealOnce(
        await pair(sender.privateKey, point(sender)),
        point(recipient),
        { info: bytes(info), aad: bytes(aad) },
        bytes(epochKey),
        await pair(ephemeral, enc),
      );
      assert.equal(Buffer.concat([Buffer.of(1), sealed]).toString("base64url"), wrapped);
    }
  });
});

test("docs/encryption.md has the first of them", async () => {
  const file = new URL("../../../../docs/encryption.md", import.meta.url);
  const page = readFileSync(file, "utf8");
  const [wrap] = WRAPS;
  const recipient = DEVICES.find(({ id }) => id === wrap?.to);
  assert.ok(wrap && recipient);
  const { epoch, by, wrapped } = wrap;
  assert.ok(page.includes(`${JSON.stringify({ epoch, by, wrapped })}\n${recipient.fingerprint}\n`));
});

describe("a device", () => {
  test("is made once for each user, and found again", async () => {
    const storage = memoryStorage();
    const first = await loadDevice({ userId: "ann", storage });
    const again = await loadDevice({ userId: "ann", storage });
    const other = await loadDevice({ userId: "ben", storage });
    assert.deepEqual([again.id, again.publicKey], [first.id, first.publicKey]);
    assert.notEqual(other.id, first.id);
    assert.notEqual(other.publicKey, first.publicKey);
  });

  test("is one even if two tabs make it at once", async () => {
    const storage = memoryStorage();
    const load = () => loadDevice({ userId: "ann", storage });
    const [one, other] = await Promise.all([load(), load()]);
    assert.deepEqual([one?.id, one?.publicKey], [other?.id, other?.publicKey]);
    const key = generateEpochKey();
    const wrapped = await one.wrapEpochKey({ projectId: "demo", epoch: 1, key, to: other });
    assert.deepEqual(await other.unwrapEpochKey("demo", wrapped), key);
  });

  test("has a private key that can't be read out", async () => {
    const storage = memoryStorage();
    await loadDevice({ userId: "ann", storage });
    const { keys } = (await storage.get('["device","ann"]')) as { keys: CryptoKeyPair };
    assert.equal(keys.privateKey.extractable, false);
    await assert.rejects(crypto.subtle.exportKey("pkcs8", keys.privateKey));
  });

  test("is kept as text where nothing else can be", async () => {
    const storage = textStorage();
    const first = await loadDevice({ userId: "ann", storage });
    const again = await loadDevice({ userId: "ann", storage });
    assert.equal(again.publicKey, first.publicKey);
    const key = generateEpochKey();
    const wrapped = await first.wrapEpochKey({ projectId: "demo", epoch: 1, key, to: first });
    assert.deepEqual(await again.unwrapEpochKey("demo", wrapped), key);
  });

  test("is not replaced in silence if what is kept of it is damaged", async () => {
    for (const value of ["{", '"text"', '{"id":1}'])
      await assert.rejects(
        loadDevice({ userId: "ann", storage: textStorage(new Map([['["device","ann"]', value]])) }),
        fails("malformed"),
      );
  });
});

describe("a fingerprint", () => {
  const device = { id: "phone", publicKey: Buffer.alloc(32, 9).toString("base64url") };

  test("is 12 groups of 5 digits, the same for whoever computes it", async () => {
    assert.match(await fingerprintOf(device), /^\d{5}( \d{5}){11}$/);
    assert.equal(await fingerprintOf({ ...device }), await fingerprintOf(device));
  });

  test("is another one for another key or another id", async () => {
    const fingerprint = await fingerprintOf(device);
    assert.notEqual(await fingerprintOf({ ...device, id: "laptop" }), fingerprint);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 255 }), async (bit) => {
        const changed = { ...device, publicKey: flip(device.publicKey, bit) };
        assert.notEqual(await fingerprintOf(changed), fingerprint);
      }),
    );
  });

  test("is none of what is no device", async () => {
    for (const wrong of [
      { ...device, id: "" },
      { ...device, publicKey: "" },
      { ...device, publicKey: `${device.publicKey}AA` },
      { id: "phone" } as typeof device,
    ])
      await assert.rejects(fingerprintOf(wrong), fails("malformed"));
  });
});

describe("a pin", () => {
  test("is needed before a key is wrapped for a device, or taken from it", async () => {
    const [ann, ben] = [await newDevice("ann"), await newDevice("ben")];
    const what = { projectId: "demo", epoch: 1, key: generateEpochKey() };
    await assert.rejects(ann.wrapEpochKey({ ...what, to: ben }), fails("not_pinned"));
    await ann.pin(ben);
    const wrapped = await ann.wrapEpochKey({ ...what, to: ben });
    await assert.rejects(ben.unwrapEpochKey("demo", wrapped), fails("not_pinned"));
    await ben.pin(ann);
    assert.deepEqual(await ben.unwrapEpochKey("demo", wrapped), what.key);
  });

  test("that changes is refused, now and after a reload", async () => {
    const storage = memoryStorage();
    const ann = await loadDevice({ userId: "ann", storage });
    const [ben, mallory] = [await newDevice("ben"), await newDevice("mallory")];
    const swapped = { id: ben.id, publicKey: mallory.publicKey };
    await ann.pin(ben);
    await ann.pin(ben);
    const reloaded = await loadDevice({ userId: "ann", storage });
    for (const device of [ann, reloaded]) {
      await assert.rejects(device.pin(swapped), fails("changed_key"));
      const what = { projectId: "demo", epoch: 1, key: generateEpochKey(), to: swapped };
      await assert.rejects(device.wrapEpochKey(what), fails("changed_key"));
      assert.deepEqual([await device.isPinned(ben), await device.isPinned(swapped)], [true, false]);
    }
  });

  test("of this device itself can't be replaced", async () => {
    const [ann, mallory] = [await newDevice("ann"), await newDevice("mallory")];
    await ann.pin(ann);
    const swapped = { id: ann.id, publicKey: mallory.publicKey };
    await assert.rejects(ann.pin(swapped), fails("changed_key"));
  });

  test("is one even if two public keys come at once", async () => {
    const [ann, ben, mallory] = await Promise.all([newDevice(), newDevice(), newDevice()]);
    const swapped = { id: ben.id, publicKey: mallory.publicKey };
    const pinned = await Promise.allSettled([ann.pin(ben), ann.pin(swapped)]);
    assert.deepEqual(pinned.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  });
});

describe("a wrapped key", async () => {
  const [ann, ben] = await pair();
  const key = generateEpochKey();
  const wrapped = await ann.wrapEpochKey({ projectId: "demo", epoch: 7, key, to: ben });

  test("is another text each time, and never has the key in it", async () => {
    const again = await ann.wrapEpochKey({ projectId: "demo", epoch: 7, key, to: ben });
    assert.notEqual(again.wrapped, wrapped.wrapped);
    const bytes = Buffer.from(wrapped.wrapped, "base64url");
    assert.equal(bytes.length, 81);
    assert.equal(bytes.includes(Buffer.from(key)), false);
  });

  test("is refused in any other project, epoch, or from any other device", async () => {
    const cid = await newDevice("cid");
    await ben.pin(cid);
    const damaged: [string, WrappedKey][] = [
      ["other", wrapped],
      ["demo", { ...wrapped, epoch: 8 }],
      ["demo", { ...wrapped, by: cid.id }],
      ["demo", { ...wrapped, by: ben.id }],
    ];
    for (const [project, other] of damaged)
      await assert.rejects(ben.unwrapEpochKey(project, other), fails("damaged"));
    await cid.pin(ann);
    await assert.rejects(cid.unwrapEpochKey("demo", wrapped), fails("damaged"), "for another one");
  });

  test("is refused if anybody changes any bit", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 8, max: 81 * 8 - 1 }), async (bit) => {
        const changed = { ...wrapped, wrapped: flip(wrapped.wrapped, bit) };
        // X25519 ignores the highest bit of a point, but the key is bound to it.
        await assert.rejects(ben.unwrapEpochKey("demo", changed), fails("damaged"));
      }),
    );
  });

  test("that the app has made itself is refused: it has no pinned device's private key", async () => {
    const app = await newDevice("app");
    await app.pin(ben);
    const forged = await app.wrapEpochKey({ projectId: "demo", epoch: 8, key, to: ben });
    await assert.rejects(ben.unwrapEpochKey("demo", forged), fails("not_pinned"));
    const renamed = { ...forged, by: ann.id };
    await assert.rejects(ben.unwrapEpochKey("demo", renamed), fails("damaged"));
  });

  test("of another form is malformed", async () => {
    const texts = [
      "",
      "*",
      wrapped.wrapped.slice(4),
      `${wrapped.wrapped}AAAA`,
      flip(wrapped.wrapped, 0),
    ];
    const forms = [
      ...texts.map((text) => ({ ...wrapped, wrapped: text })),
      { ...wrapped, epoch: 0 },
      { ...wrapped, epoch: "7" as unknown as number },
      { ...wrapped, by: 1 as unknown as string },
      { ...wrapped, wrapped: undefined as unknown as string },
    ];
    for (const form of forms)
      await assert.rejects(ben.unwrapEpochKey("demo", form), fails("malformed"));
  });

  test("is only made of a key and an epoch", async () => {
    const what = { projectId: "demo", epoch: 1, key, to: ben };
    await assert.rejects(ann.wrapEpochKey({ ...what, key: key.subarray(1) }));
    await assert.rejects(ann.wrapEpochKey({ ...what, epoch: 0 }), fails("malformed"));
  });
});

describe("the keys of a device", () => {
  const context = {
    kind: "client",
    projectId: "demo",
    type: "client-ping",
    sender: "u:ann",
  } as const;

  /** An app that stores what members wrap. */
  function app() {
    const stored = new Map<string, WrappedKey>();
    const nameOf = (project: string, epoch: number, device: string) =>
      JSON.stringify([project, epoch, device]);
    let newest = 0;
    return {
      store(project: string, device: string, key: WrappedKey) {
        newest = Math.max(newest, key.epoch);
        stored.set(nameOf(project, key.epoch, device), key);
      },
      fetchWrapped: async (project: string, epoch: number | "current", device: string) =>
        stored.get(nameOf(project, epoch === "current" ? newest : epoch, device)) ?? null,
    };
  }

  test("encrypt for the other devices, in each epoch", async () => {
    const [ann, ben] = await pair();
    const { store, fetchWrapped } = app();
    const [from, to] = [ann, ben].map((device) => deviceKeys({ device, fetchWrapped }));
    for (const epoch of [1, 2]) {
      const key = generateEpochKey();
      for (const device of [ann, ben])
        store(
          "demo",
          device.id,
          await ann.wrapEpochKey({ projectId: "demo", epoch, key, to: device }),
        );
      from?.refresh();
      const sealed = await from?.sealer.seal(context, new Uint8Array([epoch]));
      assert.ok(sealed);
      assert.equal(sealed.epoch, epoch);
      assert.deepEqual(await to?.sealer.open(context, sealed), new Uint8Array([epoch]));
    }
  });

  test("send nothing while there is no key: the app can't turn encryption off", async () => {
    const device = await newDevice();
    const keys = deviceKeys({ device, fetchWrapped: async () => null });
    await assert.rejects(keys.current("demo"), fails("no_key"));
    assert.equal(await keys.get("demo", 1), null);
  });

  test("of an epoch that a member wraps for a new device later are there from then on", async () => {
    const [ann, ben] = await pair();
    const { store, fetchWrapped } = app();
    const key = generateEpochKey();
    store("demo", ann.id, await ann.wrapEpochKey({ projectId: "demo", epoch: 1, key, to: ann }));
    const old = deviceKeys({ device: ann, fetchWrapped });
    const keys = deviceKeys({ device: ben, fetchWrapped });
    assert.equal(await keys.get("demo", 1), null);
    const shared = await old.get("demo", 1);
    assert.ok(shared);
    const again = await ann.wrapEpochKey({ projectId: "demo", epoch: 1, key: shared, to: ben });
    store("demo", ben.id, again);
    keys.refresh("demo");
    assert.deepEqual(await keys.get("demo", 1), key);
  });

  test("are refused under another epoch than the one that was asked for", async () => {
    const [ann, ben] = await pair();
    const what = { projectId: "demo", epoch: 1, key: generateEpochKey(), to: ben };
    const wrapped = await ann.wrapEpochKey(what);
    const keys = deviceKeys({ device: ben, fetchWrapped: async () => wrapped });
    await assert.rejects(keys.get("demo", 2), { name: "EpochKeyError" });
  });
});
