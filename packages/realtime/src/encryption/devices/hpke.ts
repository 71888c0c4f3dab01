/** HPKE (RFC 9180), with the sender authenticated: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. */

import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from "@hpke/core";
import { concat } from "../bytes.ts";

/** The name of its keys in WebCrypto. */
export const X25519 = "X25519";
export const PUBLIC_KEY_BYTES = 32;

/** What both sides must know. */
export interface Binding {
  readonly info: Uint8Array;
  readonly aad: Uint8Array;
}

/** Made when it is first needed: the parts of the package that don't need it don't load it, either. */
let shared: CipherSuite | undefined;

export function suite(): CipherSuite {
  shared ??= new CipherSuite({
    kem: new DhkemX25519HkdfSha256(),
    kdf: new HkdfSha256(),
    aead: new Aes256Gcm(),
  });
  return shared;
}

/** Encrypts one message from a key pair to a public key: `enc ‖ ciphertext ‖ tag`. `ephemeral` is for test vectors. */
export async function sealOnce(
  sender: CryptoKeyPair,
  recipient: Uint8Array,
  { info, aad }: Binding,
  plaintext: Uint8Array,
  ephemeral?: CryptoKeyPair,
): Promise<Uint8Array> {
  const recipientPublicKey = await suite().kem.deserializePublicKey(recipient);
  const { enc, ct } = await suite().seal(
    { recipientPublicKey, senderKey: sender, info, ...(ephemeral && { ekm: ephemeral }) },
    plaintext,
    aad,
  );
  return concat(new Uint8Array(enc), new Uint8Array(ct));
}

/** Decrypts what {@link sealOnce} has made. Rejects if anything is not as it was. */
export async function openOnce(
  recipient: CryptoKeyPair,
  sender: Uint8Array,
  { info, aad }: Binding,
  sealed: Uint8Array,
): Promise<Uint8Array> {
  const enc = sealed.slice(0, PUBLIC_KEY_BYTES);
  const senderPublicKey = await suite().kem.deserializePublicKey(sender);
  const params = { recipientKey: recipient, senderPublicKey, enc, info };
  return new Uint8Array(await suite().open(params, sealed.slice(PUBLIC_KEY_BYTES), aad));
}
