//! The Worker: the only Rust here that touches Cloudflare.
//!
//! Two entry points: [`fetch`] at the edge, and `room::ProjectRoom`, the Durable Object of one
//! project. Every decision is made in `validiant-core`; this crate turns runtime events into its
//! calls, and implements its ports on the runtime.
//!
//! The exports are synchronous on purpose. An `async` export costs a task and several promises a
//! call, and when it panics its caller waits for ever; a synchronous one throws, and hands on the
//! runtime's own promises and responses as they are.

mod config;
mod gate;
mod internal;
mod last_resort;
mod log;
mod reply;
mod room;
mod router;
mod runtime;

use wasm_bindgen::prelude::*;

/// A request has come in at the edge. Answers a `Response`, or a `Promise` of one.
#[wasm_bindgen]
pub fn fetch(request: &web_sys::Request, env: JsValue, _context: JsValue) -> JsValue {
    last_resort::install();
    router::handle(request, &env)
}
