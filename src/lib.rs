//! The Worker: the only code here that touches Cloudflare.
//!
//! Two exports: [`fetch`] at the edge, and `room::Room`, the body of the Durable Object of one project.
//! Every decision is made in `validiant-core`; this crate turns runtime events into its calls, and
//! implements its ports on the runtime. Around it stand two small JavaScript modules: `entry.js` is
//! what the runtime calls, `runtime/` what this crate asks of the runtime.
//!
//! The exports are synchronous on purpose. An `async` export costs a task and several promises a
//! call, and when it panics its caller waits for ever; a synchronous one throws, and hands on the
//! runtime's own promises and responses as they are.

mod config;
mod gate;
mod log;
mod reply;
mod room;
mod router;
mod runtime;
mod signature;
mod trap;

use wasm_bindgen::prelude::*;

/// A new instance of this module has been made.
#[wasm_bindgen(start)]
pub fn start() {
    trap::install();
}

/// A request has come in at the edge. Answers a `Response`, or a `Promise` of one.
#[wasm_bindgen]
pub fn fetch(request: &runtime::Request, env: &runtime::Env) -> JsValue {
    router::handle(request, env)
}

/// A request has failed at something that nobody has foreseen. Answers as [`fetch`] does.
#[wasm_bindgen]
pub fn unavailable(request: &runtime::Request, env: &runtime::Env) -> JsValue {
    router::unavailable(request, env)
}
