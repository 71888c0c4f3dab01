/** What everybody may know of a device, and how people compare it. */

import { fromBase64url } from "../base64.ts";
import { concat, lp, utf8 } from "../bytes.ts";
import { DeviceError } from "./device-error.ts";
import { PUBLIC_KEY_BYTES } from "./hpke.ts";

/** A device as the app's list of devices has it. */
export interface PublicDevice {
  readonly id: string;
  /** X25519, in base64url. */
  readonly publicKey: string;
}

const LABEL = utf8("validiant-realtime device v1\0");
const GROUPS = 12;
const GROUP_BYTES = 5;
const GROUP_DIGITS = 5;
const ID_MAX = 128;

/** The bytes of the public key. Fails with a {@link DeviceError} if this is no device. */
export function publicKeyOf({ id, publicKey }: PublicDevice): Uint8Array {
  const key = typeof publicKey === "string" ? fromBase64url(publicKey) : undefined;
  const isNamed = typeof id === "string" && id.length >= 1 && id.length <= ID_MAX;
  if (isNamed && key?.length === PUBLIC_KEY_BYTES) return key;
  throw new DeviceError("malformed", "A device is an id and 32 bytes in base64url.");
}

/**
 * The fingerprint of a device: 12 groups of 5 digits. Two people compare what one sees of their own device with what
 * the other sees of it.
 */
export async function fingerprintOf(device: PublicDevice): Promise<string> {
  const named = concat(LABEL, lp(device.id), publicKeyOf(device));
  const hash = new DataView(await crypto.subtle.digest("SHA-512", new Uint8Array(named)));
  const groups = Array.from({ length: GROUPS }, (_, group) => {
    const number =
      hash.getUint8(group * GROUP_BYTES) * 2 ** 32 + hash.getUint32(group * GROUP_BYTES + 1);
    return `${number % 10 ** GROUP_DIGITS}`.padStart(GROUP_DIGITS, "0");
  });
  return groups.join(" ");
}
