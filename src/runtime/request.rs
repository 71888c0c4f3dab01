//! The contents of a request. In JavaScript, because each text that crosses costs a few hundred nanoseconds: `head` crosses
//! once for all that the gate needs, where the crate's `Headers` would for each name and each value.

use worker::wasm_bindgen::{self, prelude::*};
use worker::web_sys::Request;

#[wasm_bindgen(module = "/src/runtime/request.js")]
extern "C" {
    /// The text for `RequestHead::parse`.
    pub fn head(request: &Request) -> String;

    /// The value of `Origin`, or an empty string.
    pub fn origin(request: &Request) -> String;

    /// The client's address according to the platform, or an empty string.
    pub fn address(request: &Request) -> String;

    /// The gate's text about who connects; `None` if the request is not a connect.
    pub fn admission(request: &Request) -> Option<String>;

    /// The gate's text about whom to remove; `None` if the request is not a removal.
    pub fn removal(request: &Request) -> Option<String>;

    /// The gate's text about how much of the room to erase; `None` if the request is not an erasure.
    pub fn erasure(request: &Request) -> Option<String>;

    /// The gate's text about which tokens to revoke; `None` if the request is not a revocation.
    pub fn revocation(request: &Request) -> Option<String>;

    /// The lowest key epoch that a backend asks for; `None` if the request is not such a call.
    #[wasm_bindgen(js_name = keyEpoch)]
    pub fn key_epoch(request: &Request) -> Option<String>;

    /// What a document asks of the room; `None` if the request is none of a document.
    pub fn errand(request: &Request) -> Option<String>;
}
