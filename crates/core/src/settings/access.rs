//! The settings that say who may connect.

use std::fmt;

use super::{Problem, Reader};
use crate::origin::Origins;

/// Who may connect: `jwt` or `open`.
pub const CONNECT_AUTH: &str = "CONNECT_AUTH";
/// The secret by which tokens are signed with HS256.
pub const JWT_SECRET: &str = "JWT_SECRET";
/// The secret before it, accepted beside it while it is rotated.
pub const JWT_SECRET_PREVIOUS: &str = "JWT_SECRET_PREVIOUS";
/// A set of public keys (RFC 7517).
pub const JWKS: &str = "JWKS";
/// Where a set of public keys is.
pub const JWKS_URL: &str = "JWKS_URL";
/// What tokens must have for `iss`.
pub const JWT_ISSUER: &str = "JWT_ISSUER";
/// What tokens must have in `aud`.
pub const JWT_AUDIENCE: &str = "JWT_AUDIENCE";

/// The origins of the web pages that may reach the server.
pub const ALLOWED_ORIGINS: &str = "ALLOWED_ORIGINS";

/// Whether the console is served: `on` or `off`.
pub const CONSOLE: &str = "CONSOLE";

/// A shorter secret can be guessed from a token (RFC 7518, 3.2).
const LEAST_JWT_SECRET_BYTES: usize = 32;

/// Who may connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectPolicy {
    /// Whoever has a valid token.
    Jwt,
    /// Everybody, as whoever they say they are.
    Open,
    /// Nobody, until it is said.
    NotSet,
}

/// By which keys tokens may be signed.
#[derive(Debug, Default)]
pub struct TokenKeys {
    /// For HS256: the secret in force, and the one before.
    pub secrets: Vec<HiddenText>,
    /// A key set in JSON.
    pub jwks: Option<String>,
    /// Where one is.
    pub jwks_url: Option<String>,
}

impl ConnectPolicy {
    /// What keeps everybody out, if anything does.
    #[must_use]
    pub fn problem(self, keys: &TokenKeys) -> Option<Problem> {
        match self {
            Self::NotSet => Some((CONNECT_AUTH, NOBODY_MAY_CONNECT)),
            Self::Jwt if keys.is_empty() => Some((JWT_SECRET, NO_KEY)),
            Self::Jwt | Self::Open => None,
        }
        .map(|(setting, problem)| Problem { setting, problem: problem.into() })
    }
}

impl TokenKeys {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.secrets.is_empty() && self.jwks.is_none() && self.jwks_url.is_none()
    }
}

/// A text whose `Debug` does not show it.
pub struct HiddenText(String);

impl HiddenText {
    /// The text, to be given to the runtime's cryptography and to nobody else.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for HiddenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HiddenText(…)")
    }
}

const NOBODY_MAY_CONNECT: &str = "is not set, and there is no key for tokens, so nobody may connect. Set JWT_SECRET \
     (npx wrangler secret put JWT_SECRET) or JWKS_URL, or \"open\" to let everybody in";
pub(super) const NO_ORIGINS: &str = "is not set, and CONNECT_AUTH is open, so nobody may connect. Set the origins of your app's \
     pages, such as https://app.example.com, with commas between, or * for any";
const NO_KEY: &str =
    "is not set, nor is JWKS_URL or JWKS, and CONNECT_AUTH is jwt, so nobody may connect";

impl<F: Fn(&str) -> Option<String>> Reader<F> {
    pub(super) fn connect_policy(&mut self, keys: &TokenKeys) -> ConnectPolicy {
        match self.text(CONNECT_AUTH).as_deref() {
            Some("jwt") => ConnectPolicy::Jwt,
            Some("open") => ConnectPolicy::Open,
            None if keys.is_empty() => ConnectPolicy::NotSet,
            None => ConnectPolicy::Jwt,
            Some(_) => {
                self.is_wrong(CONNECT_AUTH, "must be jwt or open".into());
                ConnectPolicy::NotSet
            }
        }
    }

    /// Without tokens any page could reach the server with its visitors' browsers, from within their networks.
    pub(super) fn origins(&mut self, policy: ConnectPolicy) -> Origins {
        match self.bounded(ALLOWED_ORIGINS) {
            Some(text) => Origins::parse(&text).unwrap_or_else(|| {
                let problem = "must be * or a list of origins such as https://app.example.com";
                self.is_wrong(ALLOWED_ORIGINS, problem.into());
                Origins::NotSet
            }),
            None if policy == ConnectPolicy::Open => Origins::NotSet,
            None => Origins::Any,
        }
    }

    pub(super) fn console(&mut self) -> bool {
        match self.text(CONSOLE).as_deref() {
            Some("on") => true,
            None | Some("off") => false,
            Some(_) => {
                self.is_wrong(CONSOLE, "must be on or off".into());
                false
            }
        }
    }

    pub(super) fn token_keys(&mut self) -> TokenKeys {
        let secrets = [JWT_SECRET, JWT_SECRET_PREVIOUS];
        TokenKeys {
            secrets: secrets.into_iter().filter_map(|name| self.jwt_secret(name)).collect(),
            jwks: self.bounded(JWKS),
            jwks_url: self.jwks_url(),
        }
    }

    fn jwt_secret(&mut self, name: &'static str) -> Option<HiddenText> {
        let text = self.bounded(name)?;
        if text.len() < LEAST_JWT_SECRET_BYTES {
            self.is_wrong(name, format!("must have at least {LEAST_JWT_SECRET_BYTES} bytes"));
            return None;
        }
        Some(HiddenText(text))
    }

    fn jwks_url(&mut self) -> Option<String> {
        let url = self.bounded(JWKS_URL)?;
        let is_local =
            ["http://localhost", "http://127.0.0.1"].iter().any(|host| url.starts_with(host));
        if !url.starts_with("https://") && !is_local {
            self.is_wrong(JWKS_URL, "must be an https URL".into());
            return None;
        }
        Some(url)
    }
}
