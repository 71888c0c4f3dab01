/** What is wrong with a device, or with a key that was wrapped for one. */

/**
 * - `not_pinned`: the other device has not been pinned on this one.
 * - `changed_key`: another public key is pinned for this device. The list of devices is not to be trusted.
 * - `malformed`: this is no device, or no wrapped key.
 * - `damaged`: the wrapped key is not from that device, or not for this device, project and epoch.
 * - `no_key`: no member has wrapped a key for this device yet.
 */
export type DeviceErrorCode = "not_pinned" | "changed_key" | "malformed" | "damaged" | "no_key";

/** A device, or a wrapped key, that is refused. */
export class DeviceError extends Error {
  override readonly name = "DeviceError";
  readonly code: DeviceErrorCode;

  constructor(code: DeviceErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
