/** Keys for each device: members wrap epoch keys for each other by HPKE. Needs `@hpke/core`. */

export type { Device, WrappedKey, Wrapping } from "./devices/device.ts";
export { DeviceError, type DeviceErrorCode } from "./devices/device-error.ts";
export { type DeviceKeysOptions, deviceKeys, type FetchWrapped } from "./devices/device-keys.ts";
export { type LoadDeviceOptions, loadDevice } from "./devices/load-device.ts";
export { fingerprintOf, type PublicDevice } from "./devices/public-device.ts";
export { type DeviceStorage, indexedDbStorage, memoryStorage } from "./devices/storage.ts";
