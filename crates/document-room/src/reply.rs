//! Answers to HTTP, as `src/reply.rs` gives them for the Worker.

use validiant_core::wire::close_code::Closing;
use validiant_core::wire::error_code::{ErrorCode, PAGES};
use wasm_bindgen::prelude::*;

use crate::host::HostAnswers;

/// A refusal with the message of its code. None of these has a character that JSON would escape.
pub fn refusal(answers: &HostAnswers, code: ErrorCode) -> JsValue {
    let body = [
        r#"{"success":false,"code":""#,
        code.code,
        r#"","error":""#,
        code.message,
        r#"","docs":""#,
        PAGES,
        code.code,
        r#".md"}"#,
    ]
    .concat();
    let status = code.status.unwrap_or(500);
    match code {
        ErrorCode::STORAGE_FAILED | ErrorCode::ROOM_UNAVAILABLE => {
            answers.json_with_header(status, &body, "Retry-After", "1")
        }
        _ => answers.json(status, &body),
    }
}

/// Something was done.
pub fn done(answers: &HostAnswers, status: u16, message: &str) -> JsValue {
    let body = [r#"{"success":true,"message":""#, message, r#""}"#].concat();
    answers.json(status, &body)
}

/// Something was done, and so many sockets were closed for it.
pub fn disconnected(answers: &HostAnswers, message: &str, sockets: usize) -> JsValue {
    let sockets = sockets.to_string();
    let rest = [r#"","disconnected":"#, &sockets, "}"].concat();
    let body = [r#"{"success":true,"message":""#, message, &rest].concat();
    answers.json(200, &body)
}

/// A socket that is closed at once.
pub fn close_at_once(
    answers: &HostAnswers,
    closing: Closing,
    subprotocol: Option<&str>,
) -> JsValue {
    answers.close_at_once(closing.code.number, &closing.reason(), subprotocol)
}
