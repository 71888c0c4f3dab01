//! The Worker: the only code here that touches Cloudflare.
//!
//! Two exports: [`fetch`] at the edge, and `room::Room`, the body of the Durable Object of one project.
//! Every decision is made in `validiant-core`; this crate turns runtime events into calls to it, and
//! implements its ports on the runtime. It is surrounded by a little JavaScript: the runtime calls
//! `entry.js`, and this crate calls the runtime through `runtime/`.
//!
//! The exports are synchronous on purpose. An `async` export costs a task and several promises per
//! call, and if it panics its caller never gets an answer. A synchronous export throws, and passes on
//! the runtime's own promises and responses unchanged.

mod config;
mod gate;
mod log;
mod random;
mod reply;
mod room;
mod router;
mod runtime;
mod signature;
mod trap;

use worker::Env;
use worker::wasm_bindgen::{self, prelude::*};
use worker::web_sys::Request;
use worker_macros::event;

#[cfg(all(target_family = "wasm", not(target_feature = "atomics")))]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// Runs when a new instance of this module is made.
#[event(start)]
pub fn start() {
    trap::install();
}

/// Handles a request at the edge. Returns a `Response`, or a `Promise` of one.
#[wasm_bindgen]
pub fn fetch(request: &Request, env: &Env) -> JsValue {
    router::handle(request, env)
}

/// Answers a request that failed unexpectedly. Returns the same as [`fetch`].
#[wasm_bindgen]
pub fn unavailable(request: &Request, env: &Env) -> JsValue {
    router::unavailable(request, env)
}

/// The settings that the module of the documents needs, which does not read the environment.
#[wasm_bindgen(js_name = documentSettings)]
pub fn document_settings(env: &Env) -> String {
    config::settings(env).for_documents()
}
