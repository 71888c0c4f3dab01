//! What a backend asks for when it removes a user from a room (P8).

use percent_encoding::percent_decode_str;

use super::internal_header;
use crate::Millis;
use crate::names::UserId;
use crate::number;
use crate::wire::error_code::ErrorCode;

/// The longest time for which a user can be kept out, in seconds: a year.
pub const MAX_REFUSE_SECONDS: u32 = 31_536_000;

/// Whom to remove, and for how long. It travels in one [internal header](super::internal_header).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// The user.
    pub user_id: UserId,
    /// For how many milliseconds the user is kept out; 0 for not at all.
    pub refuse_ms: Millis,
}

impl Removal {
    /// Reads the path segment with the user, and the query. The first occurrence of `for` counts.
    ///
    /// # Errors
    /// [`ErrorCode::INVALID_REMOVAL`].
    pub fn parse(segment: &str, query: &str) -> Result<Self, ErrorCode> {
        let decoded =
            percent_decode_str(segment).decode_utf8().map_err(|_| ErrorCode::INVALID_REMOVAL)?;
        let user_id = UserId::parse(&decoded).map_err(|_| ErrorCode::INVALID_REMOVAL)?;
        let refuse_seconds = match internal_header::first(query, "for") {
            Some(seconds) => seconds_of(&seconds).ok_or(ErrorCode::INVALID_REMOVAL)?,
            None => 0,
        };
        Ok(Self { user_id, refuse_ms: Millis::from(refuse_seconds) * 1_000 })
    }

    /// The text for the internal header.
    #[must_use]
    pub fn to_header(&self) -> String {
        let refuse_ms = self.refuse_ms.to_string();
        internal_header::encode(&[("userId", self.user_id.as_str()), ("refuseMs", &refuse_ms)])
    }

    /// Reads what [`Self::to_header`] wrote; `None` if it is something else.
    #[must_use]
    pub fn from_header(text: &str) -> Option<Self> {
        let user_id = UserId::parse(&internal_header::first(text, "userId")?).ok()?;
        let refuse_ms = internal_header::first(text, "refuseMs")?.parse().ok()?;
        Some(Self { user_id, refuse_ms })
    }
}

fn seconds_of(text: &str) -> Option<u32> {
    number::read(text).filter(|seconds| (1..=MAX_REFUSE_SECONDS).contains(seconds))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(segment: &str, query: &str) -> Result<(String, Millis), ErrorCode> {
        let Removal { user_id, refuse_ms } = Removal::parse(segment, query)?;
        Ok((user_id.to_string(), refuse_ms))
    }

    #[test]
    fn p8_1_the_user_is_percent_decoded_once() {
        assert_eq!(parse("a%2Fb%2520", ""), Ok(("a/b%20".into(), 0)));
        for wrong in ["%00", "%ff", &"x".repeat(129)] {
            assert_eq!(parse(wrong, ""), Err(ErrorCode::INVALID_REMOVAL), "{wrong}");
        }
    }

    #[test]
    fn p8_2_a_return_is_refused_for_1_second_to_a_year() {
        assert_eq!(parse("u", "for=1"), Ok(("u".into(), 1_000)));
        assert_eq!(parse("u", "x=1&for=31536000&for=1"), Ok(("u".into(), 31_536_000_000)));
        for wrong in ["for=0", "for=", "for=31536001", "for=-1", "for=1.5", "for=%2B1", "for=ever"]
        {
            assert_eq!(parse("u", wrong), Err(ErrorCode::INVALID_REMOVAL), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(segment in ".{0,150}", query in ".{0,50}|for=[0-9]{1,8}") {
            let _ = Removal::from_header(&query);
            if let Ok(removal) = Removal::parse(&segment, &query) {
                prop_assert_eq!(Removal::from_header(&removal.to_header()), Some(removal));
            }
        }
    }
}
