//! What a backend asks for when it removes a user from a room (P8).

use percent_encoding::percent_decode_str;

use super::internal_header;
use super::key_epoch;
use crate::Millis;
use crate::encryption::{KeyEpoch, read_epoch};
use crate::names::UserId;
use crate::number;
use crate::wire::error_code::{ErrorCode, Refusal};

/// The longest time for which a user can be kept out, in seconds: a year.
pub const MAX_REFUSE_SECONDS: u32 = 31_536_000;

/// Whom to remove, and for how long. It travels in one [internal header](super::internal_header).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// The user.
    pub user_id: UserId,
    /// For how many milliseconds the user is kept out; 0 for not at all.
    pub refuse_ms: Millis,
    /// The lowest key epoch that is taken from now on (P14.2); 0 to leave it as it is.
    pub min_key_epoch: KeyEpoch,
}

/// Only in the text of a removal with a key epoch, in the place of [`REFUSE_MS`]: a room or a document of an older version
/// must refuse it, and not do the half of it.
const REFUSE_MS_WITH_EPOCH: &str = "refuseMsWithKeyEpoch";
const REFUSE_MS: &str = "refuseMs";

impl Removal {
    /// Reads the path segment with the user, and the query. The first occurrence of a parameter counts.
    ///
    /// # Errors
    /// The user or `for` is [`ErrorCode::INVALID_REMOVAL`]; `minKeyEpoch` is no epoch.
    pub fn parse(segment: &str, query: &str) -> Result<Self, Refusal> {
        let decoded =
            percent_decode_str(segment).decode_utf8().map_err(|_| ErrorCode::INVALID_REMOVAL)?;
        let user_id = UserId::parse(&decoded).map_err(|_| ErrorCode::INVALID_REMOVAL)?;
        let refuse_seconds = match internal_header::first(query, "for") {
            Some(seconds) => seconds_of(&seconds).ok_or(ErrorCode::INVALID_REMOVAL)?,
            None => 0,
        };
        let min_key_epoch = match internal_header::first(query, key_epoch::NAME) {
            Some(digits) => read_epoch(&digits).ok_or(key_epoch::INVALID)?,
            None => 0,
        };
        Ok(Self { user_id, refuse_ms: Millis::from(refuse_seconds) * 1_000, min_key_epoch })
    }

    /// The text for the internal header.
    #[must_use]
    pub fn to_header(&self) -> String {
        let (user_id, refuse_ms) = (self.user_id.as_str(), self.refuse_ms.to_string());
        if self.min_key_epoch == 0 {
            return internal_header::encode(&[("userId", user_id), (REFUSE_MS, &refuse_ms)]);
        }
        let min_key_epoch = self.min_key_epoch.to_string();
        internal_header::encode(&[
            ("userId", user_id),
            (REFUSE_MS_WITH_EPOCH, &refuse_ms),
            (key_epoch::NAME, &min_key_epoch),
        ])
    }

    /// Reads what [`Self::to_header`] wrote; `None` if it is something else.
    #[must_use]
    pub fn from_header(text: &str) -> Option<Self> {
        let user_id = UserId::parse(&internal_header::first(text, "userId")?).ok()?;
        let (refuse_ms, min_key_epoch) = match internal_header::first(text, key_epoch::NAME) {
            Some(digits) => (REFUSE_MS_WITH_EPOCH, read_epoch(&digits)?),
            None => (REFUSE_MS, 0),
        };
        let refuse_ms = internal_header::first(text, refuse_ms)?.parse().ok()?;
        Some(Self { user_id, refuse_ms, min_key_epoch })
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
        let Removal { user_id, refuse_ms, .. } =
            Removal::parse(segment, query).map_err(|refusal| refusal.code)?;
        Ok((user_id.to_string(), refuse_ms))
    }

    #[test]
    fn p14_2_a_removal_may_say_which_key_epoch_is_the_lowest() {
        let epoch = |query: &str| Removal::parse("u", query).map(|removal| removal.min_key_epoch);
        assert_eq!(epoch("for=1"), Ok(0));
        assert_eq!(epoch("minKeyEpoch=8&for=1&minKeyEpoch=9"), Ok(8));
        assert_eq!(epoch("minKeyEpoch=4294967295"), Ok(KeyEpoch::MAX));
        for wrong in ["", "0", "08", "-1", "%2B8", "8.0", "4294967296", "e"] {
            assert_eq!(epoch(&format!("minKeyEpoch={wrong}")), Err(key_epoch::INVALID), "{wrong}");
        }
    }

    #[test]
    fn p14_2_the_version_before_does_not_take_a_removal_with_a_key_epoch_for_one_without() {
        let text = Removal::parse("u", "minKeyEpoch=8").unwrap().to_header();
        assert_eq!(internal_header::first(&text, "refuseMs"), None);
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
        fn no_text_panics(segment in ".{0,150}", query in ".{0,50}|for=[0-9]{1,8}|minKeyEpoch=[0-9]{1,10}") {
            let _ = Removal::from_header(&query);
            if let Ok(removal) = Removal::parse(&segment, &query) {
                prop_assert_eq!(Removal::from_header(&removal.to_header()), Some(removal));
            }
        }
    }
}
