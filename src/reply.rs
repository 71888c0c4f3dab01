//! HTTP answers and errors: always JSON, always with CORS headers (P1.6, P1.7).

use serde::Serialize;
use validiant_core::Millis;
use validiant_core::answer::Published;
use validiant_core::encryption::KeyEpoch;
use validiant_core::request::route::RouteError;
use validiant_core::wire::close_code::Closing;
use validiant_core::wire::error_code::{ErrorCode, PAGES, Refusal};
use validiant_core::wire::reason::Reason;
use worker::js_sys::Function;
use worker::web_sys::{Request, Response};

use crate::runtime;

const ALLOWED_METHODS: &str = "GET, POST, PUT, DELETE, OPTIONS";
/// `*` does not cover `Authorization`, so the headers are listed.
const ALLOWED_HEADERS: &str = "Authorization, Content-Type, Idempotency-Key";
/// How many seconds a browser may cache the answer to a preflight.
const PREFLIGHT_MAX_AGE: &str = "86400";

/// An extra header of an answer.
type Header<'a> = (&'a str, &'a str);

/// The header that says after how many seconds a caller should retry.
const RETRY_AFTER: &str = "Retry-After";
const SOON: &str = "1";

/// The answer to a broadcast; `None` if the room could not be called.
pub fn published(published: Option<Result<Published, Refusal>>) -> Response {
    match published {
        Some(Ok(done)) => runtime::json(200, &done.to_json()),
        Some(Err(refused)) => refusal(&refused),
        None => unavailable(),
    }
}

/// The answer to another call of a room; `None` if the room could not be called.
pub fn outcome<T: Serialize, E: Into<Refusal>>(outcome: Option<Result<T, E>>) -> Response {
    match outcome {
        Some(Ok(done)) => runtime::json(200, &serde_json::to_string(&done).unwrap_or_default()),
        Some(Err(refused)) => refusal(&refused.into()),
        None => unavailable(),
    }
}

fn unavailable() -> Response {
    refusal(&ErrorCode::INTERNAL_ERROR.into())
}

/// A refusal with the message of its code, or a more precise one.
#[inline(never)] // What is not refused does not wait until this is compiled.
pub fn refusal(refusal: &Refusal) -> Response {
    with_header_of(refusal, |header| refusal_with(refusal, header))
}

/// Calls `act` with the header that belongs to a refusal, if there is one.
fn with_header_of<T>(refusal: &Refusal, act: impl FnOnce(Option<Header<'_>>) -> T) -> T {
    let seconds = refusal.exceeded.and_then(|exceeded| exceeded.retry_after_ms).map(seconds);
    let header = seconds.as_deref().map(|seconds| (RETRY_AFTER, seconds));
    act(header.or_else(|| header_of(refusal.code)))
}

/// In whole seconds, for `Retry-After` (RFC 9110, 10.2.3).
fn seconds(ms: Millis) -> String {
    ms.div_ceil(1_000).to_string()
}

fn header_of(code: ErrorCode) -> Option<Header<'static>> {
    match code {
        ErrorCode::UNAUTHORIZED => Some(("WWW-Authenticate", "Bearer")),
        ErrorCode::STORAGE_FAILED | ErrorCode::ROOM_UNAVAILABLE => Some((RETRY_AFTER, SOON)),
        _ => None,
    }
}

/// The answer to a request that matches no route.
pub fn not_routed(error: &RouteError) -> Response {
    refusal_with(&error.code.into(), error.allow.map(|allow| ("Allow", allow)))
}

fn refusal_with(refusal: &Refusal, header: Option<Header<'_>>) -> Response {
    let (status, body) = (status_of(refusal.code), refusal_body(refusal));
    match header {
        Some((name, value)) => runtime::json_with_header(status, &body, name, value),
        None => runtime::json(status, &body),
    }
}

/// A function that always returns the same refusal, whatever its arguments.
pub fn standing_refusal(refusal: impl Into<Refusal>) -> Function {
    let refusal = refusal.into();
    with_header_of(&refusal, |header| {
        let (name, value) = header.unzip();
        runtime::standing_refusal(status_of(refusal.code), &refusal_body(&refusal), name, value)
    })
}

fn status_of(code: ErrorCode) -> u16 {
    code.status.unwrap_or(500)
}

fn refusal_body(Refusal { code, detail, exceeded, reason, key_hint }: &Refusal) -> String {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Body<'a> {
        success: bool,
        code: &'a str,
        error: &'a str,
        docs: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        limit: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<Millis>,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        min_key_epoch: Option<KeyEpoch>,
    }
    let body = Body {
        success: false,
        code: code.code,
        docs: &[PAGES, code.code, ".md"].concat(),
        error: detail.as_deref().unwrap_or(code.message),
        limit: exceeded.map(|exceeded| exceeded.limit),
        retry_after_ms: exceeded.and_then(|exceeded| exceeded.retry_after_ms),
        reason: reason.map(Reason::name),
        min_key_epoch: key_hint.as_ref().map(|hint| hint.min_key_epoch),
    };
    serde_json::to_string(&body).unwrap_or_default()
}

/// The answer to a preflight.
pub fn preflight(request: &Request) -> Response {
    runtime::preflight(request, ALLOWED_METHODS, ALLOWED_HEADERS, PREFLIGHT_MAX_AGE)
}

/// A function that closes a client's socket at once. Its argument is the subprotocol.
pub fn standing_close(closing: Closing) -> Function {
    runtime::standing_close(closing.code.number, &closing.reason())
}

/// A browser can see a close code but not an HTTP status, so a client that is refused for its identity
/// or its way of connecting gets a socket that is closed with a code (P4.5).
pub fn close_at_once(closing: Closing, subprotocol: Option<&str>) -> Response {
    runtime::close_at_once(closing.code.number, &closing.reason(), subprotocol)
}
