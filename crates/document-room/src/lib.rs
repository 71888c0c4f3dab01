//! The Durable Object of one document: a WebAssembly module of its own, beside that of the Worker.
//!
//! Every decision is made in `validiant-documents`; this crate turns runtime events into calls to it, and implements
//! its ports on the runtime. `src/document-room.js` makes the instance when the first document is used, so that a
//! project's room waits for nothing here and never shares a trap with a document.

mod calls;
mod document;
mod frame;
mod host;
mod log_lines;
#[cfg(feature = "planted-panic")]
mod planted_panic;
mod reply;
mod settings;
mod sockets;
mod storage;
mod trap;

use wasm_bindgen::prelude::*;

#[cfg(all(target_family = "wasm", not(target_feature = "atomics")))]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// Runs when a new instance of this module is made.
#[wasm_bindgen(start)]
pub fn start() {
    trap::install();
}
