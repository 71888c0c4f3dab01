//! The size of a body, bounded before anybody parses it (P2.7).

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{Headers, ReadableStreamDefaultReader, Request};

use crate::runtime::ValuePromise;

/// What `Content-Length` says; `None` when the body comes in chunks. The runtime sees to it that a
/// body is as long as its header says.
pub fn declared_length(headers: &Headers) -> Result<Option<usize>, JsValue> {
    Ok(headers.get("Content-Length")?.and_then(|length| length.parse().ok()))
}

/// A body that is longer than allowed.
pub struct TooLong;

/// What happens when a body has been read: answers a `Response` or a `Promise` of one.
pub type Done = Box<dyn FnOnce(Result<Vec<u8>, TooLong>) -> Result<JsValue, JsValue>>;

/// Reads a body of unknown length, and stops as soon as it is longer than `max_bytes`.
///
/// By reactions of promises and not as a future: a future that waits is lost for good when another
/// room's panic takes the WASM instance away, while a reaction throws, and its caller gets an answer.
pub fn read(request: &Request, max_bytes: usize, done: Done) -> Result<JsValue, JsValue> {
    let Some(stream) = request.body() else { return done(Ok(Vec::new())) };
    let reader = stream.get_reader().unchecked_into();
    Reading { reader, max_bytes, bytes: Vec::new(), done }.read_on()
}

struct Reading {
    reader: ReadableStreamDefaultReader,
    max_bytes: usize,
    bytes: Vec<u8>,
    done: Done,
}

impl Reading {
    fn read_on(self) -> Result<JsValue, JsValue> {
        let part: ValuePromise = self.reader.read().unchecked_into();
        let take = Closure::once_into_js(move |part: JsValue| self.take(&part));
        Ok(part.and_then(take.unchecked_ref()).into())
    }

    fn take(mut self, part: &JsValue) -> Result<JsValue, JsValue> {
        if Reflect::get(part, &"done".into())?.is_truthy() {
            return (self.done)(Ok(self.bytes));
        }
        let chunk: Uint8Array = Reflect::get(part, &"value".into())?.unchecked_into();
        if self.bytes.len().saturating_add(chunk.length() as usize) > self.max_bytes {
            // The promise is left alone: nobody waits for the rest.
            let _ = self.reader.cancel();
            return (self.done)(Err(TooLong));
        }
        self.bytes.extend_from_slice(&chunk.to_vec());
        self.read_on()
    }
}
