/** The build target, and the versions of the build tools that neither Cargo.lock nor package-lock.json pins. */

import { Failure } from "../common/failure.mjs";

/** Version of wasm-bindgen-cli. The crate and the command line must have the same version. */
export const WASM_BINDGEN_CLI = "0.2.129";

/** Version of cargo-fuzz, which only `npm run fuzz` installs. */
export const CARGO_FUZZ = "0.13.2";

/** Versions of the other runtimes in which `npm run check:package` tries the npm package. */
export const BUN = "1.4.5";
export const DENO = "2.9.6";

/** The Rust target of the Worker. */
export const WASM = "wasm32-unknown-unknown";

/** The oldest Node that wrangler and type stripping work on. */
export const NODE_MINIMUM = "22.18.0";

/**
 * Fails if Cargo.lock has a different wasm-bindgen from the command line that setup installs.
 * @param {string} cargoLock the text of Cargo.lock
 */
export function checkWasmBindgen(cargoLock) {
  const locked = /name = "wasm-bindgen"\nversion = "([^"]+)"/.exec(cargoLock)?.[1];
  if (locked === WASM_BINDGEN_CLI) return;
  throw new Failure(
    `Cargo.lock has wasm-bindgen ${locked ?? "(none)"}, scripts/setup/versions.mjs has wasm-bindgen-cli ${WASM_BINDGEN_CLI}.`,
    { next: "Make the two versions equal: they only work together if they match." },
  );
}

/**
 * Whether version `a` is at least version `b`; both are dotted numbers.
 * @param {string} a
 * @param {string} b
 */
export function atLeast(a, b) {
  return a.localeCompare(b, "en", { numeric: true }) >= 0;
}
