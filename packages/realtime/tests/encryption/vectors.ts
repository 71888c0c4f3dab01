/** The test vectors of docs/encryption-vectors.json, which another implementation has made. */

import { readFileSync } from "node:fs";
import type { Context } from "../../src/encryption/context.ts";

/** Bytes are in hexadecimal digits. */
export interface Vector extends Context {
  readonly name: string;
  readonly epoch: number;
  readonly epochKey: string;
  readonly info: string;
  readonly senderKey: string;
  readonly aad: string;
  readonly nonce: string;
  readonly plaintext: string;
  readonly ciphertext: string;
  readonly text?: string;
  readonly envelope?: string;
  readonly bytes?: string;
  readonly at?: string;
  readonly placeInfo?: string;
  readonly placeKey?: string;
  readonly placeTag?: string;
}

/** A device, with its private key. */
export interface DeviceVector {
  readonly id: string;
  readonly privateKey: string;
  readonly publicKey: string;
  readonly fingerprint: string;
}

/** A key that one of the devices has wrapped for another. */
export interface WrapVector {
  readonly projectId: string;
  readonly epoch: number;
  readonly epochKey: string;
  readonly by: string;
  readonly to: string;
  readonly ephemeral: string;
  readonly info: string;
  readonly aad: string;
  readonly wrapped: string;
}

const FILE = new URL("../../../../docs/encryption-vectors.json", import.meta.url);

export const {
  label: LABEL,
  vectors: VECTORS,
  devices: DEVICES,
  wraps: WRAPS,
} = JSON.parse(readFileSync(FILE, "utf8")) as {
  label: string;
  vectors: Vector[];
  devices: DeviceVector[];
  wraps: WrapVector[];
};

export const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));

export const hex = (data: Uint8Array): string => Buffer.from(data).toString("hex");
