/** The instances of the two WebAssembly modules. */

import * as documents from "#documents";
import * as wasm from "#wasm";
import { Instance } from "./instance.js";

/** Of the gate and all rooms of projects. */
export const mainInstance = new Instance(wasm.__wbg_reset_state, { isMade: true });

/** Of all documents. Made when the first one is used, so that nothing else waits for it. */
export const documentsInstance = new Instance(documents.__wbg_reset_state, { isMade: false });
