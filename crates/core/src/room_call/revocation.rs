//! Tokens that a backend revokes before they expire (P8.4 to P8.6).

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;

use super::internal_header;
use crate::Millis;
use crate::member::HeldToken;
use crate::names::{TokenId, UserId};
use crate::request::body;
use crate::wire::error_code::{ErrorCode, Refusal};

/// The maximum size of the body of a revocation.
pub const MAX_BODY_BYTES: usize = 4_096;
/// How many users and token ids a room remembers.
pub const MOST_REMEMBERED: usize = 10_000;
/// An earlier time, before 2001, must be in seconds by mistake.
const LEAST_MILLIS: Millis = 1_000_000_000_000;
/// How far the clocks of token issuers may differ from ours.
const LEEWAY_MS: Millis = crate::token::LEEWAY_SECONDS * 1_000;

/// Whose tokens are meant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Everybody's.
    All,
    /// One user's.
    User(UserId),
    /// One token.
    Token(TokenId),
}

impl Scope {
    /// The number of its kind, for storage.
    #[must_use]
    pub const fn kind(&self) -> u8 {
        match self {
            Self::All => 0,
            Self::User(_) => 1,
            Self::Token(_) => 2,
        }
    }

    /// The user or the token; empty for everybody.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::All => "",
            Self::User(user) => user.as_str(),
            Self::Token(token) => token.as_str(),
        }
    }

    /// Reads what [`Self::kind`] and [`Self::name`] wrote; `None` if it is something else.
    #[must_use]
    pub fn from_parts(kind: &str, name: &str) -> Option<Self> {
        match kind {
            "0" => Some(Self::All),
            "1" => UserId::parse(name).ok().map(Self::User),
            "2" => TokenId::parse(name).ok().map(Self::Token),
            _ => None,
        }
    }
}

/// Which tokens are no longer accepted. It travels in one [internal header](super::internal_header).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// Whose.
    pub scope: Scope,
    /// The tokens issued before this time. For a single token: when it was revoked.
    pub before: Millis,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Asked<'a> {
    #[serde(borrow, default)]
    user_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    token_id: Option<Cow<'a, str>>,
    #[serde(default)]
    issued_before: Option<Millis>,
}

const WHICH: Refusal = Refusal::invalid_field(
    "Send userId, tokenId or issuedBefore. userId and issuedBefore can be combined; tokenId can't",
);
const USER_ID: Refusal =
    Refusal::invalid_field("userId must be 1 to 128 bytes without control characters");
const TOKEN_ID: Refusal =
    Refusal::invalid_field("tokenId must be 1 to 128 bytes without control characters");
const ISSUED_BEFORE: Refusal = Refusal::invalid_field(
    "issuedBefore must be a time in milliseconds since 1970 that is not in the future",
);

impl Revocation {
    /// Reads the body of a request, already limited to [`MAX_BODY_BYTES`].
    ///
    /// # Errors
    /// It is not a JSON object, or does not say which tokens.
    pub fn parse(body: &[u8], now: Millis) -> Result<Self, Refusal> {
        let body = body::object(body).ok_or(ErrorCode::INVALID_JSON)?;
        let asked: Asked<'_> =
            serde_json::from_str(body).map_err(|error| match error.classify() {
                serde_json::error::Category::Data => WHICH,
                _ => ErrorCode::INVALID_JSON.into(),
            })?;
        let before = match asked.issued_before {
            Some(at) if (LEAST_MILLIS..=now.saturating_add(LEEWAY_MS)).contains(&at) => Some(at),
            Some(_) => return Err(ISSUED_BEFORE),
            None => None,
        };
        let scope = match (asked.user_id, asked.token_id) {
            (Some(user), None) => Scope::User(UserId::parse(&user).map_err(|_| USER_ID)?),
            (None, Some(token)) if before.is_none() => {
                Scope::Token(TokenId::parse(&token).map_err(|_| TOKEN_ID)?)
            }
            (None, None) if before.is_some() => Scope::All,
            _ => return Err(WHICH),
        };
        Ok(Self { scope, before: before.unwrap_or(now) })
    }

    /// The text for the internal header.
    #[must_use]
    pub fn to_header(&self) -> String {
        let [kind, before] = [self.scope.kind().to_string(), self.before.to_string()];
        internal_header::encode(&[
            ("kind", &kind),
            ("name", self.scope.name()),
            ("before", &before),
        ])
    }

    /// Reads what [`Self::to_header`] wrote; `None` if it is something else.
    #[must_use]
    pub fn from_header(text: &str) -> Option<Self> {
        let value = |name| internal_header::first(text, name);
        let scope = Scope::from_parts(&value("kind")?, &value("name").unwrap_or_default())?;
        Some(Self { scope, before: value("before")?.parse().ok()? })
    }
}

/// All revocations that a room knows.
#[derive(Debug, Default)]
pub struct Revocations(BTreeMap<Scope, Millis>);

/// Takes over what was stored.
impl Extend<Revocation> for Revocations {
    fn extend<T: IntoIterator<Item = Revocation>>(&mut self, kept: T) {
        self.0.extend(kept.into_iter().map(|kept| (kept.scope, kept.before)));
    }
}

impl Revocations {
    /// Whether a token is revoked. `user`: whose it is.
    #[must_use]
    pub fn concern(&self, user: Option<&UserId>, token: &HeldToken) -> bool {
        let is_over = |scope: &Scope| self.0.get(scope).is_some_and(|at| token.issued_at < *at);
        let is_named = |id: &TokenId| self.0.contains_key(&Scope::Token(id.clone()));
        !self.0.is_empty()
            && (is_over(&Scope::All)
                || user.is_some_and(|user| is_over(&Scope::User(user.clone())))
                || token.id.as_ref().is_some_and(is_named))
    }

    /// What to remember of a revocation; `None` if there is no room for another. A revocation never weakens an earlier
    /// one that covers more.
    #[must_use]
    pub fn merged(&self, revocation: Revocation) -> Option<Revocation> {
        let Revocation { scope, mut before } = revocation;
        // A token revoked after an `issuedBefore` for all is not covered by it, even if our clock was set back since.
        if let (Scope::Token(_), Some(all)) = (&scope, self.0.get(&Scope::All)) {
            before = before.max(*all);
        }
        match self.0.get(&scope) {
            Some(known) => Some(Revocation { before: before.max(*known), scope }),
            None if self.0.len() >= MOST_REMEMBERED && scope != Scope::All => None,
            None => Some(Revocation { scope, before }),
        }
    }

    /// Remembers a revocation that was merged.
    pub fn insert(&mut self, merged: Revocation) {
        self.0.insert(merged.scope, merged.before);
    }

    /// The time up to which all other revocations are redundant, since their tokens were issued before the time for
    /// all. Clocks may differ, so it is a little earlier.
    #[must_use]
    pub fn covered_until(&self) -> Option<Millis> {
        self.0.get(&Scope::All).map(|at| at.saturating_sub(LEEWAY_MS))
    }

    /// Forgets the redundant ones. Returns whether there were any.
    pub fn forget_until(&mut self, time: Millis) -> bool {
        let before = self.0.len();
        // Not `retain`: removing entries from a tree one by one would add 4 KB to the WebAssembly.
        for (scope, at) in std::mem::take(&mut self.0) {
            if scope == Scope::All || at >= time {
                self.0.insert(scope, at);
            }
        }
        self.0.len() < before
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Millis = 1_700_000_000_000;

    fn parse(body: &str) -> Result<Revocation, &'static str> {
        Revocation::parse(body.as_bytes(), NOW).map_err(|refusal| refusal.code.code)
    }

    fn user(id: &str) -> UserId {
        UserId::parse(id).unwrap()
    }

    fn token(issued_at: Millis, id: &str) -> HeldToken {
        HeldToken { expires_at: Millis::MAX, issued_at, id: TokenId::parse(id).ok() }
    }

    fn revocation(scope: Scope, before: Millis) -> Revocation {
        Revocation { scope, before }
    }

    #[test]
    fn p8_4_a_user_a_token_or_a_time_says_which() {
        assert_eq!(parse(r#"{"userId":"u"}"#), Ok(revocation(Scope::User(user("u")), NOW)));
        let until = NOW - 5;
        let asked = format!(r#"{{"userId":"u","issuedBefore":{until}}}"#);
        assert_eq!(parse(&asked), Ok(revocation(Scope::User(user("u")), until)));
        let scope = Scope::Token(TokenId::parse("t").unwrap());
        assert_eq!(parse(r#"{"tokenId":"t"}"#), Ok(revocation(scope, NOW)));
        assert_eq!(parse(&format!(r#"{{"issuedBefore":{NOW}}}"#)), Ok(revocation(Scope::All, NOW)));
    }

    #[test]
    fn p8_4_what_does_not_say_which_is_refused() {
        let fields = [
            "{}",
            r#"{"userId":""}"#,
            r#"{"userId":7}"#,
            r#"{"tokenId":"t","userId":"u"}"#,
            r#"{"tokenId":"t","issuedBefore":1700000000000}"#,
            r#"{"user":"u"}"#,
            r#"{"issuedBefore":-1}"#,
            r#"{"userId":"u","userId":"v"}"#,
        ];
        for body in fields {
            assert_eq!(parse(body), Err("invalid_field"), "{body}");
        }
        for body in ["", "[]", "null", "{", r#"["u","t",1]"#] {
            assert_eq!(parse(body), Err("invalid_json"), "{body}");
        }
    }

    #[test]
    fn p8_4_a_time_in_seconds_or_in_the_future_is_refused() {
        for at in [NOW / 1_000, NOW + 60_000] {
            let body = format!(r#"{{"issuedBefore":{at}}}"#);
            assert_eq!(parse(&body), Err("invalid_field"), "{body}");
        }
    }

    #[test]
    fn p8_5_a_token_that_does_not_say_when_it_was_issued_is_older_than_all() {
        let mut revocations = Revocations::default();
        revocations.insert(revocation(Scope::User(user("u")), 1));
        assert!(revocations.concern(Some(&user("u")), &token(0, "")));
        assert!(!revocations.concern(Some(&user("v")), &token(0, "")));
    }

    #[test]
    fn p8_5_a_revocation_is_not_taken_back_by_one_that_goes_less_far() {
        let mut revocations = Revocations::default();
        revocations.insert(revocation(Scope::All, 10));
        assert_eq!(revocations.merged(revocation(Scope::All, 5)).unwrap().before, 10);
    }

    #[test]
    fn p8_6_a_full_memory_takes_a_time_for_all_and_is_empty_after_it() {
        let mut revocations = Revocations::default();
        let scope = |n: usize| Scope::User(user(&n.to_string()));
        (0..MOST_REMEMBERED).for_each(|n| revocations.insert(revocation(scope(n), NOW)));
        assert_eq!(revocations.merged(revocation(scope(MOST_REMEMBERED), NOW)), None);
        assert!(revocations.merged(revocation(scope(0), NOW)).is_some());
        let all = revocations.merged(revocation(Scope::All, NOW + LEEWAY_MS + 1)).unwrap();
        revocations.insert(all);
        assert!(revocations.forget_until(revocations.covered_until().unwrap()));
        assert!(revocations.merged(revocation(scope(MOST_REMEMBERED), NOW)).is_some());
    }

    proptest! {
        #[test]
        fn a_revocation_survives_the_header(name in "\\PC{1,20}", kind in 0..3_u8, before: Millis) {
            let scope = Scope::from_parts(&kind.to_string(), &name).unwrap();
            let revocation = Revocation { scope, before };
            prop_assert_eq!(Revocation::from_header(&revocation.to_header()), Some(revocation));
        }

        /// Compares with a reference that remembers every revocation unchanged.
        #[test]
        fn p8_5_whatever_is_forgotten_is_still_in_force(
            told in prop::collection::vec((0..3_u8, 0..3_u8, 0..200_000_u64), 0..20),
            asked in (0..3_u8, 0..3_u8, 0..200_000_u64),
        ) {
            let scope = |kind: u8, name: u8| Scope::from_parts(&kind.to_string(), &name.to_string());
            let mut revocations = Revocations::default();
            let mut all: Vec<Revocation> = Vec::new();
            for (kind, name, before) in told {
                let told = Revocation { scope: scope(kind, name).unwrap(), before };
                all.push(told.clone());
                let merged = revocations.merged(told).unwrap();
                revocations.insert(merged);
                if let Some(time) = revocations.covered_until() {
                    revocations.forget_until(time);
                }
            }
            let (of, id, issued_at) = asked;
            let (of, token) = (user(&of.to_string()), token(issued_at, &id.to_string()));
            let expected = all.iter().any(|told| match &told.scope {
                Scope::All => issued_at < told.before,
                Scope::User(user) => *user == of && issued_at < told.before,
                // It was revoked after it was issued, by clocks that can differ.
                Scope::Token(id) => {
                    Some(id) == token.id.as_ref() && issued_at < told.before + LEEWAY_MS
                }
            });
            prop_assert!(!expected || revocations.concern(Some(&of), &token));
        }
    }
}
