//! The Durable Object of one document: a WebAssembly module of its own, beside that of the Worker.
//!
//! Every decision is made in `validiant-documents`; this crate turns runtime events into calls to it, and implements
//! its ports on the runtime. `src/document-room.js` makes the instance when the first document is used, so that a
//! project's room waits for nothing here and never shares a trap with a document.

#[path = "../../../src/trap.rs"] // The same code for both modules, each with its own instance.
mod trap;

use worker::wasm_bindgen::{self, prelude::*};
use worker_macros::event;

#[cfg(all(target_family = "wasm", not(target_feature = "atomics")))]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// Runs when a new instance of this module is made.
#[event(start)]
pub fn start() {
    trap::install();
}

/// The body of the Durable Object. `document-room.js` keeps one for each object and WASM instance.
#[wasm_bindgen(wasm_bindgen = worker::wasm_bindgen)]
pub struct Document {
    name: String,
}

#[wasm_bindgen(wasm_bindgen = worker::wasm_bindgen)]
impl Document {
    /// Called for each life of the object, and after each trap. `name`: that of the object.
    #[wasm_bindgen(constructor)]
    pub fn new(name: String) -> Self {
        Self { name }
    }

    /// What the object is called.
    pub fn name(&self) -> String {
        self.name.clone()
    }
}
