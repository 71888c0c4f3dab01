//! Calls to many rooms. In JavaScript, for the same reasons as the calls to one.

use worker::Env;
use worker::js_sys::{Function, Promise};
use worker::wasm_bindgen::{self, prelude::*};
use worker::web_sys::Request;

#[wasm_bindgen(module = "/src/runtime/many-rooms.js")]
extern "C" {
    /// Sends a broadcast to many rooms. `judge` takes the body, or `undefined` if it is over `max_bytes`, and returns
    /// an array of the rooms' names and the body for each, or a refusal.
    #[wasm_bindgen(js_name = publishToMany)]
    pub fn publish_to_many(
        env: &Env,
        request: &Request,
        max_bytes: usize,
        key: &str,
        judge: &JsValue,
        fallback: &Function,
    ) -> Promise;
}
