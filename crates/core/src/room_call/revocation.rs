//! Tokens that a backend revokes before they expire (P8.4).

use std::borrow::Cow;

use serde::Deserialize;

use super::internal_header;
use crate::Millis;
use crate::member::HeldToken;
use crate::names::{TokenId, UserId};
use crate::request::body;
use crate::token::LEEWAY_MS;
use crate::wire::error_code::{ErrorCode, Refusal};

/// The maximum size of the body of a revocation.
pub const MAX_BODY_BYTES: usize = 4_096;
/// An earlier time, before 2001, must be in seconds by mistake.
const LEAST_MILLIS: Millis = 1_000_000_000_000;

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

    /// Whether it concerns a token, as [`Revocations`](crate::revocations::Revocations) judges it. `user`: whose it is.
    #[must_use]
    pub fn concerns(&self, user: Option<&UserId>, token: &HeldToken) -> bool {
        match &self.scope {
            Scope::All => token.issued_at < self.before,
            Scope::User(meant) => user == Some(meant) && token.issued_at < self.before,
            Scope::Token(meant) => token.id.as_ref() == Some(meant),
        }
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

    proptest! {
        #[test]
        fn a_revocation_survives_the_header(name in "\\PC{1,20}", kind in 0..3_u8, before: Millis) {
            let scope = Scope::from_parts(&kind.to_string(), &name).unwrap();
            let revocation = Revocation { scope, before };
            prop_assert_eq!(Revocation::from_header(&revocation.to_header()), Some(revocation));
        }
    }
}
