//! Answers and errors to HTTP: always JSON, always with CORS headers (P1.6, P1.7).

use js_sys::Function;
use serde::Serialize;
use validiant_core::close_code::CloseCode;
use validiant_core::error_code::ErrorCode;

use crate::runtime::{self, Response};

const ALLOWED_METHODS: &str = "GET, POST, OPTIONS";
/// `*` does not cover `Authorization`, so the headers are named.
const ALLOWED_HEADERS: &str = "Authorization, Content-Type, Idempotency-Key";
/// Seconds that a browser may keep the answer to a preflight.
const PREFLIGHT_MAX_AGE: &str = "86400";

/// An extra header of an answer.
pub type Header<'a> = (&'a str, &'a str);

/// A refusal with the text of its code, or with one that says more.
pub fn refusal(code: ErrorCode, detail: Option<&str>, extra: Option<Header<'_>>) -> Response {
    let (status, body) = (status_of(code), refusal_body(code, detail));
    match extra {
        Some((name, value)) => runtime::json_with_header(status, &body, name, value),
        None => runtime::json(status, &body),
    }
}

/// A function that answers a refusal, whatever it is called with.
pub fn standing_refusal(code: ErrorCode, (name, value): Header<'_>) -> Function {
    runtime::standing_refusal(status_of(code), &refusal_body(code, None), name, value)
}

fn status_of(code: ErrorCode) -> u16 {
    code.status.unwrap_or(500)
}

fn refusal_body(code: ErrorCode, detail: Option<&str>) -> String {
    #[derive(Serialize)]
    struct Refusal<'a> {
        success: bool,
        code: &'a str,
        error: &'a str,
    }
    let error = detail.unwrap_or(code.message);
    serde_json::to_string(&Refusal { success: false, code: code.code, error }).unwrap_or_default()
}

/// The answer to a preflight.
pub fn preflight() -> Response {
    runtime::preflight(ALLOWED_METHODS, ALLOWED_HEADERS, PREFLIGHT_MAX_AGE)
}

/// A browser can see a close code but not an HTTP status, so a client that is refused for who it is
/// or how it comes gets a socket, closed with a code (P4.5).
pub fn close_at_once(code: CloseCode, subprotocol: Option<&str>) -> Response {
    runtime::close_at_once(code.number, &code.reason(), subprotocol)
}
