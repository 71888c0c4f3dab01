//! What the gate sends to a room: requests of its own, with nothing in them that came from outside.
//!
//! After a deploy a new gate talks to old rooms for minutes, so all of this changes by addition only.
//! The room tells its calls apart by method and header; it does not look at the URL.

use js_sys::Uint8Array;
use validiant_core::admission::Admission;
use wasm_bindgen::prelude::*;
use web_sys::{Headers, Request, RequestInit};

/// The header that says who wants to connect. A room reads it on a connect only.
pub const ADMISSION_HEADER: &str = "x-validiant-admission";

const URL: &str = "https://room.internal/";

/// A client wants to connect.
pub fn connect(admission: &Admission) -> Result<Request, JsValue> {
    let headers = Headers::new()?;
    headers.set("Upgrade", "websocket")?;
    headers.set(ADMISSION_HEADER, &admission.to_header())?;
    let init = RequestInit::new();
    init.set_headers(&headers);
    Request::new_with_str_and_init(URL, &init)
}

/// A backend wants to know the room's state.
pub fn state() -> Result<Request, JsValue> {
    Request::new_with_str(URL)
}

/// A backend broadcasts, and its own request can't go on as it is.
pub fn publish(body: &[u8]) -> Result<Request, JsValue> {
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_body(&Uint8Array::from(body));
    Request::new_with_str_and_init(URL, &init)
}
