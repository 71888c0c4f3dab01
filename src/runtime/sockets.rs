//! The sockets of a room, many of them in one call.

use js_sys::{Array, JsString};
use wasm_bindgen::prelude::*;

use super::{ObjectState, Socket};

#[wasm_bindgen(module = "/src/runtime/sockets.js")]
extern "C" {
    /// The attachments of all sockets, separated by a record separator (U+001E); empty for a socket without one.
    pub fn attachments(sockets: &Array) -> String;

    /// Accepts a socket for hibernation, with its attachment. Returns whether the runtime accepted it: an object has at
    /// most 32,768.
    pub fn accept(state: &ObjectState, socket: &Socket, attachment: &str) -> bool;

    /// Returns whether the socket accepted the text: a closing socket does not. It is a `JsString` and not a `&str`,
    /// because the same string is sent to all sockets and converted only once.
    pub fn send(socket: &Socket, text: &JsString) -> bool;
}
