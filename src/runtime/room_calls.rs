//! Calls to a room. In JavaScript, because the room answers later, and its answer must come even if the instance that called
//! is gone by then; the crate's `Stub` would wait in a future, which is lost with its instance.

use worker::Env;
use worker::js_sys::{Function, Promise};
use worker::wasm_bindgen::{self, prelude::*};
use worker::web_sys::Request;

use super::Judged;

#[wasm_bindgen(module = "/src/runtime/room-calls.js")]
extern "C" {
    /// Sends a broadcast to the room, once and unchanged. `fallback` answers if the room does not.
    pub fn forward(env: &Env, room: &str, request: &Request, fallback: &Function) -> Promise;

    /// The same for a body of unknown length and, with retries, for a broadcast with a key (`key` is empty if it has
    /// none). `too_long` answers if the body is over `max_bytes`.
    #[wasm_bindgen(js_name = forwardBounded)]
    pub fn forward_bounded(
        env: &Env,
        room: &str,
        request: &Request,
        max_bytes: usize,
        key: &str,
        too_long: &JsValue,
        fallback: &Function,
    ) -> Promise;

    /// Sends a broadcast to the room if the signature of its token is valid. `bearer`: whose token it is, for the room.
    #[wasm_bindgen(js_name = forwardIfValid)]
    #[allow(clippy::too_many_arguments)] // They cross together, in one call.
    pub fn forward_if_valid(
        env: &Env,
        room: &str,
        request: &Request,
        max_bytes: usize,
        key: &str,
        bearer: &str,
        too_long: &JsValue,
        fallback: &Function,
        judged: &Judged,
    ) -> Promise;

    /// Asks the room for its state.
    #[wasm_bindgen(js_name = askForState)]
    pub fn ask_for_state(env: &Env, room: &str, fallback: &Function) -> Promise;

    /// Makes the room remove a user.
    pub fn remove(env: &Env, room: &str, removal: &str, fallback: &Function) -> Promise;

    /// Makes the room erase itself.
    pub fn erase(env: &Env, room: &str, erasure: &str, fallback: &Function) -> Promise;

    /// Makes the room revoke tokens. `judge` takes the body, or `undefined` if it is over `max_bytes`, and returns the
    /// text for the room, or a refusal.
    pub fn revoke(
        env: &Env,
        room: &str,
        request: &Request,
        max_bytes: usize,
        judge: &JsValue,
        fallback: &Function,
    ) -> Promise;

    /// Makes the room raise its lowest key epoch. `judge` is as in [`revoke`].
    #[wasm_bindgen(js_name = raiseKeyEpoch)]
    pub fn raise_key_epoch(
        env: &Env,
        room: &str,
        request: &Request,
        max_bytes: usize,
        judge: &JsValue,
        fallback: &Function,
    ) -> Promise;
}
