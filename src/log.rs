//! Structured log lines: one JSON object each, with ids and counts, never a payload, a token or a
//! secret.

use serde::Serialize;
use validiant_core::Millis;
use validiant_core::position::Seq;
use validiant_core::settings::LogLevel;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console, js_name = log)]
    fn console_log(line: &str);

    #[wasm_bindgen(js_namespace = console, js_name = warn)]
    fn console_warn(line: &str);

    #[wasm_bindgen(js_namespace = console, js_name = error)]
    fn console_error(line: &str);
}

/// What is worth a line.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum Line<'a> {
    /// A socket has come.
    Connect {
        project_id: &'a str,
        connection_id: &'a str,
        user_id: Option<&'a str>,
        connections: usize,
        active_users: usize,
        recovered: bool,
        replayed: usize,
    },
    /// A socket is gone. `code`: as the close frame said, or ours when the server closed it.
    Leave {
        project_id: &'a str,
        connection_id: &'a str,
        user_id: Option<&'a str>,
        code: u16,
        connections: usize,
        active_users: usize,
    },
    /// An event went out; or, with `duplicate`, it had gone out before.
    Broadcast {
        project_id: &'a str,
        event_type: &'a str,
        recipients: usize,
        excluded: usize,
        seq: Option<Seq>,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        duplicate: bool,
    },
    /// The same for a list of events: one line, since each line is billed. `deliveries`: the
    /// recipients of all of them together. `seq`: `first..last`.
    #[serde(rename = "broadcast")]
    Batch {
        project_id: &'a str,
        events: usize,
        deliveries: usize,
        seq: Option<String>,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        duplicate: bool,
    },
    /// A backend has removed a user.
    Removal { project_id: &'a str, user_id: &'a str, refused_until: Option<Millis> },
    /// A backend has revoked tokens: a user's, one, or, without either, all up to a time.
    Revocation { project_id: &'a str, user_id: Option<&'a str>, token_id: Option<&'a str> },
    /// A backend has erased the room; with `all`, who was removed and what was revoked too.
    Erasure { project_id: &'a str, all: bool },
    /// A request, a connection or a message was refused.
    Refusal {
        project_id: Option<&'a str>,
        code: &'a str,
        /// Which check of a token has failed.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a str>,
    },
    /// The server failed.
    Failure { project_id: Option<&'a str>, action: &'a str, message: &'a str },
}

impl Line<'_> {
    fn level(&self) -> LogLevel {
        match self {
            Self::Connect { .. }
            | Self::Leave { .. }
            | Self::Broadcast { .. }
            | Self::Batch { .. }
            | Self::Removal { .. }
            | Self::Revocation { .. }
            | Self::Erasure { .. } => LogLevel::Info,
            Self::Refusal { .. } => LogLevel::Warn,
            Self::Failure { .. } => LogLevel::Error,
        }
    }
}

#[derive(Serialize)]
struct Leveled<'a> {
    level: LogLevel,
    #[serde(flatten)]
    line: &'a Line<'a>,
}

/// The text of `line` if its severity is at or above `least`, for who writes it later.
pub fn text(least: LogLevel, line: &Line<'_>) -> Option<String> {
    let level = line.level();
    (level >= least).then(|| serde_json::to_string(&Leveled { level, line }).unwrap_or_default())
}

/// Writes `line` if its severity is at or above `least`.
pub fn write(least: LogLevel, line: &Line<'_>) {
    let level = line.level();
    if level >= least {
        emit(level, line);
    }
}

// Apart, so that a first request whose line is not logged does not wait until this is compiled.
#[inline(never)]
fn emit(level: LogLevel, line: &Line<'_>) {
    let text = serde_json::to_string(&Leveled { level, line }).unwrap_or_default();
    match level {
        LogLevel::Error => console_error(&text),
        LogLevel::Warn => console_warn(&text),
        _ => console_log(&text),
    }
}

/// Writes that `action` threw.
pub fn failure(least: LogLevel, project_id: Option<&str>, action: &str, thrown: &JsValue) {
    write(least, &Line::Failure { project_id, action, message: &message_of(thrown) });
}

/// The message of a thrown JavaScript value: never its stack.
fn message_of(thrown: &JsValue) -> String {
    let message = js_sys::Reflect::get(thrown, &"message".into()).ok();
    message.and_then(|message| message.as_string()).unwrap_or_else(|| "unknown".to_owned())
}
