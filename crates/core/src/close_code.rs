//! The registry of close codes: three ranges by what a client should do (P6).

use serde::Serialize;

/// What a client should do after a close, told by the range of its code (P6.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// 4000–4099: do not come back as you are.
    Stop,
    /// 4100–4199: fetch a fresh token, then come back.
    RefreshToken,
    /// 4200–4299: come back later.
    Later,
}

/// Why the server ends a connection: a number and a stable name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CloseCode {
    /// The WebSocket close code.
    pub number: u16,
    /// The stable name, `code` in the JSON reason.
    pub name: &'static str,
    /// Milliseconds to wait before the next try, where the server knows better than the client.
    pub retry_after_ms: Option<u32>,
}

macro_rules! close_codes {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $code:literal, $retry:expr;)*) => {
        impl CloseCode {
            $($(#[$doc])* pub const $name: Self =
                Self { number: $number, name: $code, retry_after_ms: $retry };)*

            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
        }
    };
}

close_codes! {
    /// The query has an id or a name that is not valid.
    BAD_REQUEST = 4000, "bad_request", None;
    /// The token does not allow to listen to this project, or is another user's; or the server does not know yet
    /// who may connect (`CONNECT_AUTH`).
    NOT_ALLOWED = 4001, "not_allowed", None;
    /// A backend has removed the user from the room.
    REMOVED = 4003, "removed", None;
    /// A frame has more bytes than `MAX_CLIENT_FRAME_BYTES`.
    MESSAGE_TOO_BIG = 4009, "message_too_big", None;
    /// A client has gone on sending far more than `CLIENT_MESSAGES_PER_SECOND` allows.
    RATE_LIMITED = 4029, "rate_limited", None;
    /// There is no token, or it is not valid, or it was revoked.
    TOKEN_INVALID = 4100, "token_invalid", None;
    /// The token has expired.
    TOKEN_EXPIRED = 4101, "token_expired", None;
    /// The client used to ping and has been silent for `STALE_SOCKET_SECONDS`, or the room could not
    /// take its connection just now.
    TRY_AGAIN = 4200, "try_again", Some(1_000);
    /// The user, or the room, has as many connections as it may have.
    CONNECTION_LIMIT = 4201, "connection_limit", Some(10_000);
}

#[derive(Serialize)]
struct Reason<'a> {
    code: &'a str,
    #[serde(rename = "retryAfterMs", skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    setting: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<&'a str>,
}

impl CloseCode {
    /// The most bytes of a close reason (RFC 6455, 5.5: 125 less two for the code).
    pub const MAX_REASON_BYTES: usize = 123;

    /// What a client should do, by the range of the number.
    #[must_use]
    pub fn advice(self) -> Advice {
        match self.number {
            4100..=4199 => Advice::RefreshToken,
            4200..=4299 => Advice::Later,
            _ => Advice::Stop,
        }
    }

    /// The JSON reason of the close frame, at most [`Self::MAX_REASON_BYTES`].
    #[must_use]
    pub fn reason(self) -> String {
        self.reason_with(None, None)
    }

    /// The same with the name of the setting that is missing, or of the limit that was reached.
    #[must_use]
    pub fn reason_with(self, setting: Option<&str>, limit: Option<&str>) -> String {
        let Self { name: code, retry_after_ms, .. } = self;
        let reason = Reason { code, retry_after_ms, setting, limit };
        serde_json::to_string(&reason).unwrap_or_default()
    }
}

/// Whether a close that came from the client means that the user left on purpose (P5.2).
#[must_use]
pub fn is_clean_leave(number: u16) -> bool {
    number == 1000
}

/// Whether a close frame may carry the code (RFC 6455, 7.4, and IANA's registry): 1005, 1006 and 1015
/// only ever stand for the lack of one, and below 3000 nobody may take a code of their own.
#[must_use]
pub fn may_be_sent(number: u16) -> bool {
    matches!(number, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p6_3_a_code_that_no_frame_may_carry_is_not_sent_back() {
        for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000] {
            assert!(!may_be_sent(code), "{code}");
        }
        for code in [1000, 1001, 1011, 3000, 4123, 4999] {
            assert!(may_be_sent(code), "{code}");
        }
    }

    #[test]
    fn every_reason_is_json_within_the_limit_of_a_close_frame() {
        for code in CloseCode::ALL {
            let reason = code.reason();
            assert!(reason.len() <= CloseCode::MAX_REASON_BYTES, "{reason}");
            let json: serde_json::Value = serde_json::from_str(&reason).unwrap();
            assert_eq!(json["code"], code.name);
        }
    }

    #[test]
    fn numbers_and_names_are_unique() {
        for (i, a) in CloseCode::ALL.iter().enumerate() {
            for b in &CloseCode::ALL[i + 1..] {
                assert_ne!(a.number, b.number);
                assert_ne!(a.name, b.name);
            }
        }
    }
}
