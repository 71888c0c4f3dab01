//! Answers and errors to HTTP: always JSON, always with CORS headers (P1.6, P1.7).

use js_sys::{Function, Reflect};
use serde::Serialize;
use validiant_core::close_code::CloseCode;
use validiant_core::error_code::ErrorCode;
use wasm_bindgen::prelude::*;
use web_sys::{Headers, Response, ResponseInit};

use crate::runtime::{Socket, SocketPair};

/// Seconds that a browser may keep the answer to a preflight.
const PREFLIGHT_MAX_AGE: &str = "86400";

/// An extra header of an answer.
pub type Header<'a> = (&'a str, &'a str);

/// A JSON answer.
pub fn json(status: u16, body: &str, extra: &[Header<'_>]) -> Result<Response, JsValue> {
    Response::new_with_opt_str_and_init(Some(body), &init(status, &json_headers(extra)?))
}

/// A refusal with the text of its code, or with one that says more.
pub fn refusal(
    code: ErrorCode,
    detail: Option<&str>,
    extra: &[Header<'_>],
) -> Result<Response, JsValue> {
    json(status_of(code), &refusal_body(code, detail), extra)
}

/// A function that answers a refusal, whatever it is called with.
///
/// It is the runtime's own `Response.json` with its arguments bound, not a closure of ours: it still
/// works after a panic elsewhere has taken this WASM instance away.
pub fn standing_refusal(code: ErrorCode, extra: &[Header<'_>]) -> Result<Function, JsValue> {
    let class = Reflect::get(&js_sys::global(), &"Response".into())?;
    let json: Function = Reflect::get(&class, &"json".into())?.dyn_into()?;
    let body = js_sys::JSON::parse(&refusal_body(code, None))?;
    let init = init(status_of(code), &json_headers(extra)?);
    Ok(json.bind2(&class, &body, &init).unchecked_into())
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

/// The answer to a preflight. `*` does not cover `Authorization`, so the headers are named.
pub fn preflight() -> Result<Response, JsValue> {
    let headers = cors_headers()?;
    headers.set("Access-Control-Allow-Methods", "GET, POST, OPTIONS")?;
    headers.set("Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key")?;
    headers.set("Access-Control-Max-Age", PREFLIGHT_MAX_AGE)?;
    Response::new_with_opt_str_and_init(None, &init(204, &headers))
}

/// The 101 that hands the client its end of a socket.
pub fn upgrade(client: &Socket, subprotocol: Option<&str>) -> Result<Response, JsValue> {
    let headers = Headers::new()?;
    if let Some(subprotocol) = subprotocol {
        headers.set("Sec-WebSocket-Protocol", subprotocol)?;
    }
    let init = init(101, &headers);
    Reflect::set(&init, &"webSocket".into(), client)?;
    Response::new_with_opt_str_and_init(None, &init)
}

/// A browser can see a close code but not an HTTP status, so a client that is refused for who it is
/// or how it comes gets a socket, closed with a code (P4.5).
pub fn close_at_once(code: CloseCode, subprotocol: Option<&str>) -> Result<Response, JsValue> {
    let pair = SocketPair::new();
    let server = pair.server();
    server.accept()?;
    server.close(code.number, &code.reason())?;
    upgrade(&pair.client(), subprotocol)
}

fn json_headers(extra: &[Header<'_>]) -> Result<Headers, JsValue> {
    let headers = cors_headers()?;
    headers.set("Content-Type", "application/json")?;
    for (name, value) in extra {
        headers.set(name, value)?;
    }
    Ok(headers)
}

fn cors_headers() -> Result<Headers, JsValue> {
    let headers = Headers::new()?;
    headers.set("Access-Control-Allow-Origin", "*")?;
    headers.set("Access-Control-Expose-Headers", "Retry-After")?;
    Ok(headers)
}

fn init(status: u16, headers: &Headers) -> ResponseInit {
    let init = ResponseInit::new();
    init.set_status(status);
    init.set_headers(headers);
    init
}
