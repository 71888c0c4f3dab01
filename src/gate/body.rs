//! The size of a body, bounded before anybody parses it (P2.7).

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, ReadableStreamDefaultReader, Request};

/// What `Content-Length` says; `None` when the body comes in chunks. The runtime sees to it that a
/// body is as long as its header says.
pub fn declared_length(headers: &Headers) -> Result<Option<usize>, JsValue> {
    Ok(headers.get("Content-Length")?.and_then(|length| length.parse().ok()))
}

/// A body that is longer than allowed.
pub struct TooLong;

/// Reads a body of unknown length, and stops as soon as it is longer than `max_bytes`.
pub async fn read(
    request: &Request,
    max_bytes: usize,
) -> Result<Result<Vec<u8>, TooLong>, JsValue> {
    let mut bytes = Vec::new();
    let Some(stream) = request.body() else {
        return Ok(Ok(bytes));
    };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    loop {
        let part = JsFuture::from(reader.read()).await?;
        if Reflect::get(&part, &"done".into())?.is_truthy() {
            return Ok(Ok(bytes));
        }
        let chunk: Uint8Array = Reflect::get(&part, &"value".into())?.unchecked_into();
        if bytes.len().saturating_add(chunk.length() as usize) > max_bytes {
            // The promise is left alone: nobody waits for the rest.
            let _ = reader.cancel();
            return Ok(Err(TooLong));
        }
        bytes.extend_from_slice(&chunk.to_vec());
    }
}
