//! Parses and checks a JSON Web Token (RFC 7515, RFC 7519): who its bearer claims to be, and what they may do.
//!
//! The signature is not checked here, because that takes the runtime's cryptography. Nothing in a token counts until its
//! signature has been found valid.

mod claims;
mod entries;
mod error;
mod permissions;
mod prefix;

#[cfg(test)]
mod tests;
mod values;

use std::borrow::Cow;

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::Millis;

pub use claims::Claims;
pub use error::TokenError;
pub use permissions::Permission;
pub use prefix::ClaimsPrefix;

/// A longer token is not parsed.
pub const MAX_BYTES: usize = 8_192;
/// How many seconds clocks may differ.
pub const LEEWAY_SECONDS: u64 = 30;
/// The same, in milliseconds.
pub const LEEWAY_MS: Millis = LEEWAY_SECONDS * 1_000;

/// The name that RFC 9864 gives to EdDSA with Ed25519. Both names mean the same.
const ED25519: &str = "Ed25519";

/// How a token is signed. No other algorithm is accepted, and certainly not `none`.
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

    // Not derived with serde, which would also accept `{"HS256":null}` as a name.
    fn named(name: &str) -> Option<Self> {
        let name = if name == ED25519 { Self::EdDsa.name() } else { name };
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// Its name in a token (RFC 7518, 3.1). Ed25519 has a second one.
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

/// A well-formed token. It may still be forged.
#[derive(Debug)]
pub struct Token<'a> {
    /// The algorithm in its header. The key must be for this algorithm.
    pub algorithm: Algorithm,
    /// The key id in its header.
    pub key_id: Option<String>,
    /// The text that is signed.
    pub signed: &'a str,
    /// The signature.
    pub signature: Vec<u8>,
    /// Its claims.
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

/// What a token must contain, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// Its `iss` must be one of these; empty to accept any.
    pub issuer: Vec<String>,
    /// Its `aud` must contain one of these; empty to accept any.
    pub audience: Vec<String>,
    /// The prefix of our claims, if they can be under a prefix as well as under the plain names.
    pub claims_prefix: Option<ClaimsPrefix>,
}

impl<'a> Token<'a> {
    /// Parses a token. White space around it, such as the line end of a file, is ignored.
    ///
    /// # Errors
    /// It is too long or malformed: see [`TokenError`].
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
    Base64UrlUnpadded::decode_vec(part).map_err(|_| TokenError::NotThreeParts)
}

/// One JSON object in UTF-8.
fn json<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Option<T> {
    let text = std::str::from_utf8(bytes).ok()?;
    // Serde would also accept an array for a struct.
    text.trim_ascii_start().starts_with('{').then(|| serde_json::from_str(text).ok())?
}
