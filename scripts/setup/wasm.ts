/** What the two toolchains for WebAssembly have in common. */

/** The Rust target of the Worker. */
export const WASM = "wasm32-unknown-unknown";

export interface WasmToolchain {
  env: NodeJS.ProcessEnv;
  /** The command that runs clippy. */
  clippy: string[];
}
