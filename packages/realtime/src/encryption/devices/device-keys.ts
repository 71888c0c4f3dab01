/** Keys that members wrap for each other's devices. The app stores them, and can't read them. */

import { EpochKeyError } from "../epoch-key-error.ts";
import type { EpochKey } from "../key-source.ts";
import { type EpochKeys, type EpochKeysOptions, epochKeys } from "../keys.ts";
import type { Device, WrappedKey } from "./device.ts";
import { DeviceError } from "./device-error.ts";

/**
 * Fetches what the app stores for this device: the wrapped key of an epoch, or of the newest. Null if no member has
 * wrapped it yet.
 */
export type FetchWrapped = (
  projectId: string,
  epoch: number | "current",
  deviceId: string,
) => Promise<WrappedKey | null>;

/** Options of {@link deviceKeys}. */
export interface DeviceKeysOptions extends EpochKeysOptions {
  readonly device: Device;
  readonly fetchWrapped: FetchWrapped;
}

/**
 * Keys that are wrapped for this device. All projects with these keys are encrypted: while there is no key, nothing is
 * sent, since the app must not be able to turn encryption off by answering null.
 */
export function deviceKeys({ device, fetchWrapped, ...options }: DeviceKeysOptions): EpochKeys {
  return epochKeys(
    {
      async get(projectId, epoch): Promise<Uint8Array | null> {
        const fetched = await fetchWrapped(projectId, epoch, device.id);
        if (!fetched) return null;
        if (fetched.epoch === epoch) return device.unwrapEpochKey(projectId, fetched);
        throw new EpochKeyError(`fetchWrapped has answered with another epoch than ${epoch}.`);
      },
      async current(projectId): Promise<EpochKey> {
        const fetched = await fetchWrapped(projectId, "current", device.id);
        if (!fetched)
          throw new DeviceError("no_key", `No key of ${projectId} is wrapped for this device yet.`);
        const key = await device.unwrapEpochKey(projectId, fetched);
        return { epoch: fetched.epoch, key };
      },
    },
    options,
  );
}
