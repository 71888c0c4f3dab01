//! The sockets of a room. In JavaScript, because they are many, or because a binding that catches would cost a closure for
//! each socket.

use worker::js_sys::JsString;
use worker::wasm_bindgen::{self, prelude::*};
use worker::web_sys::WebSocket;
use worker::worker_sys::DurableObjectState;

#[wasm_bindgen(module = "/src/runtime/sockets.js")]
extern "C" {
    /// The attachments of all sockets, in the order of `get_websockets`, separated by a record separator (U+001E); empty
    /// for a socket without one.
    pub fn attachments(state: &DurableObjectState) -> String;

    /// The number with which the attachment of a socket begins; `None` if it has no attachment.
    #[wasm_bindgen(js_name = numberOf)]
    pub fn number_of(socket: &WebSocket) -> Option<u32>;

    /// Accepts a socket for hibernation, with its attachment. Returns whether the runtime accepted it: an object has at
    /// most 32,768.
    pub fn accept(state: &DurableObjectState, socket: &WebSocket, attachment: &str) -> bool;

    /// Returns whether the socket accepted the text: a closing socket does not. It is a `JsString` and not a `&str`
    /// as in `WebSocket::send_with_str`: the same string is sent to all sockets, and converted only once.
    pub fn send(socket: &WebSocket, text: &JsString) -> bool;
}
