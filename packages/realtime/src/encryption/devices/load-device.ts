/** The key pair of this device: made once, and kept. */

import { toBase64url } from "../base64.ts";
import { Device } from "./device.ts";
import { DeviceError } from "./device-error.ts";
import { X25519 } from "./hpke.ts";
import { type DeviceStorage, indexedDbStorage } from "./storage.ts";

/** Whose device it is, and where it is kept. */
export interface LoadDeviceOptions {
  /** Users who share a browser have a device each. */
  readonly userId: string;
  /** Default: IndexedDB. */
  readonly storage?: DeviceStorage | undefined;
}

/** As it is kept: the pair, or, where only text can be kept, the private key as a JSON Web Key. */
interface Kept {
  readonly id: string;
  readonly keys: CryptoKeyPair | JsonWebKey;
}

const ID_BYTES = 16;
const USAGES: KeyUsage[] = ["deriveBits"];

/** This user's device here. It is made at the first call; in a browser, nobody can read its private key out again. */
export async function loadDevice(options: LoadDeviceOptions): Promise<Device> {
  const { userId, storage = indexedDbStorage() } = options;
  const name = JSON.stringify(["device", userId]);
  const found = (await storage.get(name)) ?? (await storage.keep(name, await make(storage)));
  const { id, keys } = read(found);
  const pair = "privateKey" in keys ? keys : await importPair(keys);
  const publicKey = toBase64url(
    new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)),
  );
  return new Device(userId, { id, publicKey }, pair, storage);
}

async function make({ keepsKeys }: DeviceStorage): Promise<Kept | string> {
  const id = toBase64url(crypto.getRandomValues(new Uint8Array(ID_BYTES)));
  const keys = (await crypto.subtle.generateKey(X25519, !keepsKeys, USAGES)) as CryptoKeyPair;
  if (keepsKeys) return { id, keys };
  return JSON.stringify({ id, keys: await crypto.subtle.exportKey("jwk", keys.privateKey) });
}

function read(found: unknown): Kept {
  try {
    const kept = typeof found === "string" ? JSON.parse(found) : found;
    if (typeof kept.id === "string" && typeof kept.keys === "object") return kept;
  } catch {
    // Said below, without what is there.
  }
  throw new DeviceError("malformed", "What is kept of this device is no device.");
}

/** The private key can't be read out of this pair. */
async function importPair({ kty, crv, d, x }: JsonWebKey): Promise<CryptoKeyPair> {
  const half = { kty, crv, x } as JsonWebKey;
  const privateKey = await crypto.subtle.importKey(
    "jwk",
    { ...half, d } as JsonWebKey,
    X25519,
    false,
    USAGES,
  );
  return { privateKey, publicKey: await crypto.subtle.importKey("jwk", half, X25519, true, []) };
}
