//! The registry of error codes: each refusal has one stable code, one HTTP status and one text.
//!
//! `docs/errors/` has a page per code, checked against this file by a test.

use std::borrow::Cow;

use crate::limits::Exceeded;

/// A refusal, as it stands in `code` of an HTTP answer or of an `ERROR` frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorCode {
    /// The stable name that programs match on.
    pub code: &'static str,
    /// The HTTP status of the answer; `None` for a code that only frames carry.
    pub status: Option<u16>,
    /// One sentence for people: what is wrong and what to do.
    pub message: &'static str,
}

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The stable code.
    pub code: ErrorCode,
    /// Which field and what it must be, where the code's message does not say.
    pub detail: Option<Cow<'static, str>>,
    /// The limit that was reached, where it is one.
    pub exceeded: Option<Exceeded>,
}

impl From<ErrorCode> for Refusal {
    fn from(code: ErrorCode) -> Self {
        Self { code, detail: None, exceeded: None }
    }
}

impl From<Exceeded> for Refusal {
    fn from(exceeded: Exceeded) -> Self {
        Self { code: ErrorCode::RATE_LIMITED, detail: None, exceeded: Some(exceeded) }
    }
}

impl Refusal {
    /// A field has the wrong type or form; `detail` says which, and what it must be.
    #[must_use]
    pub const fn invalid_field(detail: &'static str) -> Self {
        Self { code: ErrorCode::INVALID_FIELD, detail: Some(Cow::Borrowed(detail)), exceeded: None }
    }
}

macro_rules! error_codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:expr, $message:literal;)*) => {
        impl ErrorCode {
            $($(#[$doc])* pub const $name: Self = Self { code: $code, status: $status, message: $message };)*

            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
        }
    };
}

error_codes! {
    /// No such path.
    NOT_FOUND = "not_found", Some(404),
        "No such path. Rooms are at /parties/main/:projectId, health is at /health";
    /// Another party than `main`.
    UNKNOWN_PARTY = "unknown_party", Some(404), "No such party. The only party is main";
    /// A known path with another method.
    METHOD_NOT_ALLOWED = "method_not_allowed", Some(405),
        "This path does not take this method. See the Allow header";
    /// The project id in the path is not valid.
    INVALID_PROJECT_ID = "invalid_project_id", Some(400),
        "The project id must be 1 to 128 bytes of UTF-8 without control characters or '/'";
    /// The URL is longer than is read.
    URL_TOO_LONG = "url_too_long", Some(414), "The URL must be at most 16384 bytes";
    /// The client speaks another version of WebSocket.
    INVALID_HANDSHAKE = "invalid_handshake", Some(400),
        "A WebSocket handshake needs Sec-WebSocket-Version: 13";
    /// The Authorization header is missing or carries another secret.
    UNAUTHORIZED = "unauthorized", Some(401),
        "Missing or wrong secret. Send Authorization: Bearer <BROADCAST_SECRET>";
    /// The token does not allow to publish to this project.
    FORBIDDEN = "forbidden", Some(403),
        "The token does not allow to publish to this project. It needs it in projects, and publish in permissions";
    /// No broadcast secret is set: the server fails closed.
    NOT_CONFIGURED = "not_configured", Some(503),
        "BROADCAST_SECRET is not set. Set it with: npx wrangler secret put BROADCAST_SECRET";
    /// A setting has a value that can't be used.
    MISCONFIGURED = "misconfigured", Some(503),
        "A setting of the server is wrong. GET /health names it";
    /// The body has more bytes than `MAX_PAYLOAD_BYTES`.
    PAYLOAD_TOO_LARGE = "payload_too_large", Some(413),
        "The body is larger than MAX_PAYLOAD_BYTES. Send ids and let clients fetch the rest";
    /// The body is not JSON in UTF-8, or not an object.
    INVALID_JSON = "invalid_json", Some(400), "The body must be one JSON object in UTF-8";
    /// A field has another type or form than the protocol says.
    INVALID_FIELD = "invalid_field", Some(400), "A field has the wrong type or form";
    /// A field stands in the body twice.
    DUPLICATE_FIELD = "duplicate_field", Some(400), "A field stands in the body twice";
    /// `eventType` is absent, null or empty.
    MISSING_EVENT_TYPE = "missing_event_type", Some(400), "Missing eventType";
    /// `eventType` is one that only the server sends.
    RESERVED_EVENT_TYPE = "reserved_event_type", Some(400),
        "This eventType is the server's own. Choose another name";
    /// The idempotency key was used for another request.
    IDEMPOTENCY_CONFLICT = "idempotency_conflict", Some(409),
        "This id was used for another event. Use a fresh one for each event, and the same one to repeat it";
    /// The user id in the path, or for how long, is not valid.
    INVALID_REMOVAL = "invalid_removal", Some(400),
        "The user id must be 1 to 128 bytes of UTF-8 without control characters, 'for' 1 to 31536000 seconds";
    /// More than the limit allows: broadcasts into a room or messages on a socket (P10).
    RATE_LIMITED = "rate_limited", Some(429),
        "This comes too often. Wait as long as Retry-After, or retryAfterMs, says";
    /// The room has all the revocations that it can remember.
    TOO_MANY_REVOCATIONS = "too_many_revocations", Some(409),
        "The room remembers no more revocations. Revoke all tokens up to now with issuedBefore: that takes their place";
    /// The room's storage failed, so nothing was done.
    STORAGE_FAILED = "storage_failed", Some(503),
        "The room's storage failed, so nothing was done. Try again later";
    /// The room's object can't be reached, or was reset while it worked on the request.
    ROOM_UNAVAILABLE = "room_unavailable", Some(503),
        "The room did not answer. A broadcast may or may not have been delivered. Try again later";
    /// A bug of the server.
    INTERNAL_ERROR = "internal_error", Some(500),
        "The server failed on this request. Its log has a line about it";
    /// A client sent an event, and client events are off.
    CLIENT_EVENTS_DISABLED = "client_events_disabled", None,
        "Clients may not send events here. Write through the app's backend";
    /// A client's fresh token is not valid.
    TOKEN_INVALID = "token_invalid", None,
        "The token is not valid. Send one that is, or this connection ends with the one before";
    /// A client's fresh token is another user's, or does not allow to listen.
    NOT_ALLOWED = "not_allowed", None,
        "The token is another user's, or does not allow to listen to this project";
    /// A client's frame is not a JSON object with a `type`.
    MALFORMED_MESSAGE = "malformed_message", None,
        "A message must be one JSON object with a string field 'type'";
    /// A client's frame is binary.
    BINARY_NOT_SUPPORTED = "binary_not_supported", None,
        "Binary messages are not supported. Send JSON as text";
}
