//! A client's frame on its way from JavaScript: its size is checked before it is copied (P4.9).

use validiant_core::room::Incoming;
use worker::js_sys::{ArrayBuffer, JsString};
use worker::wasm_bindgen::prelude::*;

/// A frame, copied into our memory if it is text within the limit.
pub enum Received {
    Text(String),
    Binary,
    TooBig,
}

/// Takes a frame, a string of at most `max_bytes` or an `ArrayBuffer`.
pub fn receive(message: &JsValue, max_bytes: usize) -> Received {
    if let Some(text) = message.dyn_ref::<JsString>() {
        // UTF-16 units: never more than bytes of UTF-8, which the core counts.
        if text.length() as usize > max_bytes {
            return Received::TooBig;
        }
        return Received::Text(text.into());
    }
    let length = message.dyn_ref::<ArrayBuffer>().map_or(0, ArrayBuffer::byte_length);
    if length as usize > max_bytes { Received::TooBig } else { Received::Binary }
}

impl Received {
    /// In the form that the core's room takes.
    pub fn as_incoming(&self) -> Incoming<'_> {
        match self {
            Self::Text(text) => Incoming::Text(text),
            Self::Binary => Incoming::Binary,
            Self::TooBig => Incoming::TooBig,
        }
    }
}
