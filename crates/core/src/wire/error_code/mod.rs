//! Error codes: each refusal has one stable code, one HTTP status and one message. `table.rs` is their registry.

mod table;

use std::borrow::Cow;

use crate::encryption::KeyEpoch;
use crate::limits::Exceeded;
use crate::wire::reason::Reason;

/// The kind of a refusal: `code` in an HTTP answer or in an `ERROR` frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorCode {
    /// The stable name that programs match on.
    pub code: &'static str,
    /// The HTTP status of the answer; `None` for a code that only frames carry.
    pub status: Option<u16>,
    /// One sentence for people: what is wrong and what to do.
    pub message: &'static str,
}

/// How a refusal reaches the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// An HTTP answer with this status.
    Http(u16),
    /// An `ERROR` frame; the socket stays open.
    Frame,
    /// An HTTP answer with this status, or an `ERROR` frame on a socket.
    HttpOrFrame(u16),
}

impl Carrier {
    /// The HTTP status; `None` if only frames carry the refusal.
    #[must_use]
    pub const fn status(self) -> Option<u16> {
        match self {
            Self::Http(status) | Self::HttpOrFrame(status) => Some(status),
            Self::Frame => None,
        }
    }

    /// Whether an `ERROR` frame can carry it.
    #[must_use]
    pub const fn in_frame(self) -> bool {
        matches!(self, Self::Frame | Self::HttpOrFrame(_))
    }
}

/// The documentation of a code, in Markdown.
#[derive(Debug, Clone, Copy)]
pub struct ErrorPage {
    /// The code.
    pub code: ErrorCode,
    /// How it reaches the client.
    pub carrier: Carrier,
    /// When the server sends it.
    pub when: &'static str,
    /// What the recipient should do.
    pub what_to_do: &'static str,
}

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The stable code.
    pub code: ErrorCode,
    /// Which field is wrong and what it must be, if the code's message does not say.
    pub detail: Option<Cow<'static, str>>,
    /// The limit that was reached, if any.
    pub exceeded: Option<Exceeded>,
    /// The check that failed, if a token was refused.
    pub reason: Option<Reason>,
    /// With what to encrypt it instead, if it is refused for its key.
    pub key_hint: Option<Box<KeyHint>>,
}

/// What somebody needs to know who encrypts something anew (P14.4, P14.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyHint {
    /// The lowest key epoch that is taken.
    pub min_key_epoch: KeyEpoch,
    /// The nonce of a client's event, by which the client knows which one it was.
    pub nonce: Option<String>,
}

/// Where the pages of the codes are (P1.7): each has the name of its code, and ends in `.md`.
pub const PAGES: &str = "https://github.com/validiant/validiant-realtime/blob/main/docs/errors/";

impl From<ErrorCode> for Refusal {
    fn from(code: ErrorCode) -> Self {
        Self { code, detail: None, exceeded: None, reason: None, key_hint: None }
    }
}

impl From<Exceeded> for Refusal {
    fn from(exceeded: Exceeded) -> Self {
        Self { exceeded: Some(exceeded), ..ErrorCode::RATE_LIMITED.into() }
    }
}

impl ErrorCode {
    /// A refusal with this code, because the given check failed.
    #[must_use]
    pub const fn because(self, reason: Reason) -> Refusal {
        Refusal { code: self, detail: None, exceeded: None, reason: Some(reason), key_hint: None }
    }
}

impl Refusal {
    /// A field has the wrong type or form; `detail` says which field, and what it must be.
    #[must_use]
    pub const fn invalid_field(detail: &'static str) -> Self {
        Self::saying(ErrorCode::INVALID_FIELD, detail)
    }

    /// The same in a client's message.
    #[must_use]
    pub const fn malformed_message(detail: &'static str) -> Self {
        Self::saying(ErrorCode::MALFORMED_MESSAGE, detail)
    }

    const fn saying(code: ErrorCode, detail: &'static str) -> Self {
        let detail = Some(Cow::Borrowed(detail));
        Self { code, detail, exceeded: None, reason: None, key_hint: None }
    }
}
