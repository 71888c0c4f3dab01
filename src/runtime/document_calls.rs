//! Calls to a document. In JavaScript, for the same reasons as the calls to a room.

use worker::Env;
use worker::js_sys::{Function, Promise};
use worker::wasm_bindgen::{self, prelude::*};
use worker::web_sys::Request;

use super::{Judged, Limited};

#[wasm_bindgen(module = "/src/runtime/document-calls.js")]
extern "C" {
    /// Lets a client open a document, if the signature of its token is valid. If the document does not answer,
    /// `unavailable` closes the socket.
    #[wasm_bindgen(js_name = openDocument)]
    pub fn open_document(
        env: &Env,
        name: &str,
        call: &str,
        unavailable: &Function,
        subprotocol: Option<&str>,
        limited: Option<Limited>,
        judged: Option<Judged>,
    ) -> Promise;

    /// Reads or erases a document, if the signature of the token is valid. `fallback` answers if the document does not.
    #[wasm_bindgen(js_name = askDocument)]
    pub fn ask_document(
        env: &Env,
        name: &str,
        call: &str,
        fallback: &Function,
        judged: Option<Judged>,
    ) -> Promise;

    /// Seeds a document with the body of the request, if the signature of the token is valid. `too_long` answers if the
    /// body is over `max_bytes`.
    #[wasm_bindgen(js_name = seedDocument)]
    #[allow(clippy::too_many_arguments)] // They cross together, in one call.
    pub fn seed_document(
        env: &Env,
        name: &str,
        call: &str,
        request: &Request,
        max_bytes: usize,
        too_long: &JsValue,
        fallback: &Function,
        judged: Option<Judged>,
    ) -> Promise;
}
