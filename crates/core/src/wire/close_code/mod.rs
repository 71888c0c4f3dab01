//! Close codes, in three ranges by what a client should do (P6). `table.rs` is their registry.

mod table;

use std::ops::RangeInclusive;

use crate::wire::reason::Reason;

/// What a client should do after a close. The range of the code says which (P6.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// Do not reconnect.
    Stop,
    /// Fetch a fresh token, then reconnect.
    RefreshToken,
    /// Reconnect later.
    Later,
}

impl Advice {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Stop, Self::RefreshToken, Self::Later];

    /// The range of close codes with this advice.
    #[must_use]
    pub const fn range(self) -> RangeInclusive<u16> {
        match self {
            Self::Stop => 4000..=4099,
            Self::RefreshToken => 4100..=4199,
            Self::Later => 4200..=4299,
        }
    }
}

/// Why the server ends a connection: a number and a stable name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CloseCode {
    /// The WebSocket close code.
    pub number: u16,
    /// The stable name, `code` in the JSON reason.
    pub name: &'static str,
    /// Milliseconds to wait before the next attempt, if the server knows better than the client.
    pub retry_after_ms: Option<u32>,
}

/// The documentation of a close code, in Markdown.
#[derive(Debug, Clone, Copy)]
pub struct ClosePage {
    /// The code.
    pub code: CloseCode,
    /// When the server sends it.
    pub when: &'static str,
    /// What the recipient should do.
    pub what_to_do: &'static str,
}

/// What a close is about, in addition to its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// The check that failed.
    Reason(Reason),
    /// The setting that is missing or wrong.
    Setting(&'static str),
    /// The limit that was reached.
    Limit(&'static str),
}

/// How the server ends a connection: the code, and what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closing {
    /// The code.
    pub code: CloseCode,
    /// What it is about, if the code alone does not say.
    pub about: Option<About>,
}

impl From<CloseCode> for Closing {
    fn from(code: CloseCode) -> Self {
        Self { code, about: None }
    }
}

impl Closing {
    /// The check that failed, if it is about one.
    #[must_use]
    pub fn failed_check(self) -> Option<Reason> {
        match self.about {
            Some(About::Reason(reason)) => Some(reason),
            _ => None,
        }
    }

    /// The JSON reason of the close frame (P6.2), at most [`CloseCode::MAX_REASON_BYTES`].
    #[must_use]
    #[inline(never)]
    pub fn reason(self) -> String {
        // By hand: for this alone, serde_json would be a tenth of the documents' module. Nothing in it needs an escape.
        let CloseCode { name, retry_after_ms, .. } = self.code;
        let mut text = [r#"{"code":""#, name, r#"""#].concat();
        if let Some(after) = retry_after_ms {
            text.push_str(r#","retryAfterMs":"#);
            text.push_str(&after.to_string());
        }
        let about = match self.about {
            Some(About::Reason(reason)) => Some((r#","reason":""#, reason.name())),
            Some(About::Setting(setting)) => Some((r#","setting":""#, setting)),
            Some(About::Limit(limit)) => Some((r#","limit":""#, limit)),
            None => None,
        };
        if let Some((key, value)) = about {
            text.push_str(key);
            text.push_str(value);
            text.push('"');
        }
        text.push('}');
        text
    }
}

impl CloseCode {
    /// The maximum size of a close reason (RFC 6455, 5.5: 125 bytes less two for the code).
    pub const MAX_REASON_BYTES: usize = 123;

    /// What a client should do, according to the range of the number.
    #[must_use]
    pub fn advice(self) -> Advice {
        let gives = |advice: &Advice| advice.range().contains(&self.number);
        Advice::ALL.into_iter().find(gives).unwrap_or(Advice::Stop)
    }

    /// A close with this code, because the given check failed.
    #[must_use]
    pub const fn because(self, reason: Reason) -> Closing {
        Closing { code: self, about: Some(About::Reason(reason)) }
    }

    /// A close with this code, because of a setting.
    #[must_use]
    pub const fn for_setting(self, setting: &'static str) -> Closing {
        Closing { code: self, about: Some(About::Setting(setting)) }
    }

    /// A close with this code, because of a limit.
    #[must_use]
    pub const fn for_limit(self, limit: &'static str) -> Closing {
        Closing { code: self, about: Some(About::Limit(limit)) }
    }
}

/// Whether a close that came from the client means that the user left on purpose (P5.2).
#[must_use]
pub fn is_clean_leave(number: u16) -> bool {
    number == 1000
}

/// Whether a close frame may carry the code (RFC 6455, 7.4, and IANA's registry): 1005, 1006 and 1015 only ever stand
/// for a missing code, and applications must not invent codes below 3000.
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
        for ClosePage { code, .. } in CloseCode::PAGES {
            let longest = code.because(Reason::Permissions).reason();
            assert!(longest.len() <= CloseCode::MAX_REASON_BYTES, "{longest}");
            let reason = Closing::from(*code).reason();
            assert!(reason.len() <= CloseCode::MAX_REASON_BYTES, "{reason}");
            let json: serde_json::Value = serde_json::from_str(&reason).unwrap();
            assert_eq!(json["code"], code.name);
        }
    }

    #[test]
    fn p6_2_the_reason_says_what_a_close_is_about() {
        let (invalid, full) = (CloseCode::TOKEN_INVALID, CloseCode::CONNECTION_LIMIT);
        assert_eq!(
            invalid.because(Reason::Aud).reason(),
            r#"{"code":"token_invalid","reason":"aud"}"#
        );
        assert_eq!(
            CloseCode::NOT_ALLOWED.for_setting("CONNECT_AUTH").reason(),
            r#"{"code":"not_allowed","setting":"CONNECT_AUTH"}"#
        );
        let limit = r#"{"code":"connection_limit","retryAfterMs":10000,"limit":"userSockets"}"#;
        assert_eq!(full.for_limit("userSockets").reason(), limit);
    }

    #[test]
    fn p6_1_every_number_is_in_the_range_of_its_advice() {
        for ClosePage { code, .. } in CloseCode::PAGES {
            assert!(code.advice().range().contains(&code.number), "{}", code.number);
        }
    }

    #[test]
    fn numbers_and_names_are_unique() {
        for (i, a) in CloseCode::PAGES.iter().enumerate() {
            for b in &CloseCode::PAGES[i + 1..] {
                assert_ne!(a.code.number, b.code.number);
                assert_ne!(a.code.name, b.code.name);
            }
        }
    }
}
