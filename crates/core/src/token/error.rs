//! Why a token is not accepted.

use crate::reason::Reason;

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenError {
    /// It has more than [`super::MAX_BYTES`].
    TooLong,
    /// It is not three parts of base64url with points between.
    NotThreeParts,
    /// Its header is no JSON object, or a field of it has another type than RFC 7515 says.
    Header,
    /// Its header names no [`super::Algorithm`].
    Algorithm,
    /// Its header has `crit`: something in it must be understood that is not.
    Critical,
    /// Its claims are no JSON object, or one of those that count has another type than P9.4 says.
    Claims,
    /// It has no `exp`.
    NoExpiry,
    /// `exp` is over.
    Expired,
    /// `nbf` is still to come.
    NotYetValid,
    /// `iat` is still to come.
    IssuedInFuture,
    /// `iss` is another one than is expected.
    Issuer,
    /// `aud` does not name this server.
    Audience,
    /// `sub` is no user id.
    Subject,
}

impl TokenError {
    /// Which check has failed, in one word.
    #[must_use]
    pub const fn reason(self) -> Reason {
        match self {
            Self::TooLong | Self::NotThreeParts | Self::Header | Self::Claims => Reason::Malformed,
            Self::Algorithm => Reason::Alg,
            Self::Critical => Reason::Crit,
            Self::NoExpiry | Self::Expired => Reason::Exp,
            Self::NotYetValid => Reason::Nbf,
            Self::IssuedInFuture => Reason::Iat,
            Self::Issuer => Reason::Iss,
            Self::Audience => Reason::Aud,
            Self::Subject => Reason::Sub,
        }
    }

    /// What is wrong and what to do, for people.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::TooLong => "The token has more than 8192 bytes",
            Self::NotThreeParts => "A token is three parts of base64url with points between",
            Self::Header => "The header must be a JSON object with a text for alg, and for kid",
            Self::Algorithm => "The header's alg must be HS256, RS256, ES256, EdDSA or Ed25519",
            Self::Critical => "The header has crit, and nothing critical is understood here",
            Self::Claims => {
                "The claims must be a JSON object; see docs/protocol.md, P9, for their types"
            }
            Self::NoExpiry => "The token has no exp. Give it one",
            Self::Expired => "The token has expired (exp). Fetch a fresh one",
            Self::NotYetValid => "The token is not valid yet (nbf)",
            Self::IssuedInFuture => "The token was issued in the future (iat)",
            Self::Issuer => "The token's iss is not JWT_ISSUER",
            Self::Audience => "The token's aud does not have JWT_AUDIENCE in it",
            Self::Subject => {
                "The token's sub must be a user id of 1 to 128 bytes without control characters"
            }
        }
    }
}
