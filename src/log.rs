//! Structured log lines: one JSON object each, with ids and counts, but never a payload, a token or a
//! secret.

use serde::Serialize;
use validiant_core::Millis;
use validiant_core::encryption::KeyEpoch;
use validiant_core::position::Seq;
use validiant_core::settings::LogLevel;
use worker::wasm_bindgen::prelude::*;
use worker::web_sys::console;

/// An event to log.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum Line<'a> {
    /// A socket connected.
    Connect {
        project_id: &'a str,
        connection_id: &'a str,
        user_id: Option<&'a str>,
        connections: usize,
        active_users: usize,
        recovered: bool,
        replayed: usize,
    },
    /// A socket ended. `code`: from the close frame, or ours if the server closed it.
    Leave {
        project_id: &'a str,
        connection_id: &'a str,
        user_id: Option<&'a str>,
        code: u16,
        connections: usize,
        active_users: usize,
    },
    /// An event was sent; or, with `duplicate`, it had already been sent.
    Broadcast {
        project_id: &'a str,
        event_type: &'a str,
        recipients: usize,
        excluded: usize,
        seq: Option<Seq>,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        duplicate: bool,
    },
    /// The same for a list of events: one line, since each line is billed. `deliveries`: the total
    /// number of recipients. `seq`: `first..last`.
    #[serde(rename = "broadcast")]
    Batch {
        project_id: &'a str,
        events: usize,
        deliveries: usize,
        seq: Option<String>,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        duplicate: bool,
    },
    /// A backend removed a user.
    Removal {
        project_id: &'a str,
        user_id: &'a str,
        refused_until: Option<Millis>,
        /// The lowest key epoch that it asked for.
        #[serde(skip_serializing_if = "Option::is_none")]
        min_key_epoch: Option<KeyEpoch>,
    },
    /// A backend raised the lowest key epoch to this, unless it was higher already.
    KeyEpoch { project_id: &'a str, min_key_epoch: KeyEpoch },
    /// A backend revoked tokens: a user's, a single one, or, without either, all up to a time.
    Revocation { project_id: &'a str, user_id: Option<&'a str>, token_id: Option<&'a str> },
    /// A backend erased the room; with `all`, including the removals and the revocations.
    Erasure { project_id: &'a str, all: bool },
    /// A room has grown to more places, or shrunk to fewer (P15): places that take clients, with the root.
    Resize { project_id: &'a str, from: u32, to: u32 },
    /// A leaf of a grown room does not answer.
    LeafLost {
        project_id: &'a str,
        #[serde(rename = "leaf")]
        of: u32,
    },
    /// A leaf that did not answer does again.
    LeafBack {
        project_id: &'a str,
        #[serde(rename = "leaf")]
        of: u32,
    },
    /// A leaf has closed all its sockets, because something may be missing.
    Doubt { project_id: &'a str, reason: &'a str, sockets: usize },
    /// An object of a grown room has closed sockets of clients that belong to another.
    Move { project_id: &'a str, sockets: usize },
    /// A request, a connection or a message was refused.
    Refusal {
        project_id: Option<&'a str>,
        code: &'a str,
        /// Which check of a token failed.
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
            | Self::KeyEpoch { .. }
            | Self::Revocation { .. }
            | Self::Erasure { .. }
            | Self::Resize { .. }
            | Self::LeafBack { .. }
            | Self::Move { .. } => LogLevel::Info,
            Self::Refusal { .. } | Self::Doubt { .. } => LogLevel::Warn,
            Self::Failure { .. } | Self::LeafLost { .. } => LogLevel::Error,
        }
    }
}

#[derive(Serialize)]
struct Leveled<'a> {
    level: LogLevel,
    #[serde(flatten)]
    line: &'a Line<'a>,
    /// The leaf of a grown room where it happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    leaf: Option<u32>,
}

/// The text of `line` if its severity is at or above `least`, for callers that write it later.
pub fn text(least: LogLevel, line: &Line<'_>) -> Option<String> {
    let level = line.level();
    (level >= least).then(|| text_of(level, line, None))
}

/// Writes `line` if its severity is at or above `least`.
pub fn write(least: LogLevel, line: &Line<'_>) {
    write_of(least, line, None);
}

/// The same for what happened in an object of a room: a leaf if it is one.
pub fn write_of(least: LogLevel, line: &Line<'_>, leaf: Option<u32>) {
    let level = line.level();
    if level >= least {
        emit(level, line, leaf);
    }
}

// A separate function, so that a first request that logs nothing does not wait for it to be compiled.
#[inline(never)]
fn emit(level: LogLevel, line: &Line<'_>, leaf: Option<u32>) {
    let text = text_of(level, line, leaf).into();
    match level {
        LogLevel::Error => console::error_1(&text),
        LogLevel::Warn => console::warn_1(&text),
        _ => console::log_1(&text),
    }
}

fn text_of(level: LogLevel, line: &Line<'_>, leaf: Option<u32>) -> String {
    serde_json::to_string(&Leveled { level, line, leaf }).unwrap_or_default()
}

/// Logs that `action` threw.
pub fn failure(least: LogLevel, project_id: Option<&str>, action: &str, thrown: &JsValue) {
    failure_of(least, (project_id, None), action, thrown);
}

/// The same in an object of a room: of which project, and which leaf if it is one.
pub fn failure_of(
    least: LogLevel,
    (project_id, leaf): (Option<&str>, Option<u32>),
    action: &str,
    thrown: &JsValue,
) {
    let message = &message_of(thrown);
    write_of(least, &Line::Failure { project_id, action, message }, leaf);
}

/// The message of a thrown JavaScript value: never its stack.
fn message_of(thrown: &JsValue) -> String {
    let message = worker::js_sys::Reflect::get(thrown, &"message".into()).ok();
    message.and_then(|message| message.as_string()).unwrap_or_else(|| "unknown".to_owned())
}
