//! The sockets of a room, many of them in one crossing.

use js_sys::{Array, JsString};
use wasm_bindgen::prelude::*;

use super::{ObjectState, Socket};

#[wasm_bindgen(module = "/src/runtime/sockets.js")]
extern "C" {
    /// The attachments of all sockets, a record separator (U+001E) between them; empty for one that has none.
    pub fn attachments(sockets: &Array) -> String;

    /// Takes a socket for hibernation, with what it is to remember. Answers whether the runtime took it:
    /// an object has at most 32,768.
    pub fn accept(state: &ObjectState, socket: &Socket, attachment: &str) -> bool;

    /// Answers whether the socket took it: one that is closing does not. A `JsString` and not a `&str`:
    /// the same one is sent to all, converted once.
    pub fn send(socket: &Socket, text: &JsString) -> bool;
}
