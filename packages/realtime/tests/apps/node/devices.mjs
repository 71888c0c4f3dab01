/** Keys of devices by this runtime's own X25519. */

import assert from "node:assert/strict";
import { generateEpochKey } from "@validiant/realtime/encryption";
import { deviceKeys, loadDevice, memoryStorage } from "@validiant/realtime/encryption/devices";

const load = (userId) => loadDevice({ userId, storage: memoryStorage() });
const [ann, ben] = await Promise.all([load("ann"), load("ben")]);
await ann.pin(ben);
await ben.pin(ann);

const key = generateEpochKey();
const wrapped = await ann.wrapEpochKey({ projectId: "demo", epoch: 7, key, to: ben });
const keys = deviceKeys({ device: ben, fetchWrapped: async () => wrapped });
assert.deepEqual(await keys.current("demo"), { epoch: 7, key });
await assert.rejects(ben.unwrapEpochKey("other", wrapped), { code: "damaged" });
