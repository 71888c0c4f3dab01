//! The settings that say who may connect.

use std::fmt;

use super::reader::Reader;
use super::{Problem, Value};
use crate::request::origin::Origins;
use crate::token::{ClaimsPrefix, Rules};

/// Who may connect: `jwt` or `open`.
pub const CONNECT_AUTH: &str = "CONNECT_AUTH";
/// The secret that signs tokens with HS256.
pub const JWT_SECRET: &str = "JWT_SECRET";
/// The previous secret, also accepted while it is rotated.
pub const JWT_SECRET_PREVIOUS: &str = "JWT_SECRET_PREVIOUS";
/// A set of public keys (RFC 7517).
pub const JWKS: &str = "JWKS";
/// Where a set of public keys is.
pub const JWKS_URL: &str = "JWKS_URL";
/// What the `iss` of a token must be: one of these.
pub const JWT_ISSUER: &str = "JWT_ISSUER";
/// What the `aud` of a token must contain: one of these.
pub const JWT_AUDIENCE: &str = "JWT_AUDIENCE";
/// What precedes the names of our claims in a token.
pub const JWT_CLAIMS_PREFIX: &str = "JWT_CLAIMS_PREFIX";

/// The origins of the web pages that may reach the server.
pub const ALLOWED_ORIGINS: &str = "ALLOWED_ORIGINS";

/// The path of the server, such as `/realtime`.
pub const BASE_PATH: &str = "BASE_PATH";

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
    /// Nobody, until the policy is set.
    NotSet,
}

/// The keys that may sign tokens.
#[derive(Debug, Default)]
pub struct TokenKeys {
    /// For HS256: the current secret and the previous one.
    pub secrets: Vec<HiddenText>,
    /// A key set in JSON.
    pub jwks: Option<String>,
    /// The URL of a key set.
    pub jwks_url: Option<String>,
}

impl TokenKeys {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.secrets.is_empty() && !self.has_public_keys()
    }

    /// Whether there are keys that may sign for others too.
    #[must_use]
    pub fn has_public_keys(&self) -> bool {
        self.jwks.is_some() || self.jwks_url.is_some()
    }
}

/// A text whose `Debug` does not show it.
pub struct HiddenText(String);

impl HiddenText {
    /// The text, for the runtime's cryptography and nobody else.
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

/// Who may connect, by which tokens and from which pages.
pub(super) struct Access {
    pub policy: ConnectPolicy,
    pub keys: TokenKeys,
    pub rules: Rules,
    pub origins: Origins,
    /// What keeps everybody out until it is set.
    pub missing: Option<Problem>,
}

/// The settings that decide which keys there are.
const KEYS: [&str; 5] = [CONNECT_AUTH, JWT_SECRET, JWT_SECRET_PREVIOUS, JWKS, JWKS_URL];

const NOBODY_MAY_CONNECT: &str = "is not set, and there is no key for tokens, so nobody may connect. Set JWT_SECRET \
     (npx wrangler secret put JWT_SECRET) or JWKS_URL, or set CONNECT_AUTH to \"open\" to let everybody in";
const NO_ORIGINS: &str = "is not set, and CONNECT_AUTH is open, so nobody may connect. Set the origins of your app's \
     pages, such as https://app.example.com, separated by commas, or * for any";
const NO_KEY: &str =
    "is not set, and neither is JWKS_URL or JWKS, but CONNECT_AUTH is jwt, so nobody may connect";
const ANYBODY_S_TOKENS: &str = "is not set, and neither is JWT_ISSUER, so nobody may connect: the owner of the keys in JWKS_URL or \
     JWKS may sign tokens for others with them too. Set it to the aud of your tokens, or JWT_ISSUER to their iss";

const NO_KEY_SET: &str = r#"must be a key set in JSON: {"keys":[…]}"#;
const NO_USABLE_KEY: &str = "has no key that can verify tokens. Use public signing keys: RSA of 2,048 bits or more (RS256), \
     EC P-256 (ES256) or OKP Ed25519 (EdDSA)";

impl Access {
    pub fn read(reader: &mut Reader<'_>) -> Self {
        let mut keys = reader.token_keys();
        let policy = reader.connect_policy(&keys);
        let rules = reader.token_rules();
        let origins = reader.origins(policy);
        let has_anybody_s_keys =
            keys.has_public_keys() && rules.issuer.is_empty() && rules.audience.is_empty();
        let missing = match policy {
            ConnectPolicy::NotSet if !reader.has_wrong(&KEYS) => {
                Some((CONNECT_AUTH, NOBODY_MAY_CONNECT))
            }
            ConnectPolicy::Jwt if keys.is_empty() && !reader.has_wrong(&KEYS) => {
                Some((JWT_SECRET, NO_KEY))
            }
            _ if has_anybody_s_keys && !reader.has_wrong(&[JWT_AUDIENCE, JWT_ISSUER]) => {
                Some((JWT_AUDIENCE, ANYBODY_S_TOKENS))
            }
            ConnectPolicy::Open
                if origins == Origins::NotSet && !reader.has_wrong(&[ALLOWED_ORIGINS]) =>
            {
                Some((ALLOWED_ORIGINS, NO_ORIGINS))
            }
            _ => None,
        };
        if has_anybody_s_keys {
            // No token that they signed counts, not even for a broadcast.
            keys = TokenKeys { secrets: keys.secrets, ..TokenKeys::default() };
        }
        let missing =
            missing.map(|(setting, problem)| Problem { setting, problem: problem.into() });
        Self { policy, keys, rules, origins, missing }
    }
}

impl Reader<'_> {
    fn connect_policy(&mut self, keys: &TokenKeys) -> ConnectPolicy {
        match self.text(CONNECT_AUTH).as_deref() {
            Some("jwt") => ConnectPolicy::Jwt,
            Some("open") => ConnectPolicy::Open,
            None if keys.is_empty() || self.has_wrong(&[CONNECT_AUTH]) => ConnectPolicy::NotSet,
            None => ConnectPolicy::Jwt,
            Some(_) => {
                self.is_wrong(CONNECT_AUTH, "must be jwt or open");
                ConnectPolicy::NotSet
            }
        }
    }

    /// Without tokens, any page could reach the server through its visitors' browsers, from inside their networks.
    fn origins(&mut self, policy: ConnectPolicy) -> Origins {
        let entries = match self.value(ALLOWED_ORIGINS) {
            // A wrong setting, or one that may be missing, lets nobody in.
            None if policy == ConnectPolicy::Jwt && !self.has_wrong(&[ALLOWED_ORIGINS]) => {
                return Origins::Any;
            }
            None => return Origins::NotSet,
            Some(Value::Text(text)) => text.split(',').map(str::to_owned).collect(),
            Some(Value::List(entries)) => entries,
            Some(_) => {
                self.is_wrong(
                    ALLOWED_ORIGINS,
                    "must be *, or a list of origins such as https://app.example.com",
                );
                return Origins::NotSet;
            }
        };
        Origins::parse(&entries).unwrap_or_else(|problem| {
            self.is_wrong(ALLOWED_ORIGINS, problem);
            Origins::NotSet
        })
    }

    fn token_keys(&mut self) -> TokenKeys {
        let secrets = [JWT_SECRET, JWT_SECRET_PREVIOUS];
        TokenKeys {
            secrets: secrets.into_iter().filter_map(|name| self.jwt_secret(name)).collect(),
            jwks: self.jwks(),
            jwks_url: self.jwks_url(),
        }
    }

    fn token_rules(&mut self) -> Rules {
        Rules {
            issuer: self.texts(JWT_ISSUER),
            audience: self.texts(JWT_AUDIENCE),
            claims_prefix: self.claims_prefix(),
        }
    }

    fn claims_prefix(&mut self) -> Option<ClaimsPrefix> {
        let prefix = ClaimsPrefix::parse(self.text(JWT_CLAIMS_PREFIX)?);
        if prefix.is_none() {
            let most = ClaimsPrefix::MAX_BYTES;
            let problem = format!(
                "must be at most {most} visible ASCII characters and end in / : . _ or -, such as \
                 https://app.example.com/, or app_metadata. for an object"
            );
            self.is_wrong(JWT_CLAIMS_PREFIX, problem);
        }
        prefix
    }

    fn jwt_secret(&mut self, name: &'static str) -> Option<HiddenText> {
        let text = self.quoted(name)?;
        if text.len() < LEAST_JWT_SECRET_BYTES {
            self.is_wrong(name, format!("must have at least {LEAST_JWT_SECRET_BYTES} bytes"));
            return None;
        }
        // Such as the line end of a file: the signer will hardly have the same one.
        if text.trim() != text {
            self.is_wrong(name, "must not begin or end with white space");
            return None;
        }
        Some(HiddenText(text))
    }

    fn jwks(&mut self) -> Option<String> {
        let (Value::Text(text) | Value::Object(text)) = self.value(JWKS)? else {
            self.is_wrong(JWKS, NO_KEY_SET);
            return None;
        };
        match (self.usable_keys)(&text) {
            None => self.is_wrong(JWKS, NO_KEY_SET),
            Some(0) => self.is_wrong(JWKS, NO_USABLE_KEY),
            Some(_) => return Some(text),
        }
        None
    }

    fn jwks_url(&mut self) -> Option<String> {
        let url = self.text(JWKS_URL)?;
        if !is_https_or_local(&url) {
            self.is_wrong(JWKS_URL, "must be an https URL");
            return None;
        }
        Some(url)
    }
}

/// Whether a URL can be fetched, and nobody on the way can read or change the answer.
fn is_https_or_local(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (host, port) = authority.rsplit_once(':').unwrap_or((authority, "443"));
    let is_written_right = url.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
        && !host.is_empty()
        && !authority.contains('@')
        && (port.ends_with(']') || port.parse::<u16>().is_ok());
    let is_private =
        scheme == "https" || (scheme == "http" && ["localhost", "127.0.0.1"].contains(&host));
    is_written_right && is_private
}
