//! Reasons to refuse a token.

use crate::wire::reason::Reason;

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenError {
    /// It has more than [`super::MAX_BYTES`].
    TooLong,
    /// It is not three parts of base64url separated by dots.
    NotThreeParts,
    /// Its header is not a JSON object, or one of its fields does not have the type that RFC 7515 gives.
    Header,
    /// The `alg` in its header is not an [`super::Algorithm`].
    Algorithm,
    /// Its header has `crit`: it requires extensions that this server does not support.
    Critical,
    /// Its claims are not a JSON object, or a claim that this server reads does not have the type that P9.4 gives.
    Claims,
    /// It has no `exp`.
    NoExpiry,
    /// `exp` is in the past.
    Expired,
    /// `nbf` is in the future.
    NotYetValid,
    /// `iat` is in the future.
    IssuedInFuture,
    /// `iss` is not the expected one.
    Issuer,
    /// `aud` does not name this server.
    Audience,
    /// `sub` is not a valid user id.
    Subject,
}

impl TokenError {
    /// Which check failed, in one word.
    #[must_use]
    pub const fn reason(self) -> Reason {
        match self {
            Self::TooLong | Self::NotThreeParts | Self::Header | Self::Claims => Reason::Malformed,
            Self::Algorithm => Reason::Alg,
            Self::Critical => Reason::Crit,
            Self::NoExpiry => Reason::Exp,
            Self::Expired => Reason::Expired,
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
            Self::NotThreeParts => "A token must be three parts of base64url separated by dots",
            Self::Header => {
                "The header must be a JSON object whose alg, and kid if present, are strings"
            }
            Self::Algorithm => "The header's alg must be HS256, RS256, ES256, EdDSA or Ed25519",
            Self::Critical => {
                "The header has crit, and this server supports no critical extensions"
            }
            Self::Claims => {
                "The claims must be a JSON object; see docs/protocol.md, P9, for their types"
            }
            Self::NoExpiry => "The token has no exp. Set an expiry time",
            Self::Expired => "The token has expired (exp). Fetch a fresh one",
            Self::NotYetValid => "The token is not valid yet (nbf)",
            Self::IssuedInFuture => "The token was issued in the future (iat)",
            Self::Issuer => "The token's iss is not JWT_ISSUER",
            Self::Audience => "The token's aud does not contain JWT_AUDIENCE",
            Self::Subject => {
                "The token's sub must be a user id of 1 to 128 bytes without control characters"
            }
        }
    }
}
