//! A JSON Web Token, taken apart and judged (RFC 7515, RFC 7519): who it says its bearer is, and what they may do.
//!
//! Whether its signature is right is not judged here: that takes the runtime's cryptography. Nothing in a token
//! counts before it is.

mod claims;
mod entries;
mod error;
mod permissions;
mod prefix;

#[cfg(test)]
mod tests;
mod values;

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::value::RawValue;

pub use claims::Claims;
pub use error::TokenError;
pub use permissions::Permission;
pub use prefix::ClaimsPrefix;

/// A longer token is not looked at.
pub const MAX_BYTES: usize = 8_192;
/// By how many seconds clocks may differ.
pub const LEEWAY_SECONDS: u64 = 30;

/// The name that RFC 9864 gives to EdDSA with Ed25519. Tokens of either name are the same.
const ED25519: &str = "Ed25519";

/// How a token is signed. There is no other way, and `none` least of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// HMAC with SHA-256 (RFC 7518, 3.2).
    Hs256,
    /// RSA with SHA-256 (RFC 7518, 3.3).
    Rs256,
    /// ECDSA on P-256 with SHA-256 (RFC 7518, 3.4).
    Es256,
    /// Ed25519 (RFC 8037, RFC 9864).
    EdDsa,
}

impl Algorithm {
    const ALL: [Self; 4] = [Self::Hs256, Self::Rs256, Self::Es256, Self::EdDsa];

    // Not serde's own: it would take `{"HS256":null}` for the name of one too.
    fn named(name: &str) -> Option<Self> {
        let name = if name == ED25519 { Self::EdDsa.name() } else { name };
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// Its name in a token (RFC 7518, 3.1). Ed25519 has another one beside it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }
}

/// A token that is well formed. It may be forged.
#[derive(Debug)]
pub struct Token<'a> {
    /// How it says that it is signed. The key must be one for that.
    pub algorithm: Algorithm,
    /// Which key it says that it is signed with.
    pub key_id: Option<String>,
    /// What is signed.
    pub signed: &'a str,
    /// The signature.
    pub signature: Vec<u8>,
    /// What it claims.
    pub claims: Claims,
}

#[derive(Deserialize)]
struct Header<'a> {
    #[serde(borrow)]
    alg: Cow<'a, str>,
    kid: Option<String>,
    #[serde(borrow)]
    crit: Option<&'a RawValue>,
}

/// What a token must say, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// One of these must be its `iss`; if there are none, anything may.
    pub issuer: Vec<String>,
    /// One of these must stand in its `aud`; if there are none, nothing need.
    pub audience: Vec<String>,
    /// What stands before the names of our claims, besides the plain names.
    pub claims_prefix: Option<ClaimsPrefix>,
}

impl<'a> Token<'a> {
    /// Takes a token apart. White space around it, such as the line end of a file, is no part of it.
    ///
    /// # Errors
    /// Too long, or not well formed: see [`TokenError`].
    #[inline(never)]
    pub fn parse(text: &'a str, rules: &Rules) -> Result<Self, TokenError> {
        if text.len() > MAX_BYTES {
            return Err(TokenError::TooLong);
        }
        let text = text.trim_ascii();
        let (signed, signature) = text.rsplit_once('.').ok_or(TokenError::NotThreeParts)?;
        let (header, claims) = signed.split_once('.').ok_or(TokenError::NotThreeParts)?;
        let [header, claims, signature] = [decode(header)?, decode(claims)?, decode(signature)?];
        let header: Header<'_> = json(&header).ok_or(TokenError::Header)?;
        if header.crit.is_some() {
            return Err(TokenError::Critical);
        }
        let algorithm = Algorithm::named(&header.alg).ok_or(TokenError::Algorithm)?;
        let claims = Claims::parse(&claims, rules).ok_or(TokenError::Claims)?;
        Ok(Self { algorithm, key_id: header.kid, signed, signature, claims })
    }
}

fn decode(part: &str) -> Result<Vec<u8>, TokenError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::NotThreeParts)
}

/// One JSON object in UTF-8.
fn json<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Option<T> {
    let text = std::str::from_utf8(bytes).ok()?;
    // Serde would take an array for a struct too.
    text.trim_ascii_start().starts_with('{').then(|| serde_json::from_str(text).ok())?
}
