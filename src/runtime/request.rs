//! What a request says.

use wasm_bindgen::prelude::*;

use super::Request;

#[wasm_bindgen(module = "/src/runtime/request.js")]
extern "C" {
    /// What `RequestHead::parse` reads.
    pub fn head(request: &Request) -> String;

    /// The value of `Origin`, or an empty text.
    pub fn origin(request: &Request) -> String;

    /// Where the client is, as the platform says, or an empty text.
    pub fn address(request: &Request) -> String;

    /// Who wants to connect, as the gate says; `None` if the request is no connect.
    pub fn admission(request: &Request) -> Option<String>;

    /// Who is to be removed, as the gate says; `None` if the request is no removal.
    pub fn removal(request: &Request) -> Option<String>;

    /// How much of the room to erase, as the gate says; `None` if the request is no erasure.
    pub fn erasure(request: &Request) -> Option<String>;

    /// Which tokens to revoke, as the gate says; `None` if the request is no revocation.
    pub fn revocation(request: &Request) -> Option<String>;
}
