/** This device: its key pair, the other devices that it trusts, and the keys that are wrapped between them. */

import { fromBase64url, toBase64url } from "../base64.ts";
import { concat, lp, u64be, utf8 } from "../bytes.ts";
import { isEpoch } from "../context.ts";
import { keyBytes } from "../epoch-key-error.ts";
import { DeviceError } from "./device-error.ts";
import { type Binding, openOnce, PUBLIC_KEY_BYTES, sealOnce } from "./hpke.ts";
import { type PublicDevice, publicKeyOf } from "./public-device.ts";
import type { DeviceStorage } from "./storage.ts";

/** An epoch key for one device, as the app stores it. */
export interface WrappedKey {
  readonly epoch: number;
  /** The id of the device that wrapped it. */
  readonly by: string;
  /** In base64url. */
  readonly wrapped: string;
}

/** What is wrapped, and for whom. */
export interface Wrapping {
  readonly projectId: string;
  readonly epoch: number;
  readonly key: Uint8Array;
  readonly to: PublicDevice;
}

const LABEL = utf8("validiant-realtime wrap v1\0");
const VERSION = 1;
/** Version, `enc`, key and tag. */
const WRAPPED_BYTES = 1 + PUBLIC_KEY_BYTES + 32 + 16;

/** This device. `loadDevice` makes it. */
export class Device implements PublicDevice {
  readonly id: string;
  readonly publicKey: string;
  readonly #keys: CryptoKeyPair;
  readonly #userId: string;
  readonly #storage: DeviceStorage;

  /** @internal */
  constructor(userId: string, self: PublicDevice, keys: CryptoKeyPair, storage: DeviceStorage) {
    this.id = self.id;
    this.publicKey = self.publicKey;
    this.#keys = keys;
    this.#userId = userId;
    this.#storage = storage;
  }

  /**
   * Trusts another device from now on: keys are wrapped for it, and taken from it. Call it when people have compared the
   * fingerprint, or, without asking them, for every device that the app lists: then the app is believed the first time.
   * Fails with a {@link DeviceError}, `changed_key`, if another public key is pinned for its id, and always will.
   */
  async pin(other: PublicDevice): Promise<void> {
    publicKeyOf(other);
    const pinned = (await this.#pinned(other.id)) ?? (await this.#keepPin(other));
    if (pinned === other.publicKey) return;
    throw new DeviceError("changed_key", `Another public key is pinned for device ${other.id}.`);
  }

  /** Whether this device is pinned, with this public key. */
  async isPinned(other: PublicDevice): Promise<boolean> {
    return (await this.#pinned(other.id)) === other.publicKey;
  }

  /** Encrypts an epoch key for a pinned device, or for this one. */
  async wrapEpochKey({ projectId, epoch, key, to }: Wrapping): Promise<WrappedKey> {
    if (!isEpoch(epoch)) throw new DeviceError("malformed", "This is no epoch.");
    const recipient = publicKeyOf(to);
    if ((await this.#pinnedKey(to.id)) !== to.publicKey)
      throw new DeviceError("changed_key", `Another public key is pinned for device ${to.id}.`);
    const binding = bindingOf(projectId, epoch, this.id, to.id);
    const sealed = await sealOnce(this.#keys, recipient, binding, keyBytes(key));
    return { epoch, by: this.id, wrapped: toBase64url(concat(Uint8Array.of(VERSION), sealed)) };
  }

  /** Decrypts an epoch key that a pinned device, or this one, has wrapped for this device. */
  async unwrapEpochKey(projectId: string, { epoch, by, wrapped }: WrappedKey): Promise<Uint8Array> {
    const bytes = typeof wrapped === "string" ? fromBase64url(wrapped) : undefined;
    const isWrapped = bytes?.length === WRAPPED_BYTES && bytes[0] === VERSION;
    if (!isWrapped || !isEpoch(epoch) || typeof by !== "string")
      throw new DeviceError("malformed", `Epoch ${epoch} is wrapped in another form.`);
    const sender = publicKeyOf({ id: by, publicKey: await this.#pinnedKey(by) });
    const binding = bindingOf(projectId, epoch, by, this.id);
    try {
      return await openOnce(this.#keys, sender, binding, bytes.subarray(1));
    } catch (cause) {
      const message = `Epoch ${epoch} was not wrapped by device ${by} for this one.`;
      throw new DeviceError("damaged", message, { cause });
    }
  }

  async #pinnedKey(id: string): Promise<string> {
    const pinned = await this.#pinned(id);
    if (pinned !== undefined) return pinned;
    throw new DeviceError("not_pinned", `Device ${id} is not pinned.`);
  }

  async #pinned(id: string): Promise<string | undefined> {
    if (id === this.id) return this.publicKey;
    return (await this.#storage.get(pinName(this.#userId, id))) as string | undefined;
  }

  async #keepPin({ id, publicKey }: PublicDevice): Promise<unknown> {
    return this.#storage.keep(pinName(this.#userId, id), publicKey);
  }
}

/** What a wrapped key is bound to: project, epoch, and both devices. */
function bindingOf(projectId: string, epoch: number, from: string, to: string): Binding {
  return {
    info: concat(LABEL, lp(projectId), u64be(epoch)),
    aad: concat(lp(from), lp(to)),
  };
}

/** As JSON, in which no two of these are the same text. */
function pinName(userId: string, id: string): string {
  return JSON.stringify(["pin", userId, id]);
}
