//! HTTP answers. In JavaScript, because what is always the same in them is made once; the crate's `Response` makes its
//! headers anew for each answer, and unwraps. The answers that come later must come even if the instance is gone by then.

use worker::Env;
use worker::js_sys::{Function, Promise};
use worker::wasm_bindgen::{self, prelude::*};
use worker::web_sys::{Request, Response, WebSocket};

#[wasm_bindgen(module = "/src/runtime/response.js")]
extern "C" {
    /// An answer in JSON.
    pub fn json(status: u16, body: &str) -> Response;

    /// The room's answer to a document: what it asked for is done. `min_key_epoch`: if the project is encrypted.
    pub fn done(min_key_epoch: Option<&str>) -> Response;

    /// The answer about the server's health, once it is known whether its public keys can be used. `health` contains the
    /// rest.
    #[wasm_bindgen(js_name = healthWithKeys)]
    pub fn health_with_keys(keys: &JsValue, health: &str) -> Promise;

    /// An answer in JSON with one more header.
    #[wasm_bindgen(js_name = jsonWithHeader)]
    pub fn json_with_header(status: u16, body: &str, name: &str, value: &str) -> Response;

    /// The answer to a preflight; it allows `headers` and the headers that the preflight asks for.
    pub fn preflight(request: &Request, methods: &str, headers: &str, max_age: &str) -> Response;

    /// Lets only pages of this origin read an answer, or a promise of one.
    #[wasm_bindgen(js_name = allowOnly)]
    pub fn allow_only(answer: &JsValue, origin: Option<&str>) -> Promise;

    /// The 101 that gives the client its end of a socket.
    pub fn upgrade(client: &WebSocket, subprotocol: Option<&str>) -> Response;

    /// The answer to the gate if a client belongs to another object of the room; empty `places`: what the gate knew of
    /// them is out of date.
    pub fn elsewhere(object: &str, places: &str) -> Response;

    /// A 101 whose socket is closed at once.
    #[wasm_bindgen(js_name = closeAtOnce)]
    pub fn close_at_once(code: u16, reason: &str, subprotocol: Option<&str>) -> Response;

    /// A function that always returns the same refusal.
    #[wasm_bindgen(js_name = standingRefusal)]
    pub fn standing_refusal(
        status: u16,
        body: &str,
        name: Option<&str>,
        value: Option<&str>,
    ) -> Function;

    /// A function that closes a client's socket at once. Its argument is the subprotocol.
    #[wasm_bindgen(js_name = standingClose)]
    pub fn standing_close(code: u16, reason: &str) -> Function;

    /// A file of the console. `not_found` answers if there is no such file, or no binding for the files.
    /// `path`: the path of the file, if the server is not at the root of its host.
    pub fn asset(env: &Env, request: &Request, path: Option<&str>, not_found: &Function)
    -> Promise;
}
