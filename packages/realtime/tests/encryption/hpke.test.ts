/** HPKE against the vectors of RFC 9180, and its X25519 against those of Project Wycheproof. */

import assert from "node:assert/strict";
import {
  createCipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
} from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { openOnce, sealOnce, suite } from "../../src/encryption/devices/hpke.ts";
import { bytes, hex } from "./vectors.ts";

interface HpkeVector {
  mode: number;
  info: string;
  skRm: string;
  pkRm: string;
  skSm: string;
  pkSm: string;
  skEm: string;
  pkEm: string;
  enc: string;
  encryption: { aad: string; ct: string; pt: string };
}

interface XdhTest {
  tcId: number;
  comment: string;
  flags: string[];
  public: string;
  private: string;
  shared: string;
  result: "valid" | "acceptable";
}

const readJson = (name: string) => JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8"));
const [base, auth] = readJson("hpke-vectors.json").vectors as [HpkeVector, HpkeVector];
const XDH = readJson("wycheproof/x25519_test.json").tests as XdhTest[];

async function pairOf(secret: string, point: string): Promise<CryptoKeyPair> {
  return {
    privateKey: await suite().kem.deserializePrivateKey(bytes(secret)),
    publicKey: await suite().kem.deserializePublicKey(bytes(point)),
  };
}

describe("RFC 9180, X25519, SHA-256 and AES-256-GCM", () => {
  const binding = { info: bytes(auth.info), aad: bytes(auth.encryption.aad) };
  const { pt, ct } = auth.encryption;

  test("the vectors are those of the modes Base and Auth", () => {
    assert.deepEqual([base.mode, auth.mode], [0, 2]);
  });

  test("a message with an authenticated sender is sealed as in the vector", async () => {
    const sender = await pairOf(auth.skSm, auth.pkSm);
    const ephemeral = await pairOf(auth.skEm, auth.pkEm);
    const sealed = await sealOnce(sender, bytes(auth.pkRm), binding, bytes(pt), ephemeral);
    assert.equal(hex(sealed), auth.enc + ct);
  });

  test("and opened", async () => {
    const recipient = await pairOf(auth.skRm, auth.pkRm);
    const opened = await openOnce(recipient, bytes(auth.pkSm), binding, bytes(auth.enc + ct));
    assert.equal(hex(opened), pt);
  });

  test("the suite has the mode Base right, too", async () => {
    const { info, encryption } = base;
    const [aad, plain] = [bytes(encryption.aad), bytes(encryption.pt)];
    const sealed = await suite().seal(
      {
        recipientPublicKey: (await pairOf(base.skRm, base.pkRm)).publicKey,
        info: bytes(info),
        ekm: await pairOf(base.skEm, base.pkEm),
      },
      plain,
      aad,
    );
    assert.equal(hex(new Uint8Array(sealed.enc)), base.enc);
    assert.equal(hex(new Uint8Array(sealed.ct)), encryption.ct);
    const recipientKey = await pairOf(base.skRm, base.pkRm);
    const params = { recipientKey, info: bytes(info), enc: bytes(base.enc) };
    const opened = await suite().open(params, bytes(encryption.ct), aad);
    assert.equal(hex(new Uint8Array(opened)), encryption.pt);
  });
});

/** RFC 9180 by node:crypto, from the shared secret of a vector. */
const hmac = (key: Uint8Array, data: Uint8Array) => createHmac("sha256", key).update(data).digest();
const ascii = (text: string) => Buffer.from(text, "latin1");
const KEM = Buffer.concat([ascii("KEM"), bytes("0020")]);
const HPKE = Buffer.concat([ascii("HPKE"), bytes("002000010002")]);
const EMPTY = Buffer.alloc(0);

function extract(of: Uint8Array, salt: Uint8Array, label: string, ikm: Uint8Array): Buffer {
  return hmac(salt, Buffer.concat([ascii("HPKE-v1"), of, ascii(label), ikm]));
}

function expand(
  of: Uint8Array,
  key: Uint8Array,
  [label, info]: [string, Uint8Array],
  length: number,
): Buffer {
  const size = bytes(length.toString(16).padStart(4, "0"));
  const labelled = Buffer.concat([size, ascii("HPKE-v1"), of, ascii(label), info, bytes("01")]);
  return hmac(key, labelled).subarray(0, length);
}

const der = (prefix: string, key: string) => Buffer.from(prefix + key, "hex");
const asPrivate = (key: string) =>
  createPrivateKey({
    key: der("302e020100300506032b656e04220420", key),
    format: "der",
    type: "pkcs8",
  });
const asPublic = (key: string) =>
  createPublicKey({ key: der("302a300506032b656e032100", key), format: "der", type: "spki" });
const pointOf = (secret: string) =>
  createPublicKey(asPrivate(secret)).export({ format: "der", type: "spki" }).subarray(-32);

/** Seals in mode Auth. `shared` is what the ephemeral key and the recipient's have in common. */
function sealedByHand(shared: string, enc: string, recipient: string, sender: string): string {
  const dh = diffieHellman({
    privateKey: asPrivate(recipient),
    publicKey: asPublic(hex(pointOf(sender))),
  });
  const context = Buffer.concat([bytes(enc), pointOf(recipient), pointOf(sender)]);
  const prk = extract(KEM, EMPTY, "eae_prk", Buffer.concat([bytes(shared), dh]));
  const secret = expand(KEM, prk, ["shared_secret", context], 32);
  const schedule = Buffer.concat([
    bytes("02"),
    extract(HPKE, EMPTY, "psk_id_hash", EMPTY),
    extract(HPKE, EMPTY, "info_hash", ascii("info")),
  ]);
  const last = extract(HPKE, secret, "secret", EMPTY);
  const key = expand(HPKE, last, ["key", schedule], 32);
  const nonce = expand(HPKE, last, ["base_nonce", schedule], 12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(ascii("aad"));
  const ciphertext = Buffer.concat([cipher.update(ascii("plain")), cipher.final()]);
  return enc + hex(ciphertext) + hex(cipher.getAuthTag());
}

describe("X25519: Wycheproof", () => {
  const binding = { info: ascii("info"), aad: ascii("aad") };
  const sender = auth.skSm;
  const isZero = ({ flags }: XdhTest) => flags.includes("ZeroSharedSecret");

  test("the vectors are all there", () => {
    assert.deepEqual([XDH.length, XDH.filter(isZero).length], [518, 31]);
  });

  test("a message is opened with exactly the shared secret of the vector", async () => {
    for (const each of XDH.filter((each) => !isZero(each))) {
      const recipient = await pairOf(each.private, hex(pointOf(each.private)));
      const sealed = sealedByHand(each.shared, each.public, each.private, sender);
      const opened = await openOnce(recipient, bytes(auth.pkSm), binding, bytes(sealed));
      assert.equal(hex(opened), hex(ascii("plain")), `${each.tcId} ${each.comment}`);
    }
  });

  test("a shared secret of zeros is refused by both sides, as RFC 9180 demands", async () => {
    for (const each of XDH.filter(isZero)) {
      const recipient = await pairOf(each.private, hex(pointOf(each.private)));
      const sealed = sealedByHand(each.shared, each.public, each.private, sender);
      const what = `${each.tcId} ${each.comment}`;
      await assert.rejects(
        openOnce(recipient, bytes(auth.pkSm), binding, bytes(sealed)),
        { name: "DecapError" },
        what,
      );
      const from = await pairOf(auth.skSm, auth.pkSm);
      await assert.rejects(
        sealOnce(from, bytes(each.public), binding, ascii("plain")),
        { name: "EncapError" },
        what,
      );
    }
  });
});
