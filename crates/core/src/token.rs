//! A JSON Web Token, taken apart and judged (RFC 7515, RFC 7519): who it says its bearer is, and what they may do.
//!
//! Whether its signature is right is not judged here: that takes the runtime's cryptography. Nothing in a token
//! counts before it is.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::Millis;
use crate::bearer::Bearer;
use crate::member::{HeldToken, User};
use crate::names::{Avatar, ProjectId, TokenId, UserId, UserName};

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

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenError {
    /// It has more than [`MAX_BYTES`].
    TooLong,
    /// It is not three parts of base64url with points between.
    NotThreeParts,
    /// Its header is no JSON object, or names no [`Algorithm`].
    Header,
    /// Its header has `crit`: something in it must be understood that is not.
    Critical,
    /// Its claims are no JSON object, or one of those that count has another type than RFC 7519 says.
    Claims,
    /// It has no `exp`.
    NoExpiry,
    /// `exp` is over.
    Expired,
    /// `nbf`, or `iat`, is still to come.
    NotYetValid,
    /// `iss` is another one than is expected.
    Issuer,
    /// `aud` does not name this server.
    Audience,
    /// `sub` is no user id.
    Subject,
}

impl TokenError {
    /// What is wrong and what to do, for people.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::TooLong => "The token has more than 8192 bytes",
            Self::NotThreeParts => "A token is three parts of base64url with points between",
            Self::Header => {
                "The header must be a JSON object with alg HS256, RS256, ES256 or EdDSA"
            }
            Self::Critical => "The header has crit, and nothing critical is understood here",
            Self::Claims => {
                "The claims must be a JSON object; see docs/protocol.md, P9, for their types"
            }
            Self::NoExpiry => "The token has no exp. Give it one",
            Self::Expired => "The token has expired (exp). Fetch a fresh one",
            Self::NotYetValid => {
                "The token is not valid yet (nbf), or was issued in the future (iat)"
            }
            Self::Issuer => "The token's iss is not JWT_ISSUER",
            Self::Audience => "The token's aud does not have JWT_AUDIENCE in it",
            Self::Subject => {
                "The token's sub must be a user id of 1 to 128 bytes without control characters"
            }
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

/// The claims as they stand there. One that means nothing here is not looked at.
#[derive(Deserialize)]
struct Fields<'a> {
    sub: Option<String>,
    name: Option<String>,
    /// Whatever it is: providers put more than a text here.
    #[serde(borrow)]
    avatar: Option<&'a RawValue>,
    exp: Option<f64>,
    nbf: Option<f64>,
    iat: Option<f64>,
    iss: Option<String>,
    #[serde(borrow)]
    aud: Option<&'a RawValue>,
    jti: Option<String>,
    #[serde(borrow)]
    projects: Option<&'a RawValue>,
    #[serde(borrow)]
    permissions: Option<&'a RawValue>,
}

/// What a token claims, as far as it means something here.
#[derive(Debug)]
pub struct Claims {
    subject: Option<String>,
    name: Option<String>,
    avatar: Option<String>,
    /// Seconds since the Unix epoch, like the next two.
    expires_at: Option<f64>,
    not_before: Option<f64>,
    issued_at: Option<f64>,
    issuer: Option<String>,
    audience: Vec<String>,
    id: Option<String>,
    projects: Vec<String>,
    permissions: Permissions,
}

/// What the bearer may do, and where.
#[derive(Debug)]
enum Permissions {
    /// The same in all projects of the token.
    Everywhere(Vec<String>),
    /// By project.
    ByProject(BTreeMap<String, Vec<String>>),
}

/// Stands for every project.
const ANY: &str = "*";

/// Something that a token may allow in a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Connect, and get events.
    Subscribe,
    /// Be present: be announced to others and listed.
    Presence,
    /// Broadcast, in place of the shared secret.
    Publish,
}

impl Permission {
    /// What a token allows that does not say.
    const USUAL: [Self; 2] = [Self::Subscribe, Self::Presence];

    /// Its name in a token.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Subscribe => "subscribe",
            Self::Presence => "presence",
            Self::Publish => "publish",
        }
    }
}

/// What a token must say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// One of these must be its `iss`; if there are none, anything may.
    pub issuer: Vec<String>,
    /// One of these must stand in its `aud`; if there are none, nothing need.
    pub audience: Vec<String>,
}

impl<'a> Token<'a> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// Too long, or not well formed: see [`TokenError`].
    pub fn parse(text: &'a str) -> Result<Self, TokenError> {
        if text.len() > MAX_BYTES {
            return Err(TokenError::TooLong);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(TokenError::NotThreeParts)?;
        let (header, claims) = signed.split_once('.').ok_or(TokenError::NotThreeParts)?;
        let [header, claims, signature] = [decode(header)?, decode(claims)?, decode(signature)?];
        let header: Header<'_> = json(&header).ok_or(TokenError::Header)?;
        if header.crit.is_some() {
            return Err(TokenError::Critical);
        }
        let algorithm = Algorithm::named(&header.alg).ok_or(TokenError::Header)?;
        let claims = Claims::parse(&claims).ok_or(TokenError::Claims)?;
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

impl Claims {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let Fields { sub, name, avatar, exp, nbf, iat, iss, aud, jti, projects, permissions } =
            json(bytes)?;
        Some(Self {
            subject: sub,
            name,
            avatar: avatar.and_then(|raw| serde_json::from_str(raw.get()).ok()),
            expires_at: exp,
            not_before: nbf,
            issued_at: iat,
            issuer: iss,
            audience: aud.map_or(Some(Vec::new()), one_or_many)?,
            id: jti,
            projects: projects.map_or(Some(Vec::new()), one_or_many)?,
            permissions: permissions
                .map_or_else(|| Some(Permissions::usual()), Permissions::parse)?,
        })
    }

    /// Judges what every token must say, at `now` in milliseconds.
    ///
    /// # Errors
    /// Expired, not yet valid, or for others: see [`TokenError`].
    pub fn judge(&self, rules: &Rules, now: Millis) -> Result<(), TokenError> {
        let now = now as f64 / 1_000.0;
        let leeway = LEEWAY_SECONDS as f64;
        if self.expires_at.ok_or(TokenError::NoExpiry)? + leeway <= now {
            return Err(TokenError::Expired);
        }
        // A time in the future would keep a forged token out of every revocation.
        let begins = [self.not_before, self.issued_at];
        if begins.into_iter().flatten().any(|at| at - leeway > now) {
            return Err(TokenError::NotYetValid);
        }
        let is_ours = |issuer: &String| rules.issuer.contains(issuer);
        if !rules.issuer.is_empty() && !self.issuer.as_ref().is_some_and(is_ours) {
            return Err(TokenError::Issuer);
        }
        let is_for_us = |audience: &String| rules.audience.contains(audience);
        if !rules.audience.is_empty() && !self.audience.iter().any(is_for_us) {
            return Err(TokenError::Audience);
        }
        Ok(())
    }

    /// Who the bearer is.
    ///
    /// # Errors
    /// [`TokenError::Subject`].
    pub fn user(&self) -> Result<User, TokenError> {
        let subject = self.subject.as_deref().unwrap_or_default();
        let id = UserId::parse(subject).map_err(|_| TokenError::Subject)?;
        let name = self.name.as_deref().and_then(|name| UserName::parse(name).ok());
        let avatar = self.avatar.as_deref().and_then(|avatar| Avatar::parse(avatar).ok());
        Ok(User { id, name, avatar, verified: true })
    }

    /// Whether the bearer may do something in a project.
    #[must_use]
    pub fn allows(&self, permission: Permission, project: &ProjectId) -> bool {
        let is_project = |id: &String| id == ANY || id == project.as_str();
        self.projects.iter().any(is_project) && self.permissions.allow(permission, project)
    }

    /// Who publishes by the token; a `sub` that is no user id is nobody's.
    #[must_use]
    pub fn bearer(&self) -> Bearer {
        Bearer { user: self.user().ok().map(|user| user.id), token: self.held() }
    }

    /// What a room remembers of the token. An id that is longer than 128 bytes is none.
    #[must_use]
    pub fn held(&self) -> HeldToken {
        HeldToken {
            expires_at: millis(self.expires_at),
            issued_at: millis(self.issued_at),
            id: self.id.as_deref().and_then(|id| TokenId::parse(id).ok()),
        }
    }
}

/// A cast from a float saturates, and takes what is no number for 0.
fn millis(seconds: Option<f64>) -> Millis {
    (seconds.unwrap_or_default() * 1_000.0) as Millis
}

/// A text, or a list of them.
fn one_or_many(raw: &RawValue) -> Option<Vec<String>> {
    let one = serde_json::from_str(raw.get()).map(|text| vec![text]);
    one.or_else(|_| serde_json::from_str(raw.get())).ok()
}

impl Permissions {
    fn usual() -> Self {
        Self::Everywhere(Permission::USUAL.iter().map(|known| known.name().to_owned()).collect())
    }

    fn parse(raw: &RawValue) -> Option<Self> {
        let everywhere = serde_json::from_str(raw.get()).map(Self::Everywhere);
        everywhere.or_else(|_| serde_json::from_str(raw.get()).map(Self::ByProject)).ok()
    }

    fn allow(&self, permission: Permission, project: &ProjectId) -> bool {
        let list = match self {
            Self::Everywhere(list) => Some(list),
            Self::ByProject(lists) => lists.get(project.as_str()).or_else(|| lists.get(ANY)),
        };
        list.is_some_and(|list| list.iter().any(|name| name == permission.name()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    const NOW: Millis = 1_700_000_000_000;
    const NOW_SECONDS: u64 = NOW / 1_000;

    fn encode(header: &str, claims: &str) -> String {
        let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part));
        format!("{header}.{claims}.c2ln")
    }

    fn claims(claims: &Value) -> Result<Claims, TokenError> {
        let text = encode(r#"{"alg":"HS256"}"#, &claims.to_string());
        Token::parse(&text).map(|token| token.claims)
    }

    fn judged(fields: Value, rules: &Rules) -> Result<(), TokenError> {
        let mut all = json!({ "exp": NOW_SECONDS + 60, "sub": "u" });
        all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        claims(&all).unwrap().judge(rules, NOW)
    }

    fn error(text: &str) -> TokenError {
        Token::parse(text).unwrap_err()
    }

    #[test]
    fn p9_2_the_example_of_rfc_7515_is_taken_apart() {
        // RFC 7515, A.1.
        let text = concat!(
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQog",
            "Imh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        );
        let Token { algorithm, key_id, signed, signature, claims } = Token::parse(text).unwrap();
        assert_eq!((algorithm, key_id), (Algorithm::Hs256, None));
        assert!(text.starts_with(signed) && signature.len() == 32);
        let rules = Rules { issuer: vec!["joe".into()], ..Rules::default() };
        assert_eq!(claims.judge(&rules, 1_300_819_380_000), Ok(()));
        assert_eq!(claims.judge(&rules, 1_300_819_410_000), Err(TokenError::Expired));
    }

    #[test]
    fn p9_2_what_is_not_three_parts_of_base64url_is_refused() {
        for text in ["", "a", "a.b", "..", "a.b.c.d", "e30=.e30=.", "e30.e30.+/", "e30.e30.c2ln "] {
            assert!(
                matches!(error(text), TokenError::NotThreeParts | TokenError::Header),
                "{text}"
            );
        }
        assert_eq!(error(&"x".repeat(MAX_BYTES + 1)), TokenError::TooLong);
    }

    #[test]
    fn p9_2_none_and_algorithms_that_are_not_known_are_refused() {
        for alg in ["none", "None", "NONE", "nOnE", "", "hs256", "HS512", "PS256", "RSA-OAEP"] {
            assert_eq!(error(&encode(&format!(r#"{{"alg":"{alg}"}}"#), "{}")), TokenError::Header);
        }
        for header in [
            "{}",
            "[]",
            r#"["HS256"]"#,
            r#"{"alg":null}"#,
            r#"{"alg":{"HS256":null}}"#,
            r#"{"alg":"HS256","alg":"none"}"#,
        ] {
            assert_eq!(error(&encode(header, "{}")), TokenError::Header, "{header}");
        }
    }

    #[test]
    fn p9_2_ed25519_has_two_names() {
        for alg in ["EdDSA", "Ed25519"] {
            let text = encode(&format!(r#"{{"alg":"{alg}"}}"#), "{}");
            assert_eq!(Token::parse(&text).unwrap().algorithm, Algorithm::EdDsa);
        }
    }

    #[test]
    fn p9_2_what_must_be_understood_and_is_not_is_refused() {
        // RFC 7515, 4.1.11.
        assert_eq!(error(&encode(r#"{"alg":"HS256","crit":["exp"]}"#, "{}")), TokenError::Critical);
    }

    #[test]
    fn p9_3_an_end_is_required_and_holds_with_some_leeway() {
        let end = |seconds: i64| json!({ "exp": NOW_SECONDS as i64 + seconds });
        let rules = Rules::default();
        assert_eq!(judged(json!({ "exp": null }), &rules), Err(TokenError::NoExpiry));
        assert_eq!(judged(end(-29), &rules), Ok(()));
        assert_eq!(judged(end(-30), &rules), Err(TokenError::Expired));
        assert_eq!(judged(json!({ "exp": 1e300 }), &rules), Ok(()));
        assert_eq!(judged(json!({ "exp": -1e300 }), &rules), Err(TokenError::Expired));
    }

    #[test]
    fn p9_3_a_token_is_not_valid_before_its_time() {
        let start = |seconds: u64| json!({ "nbf": NOW_SECONDS + seconds });
        assert_eq!(judged(start(30), &Rules::default()), Ok(()));
        assert_eq!(judged(start(31), &Rules::default()), Err(TokenError::NotYetValid));
    }

    #[test]
    fn p9_3_a_token_that_was_issued_in_the_future_is_not_valid() {
        let issued = |seconds: u64| json!({ "iat": NOW_SECONDS + seconds });
        assert_eq!(judged(issued(30), &Rules::default()), Ok(()));
        assert_eq!(judged(issued(31), &Rules::default()), Err(TokenError::NotYetValid));
    }

    #[test]
    fn p9_3_issuer_and_audience_must_be_those_that_are_expected() {
        let rules = Rules { issuer: vec!["i".into()], audience: vec!["a".into()] };
        assert_eq!(judged(json!({ "iss": "i", "aud": "a" }), &rules), Ok(()));
        assert_eq!(judged(json!({ "iss": "i", "aud": ["b", "a"] }), &rules), Ok(()));
        assert_eq!(judged(json!({ "iss": "i", "aud": "b" }), &rules), Err(TokenError::Audience));
        assert_eq!(judged(json!({ "iss": "i" }), &rules), Err(TokenError::Audience));
        assert_eq!(judged(json!({ "iss": "j", "aud": "a" }), &rules), Err(TokenError::Issuer));
        assert_eq!(judged(json!({ "aud": "a" }), &rules), Err(TokenError::Issuer));
    }

    #[test]
    fn p9_3_of_several_issuers_and_audiences_one_is_enough() {
        let many = |a: &str, b: &str| vec![a.to_owned(), b.to_owned()];
        let rules = Rules { issuer: many("i", "j"), audience: many("a", "b") };
        assert_eq!(judged(json!({ "iss": "j", "aud": ["c", "b"] }), &rules), Ok(()));
        assert_eq!(judged(json!({ "iss": "i,j", "aud": "a" }), &rules), Err(TokenError::Issuer));
        assert_eq!(judged(json!({ "iss": "i", "aud": "c" }), &rules), Err(TokenError::Audience));
    }

    #[test]
    fn p9_3_claims_of_another_type_are_refused() {
        for wrong in [
            json!({ "exp": "1" }),
            json!({ "sub": 1 }),
            json!({ "aud": 1 }),
            json!({ "aud": [1] }),
            json!({ "projects": 1 }),
            json!({ "projects": {} }),
            json!({ "permissions": "publish" }),
            json!({ "permissions": { "p": "publish" } }),
            json!([]),
            json!("x"),
        ] {
            assert_eq!(claims(&wrong).err(), Some(TokenError::Claims), "{wrong}");
        }
    }

    #[test]
    fn p9_4_the_subject_is_the_user_and_the_name_is_theirs() {
        let user = |fields: Value| claims(&fields).unwrap().user();
        let ann = user(json!({ "sub": "ann", "name": "Ann" })).unwrap();
        assert_eq!((ann.id.as_str(), ann.name.unwrap().as_str()), ("ann", "Ann"));
        assert_eq!(user(json!({ "sub": "ann", "name": "a\nb" })).unwrap().name, None);
        for wrong in [json!({}), json!({ "sub": "" }), json!({ "sub": "x".repeat(129) })] {
            assert_eq!(user(wrong), Err(TokenError::Subject));
        }
    }

    #[test]
    fn p9_4_a_token_allows_what_it_says_in_the_projects_that_it_names() {
        use Permission::{Presence, Publish, Subscribe};
        let allowed = |fields: Value, project: &str| {
            let (claims, project) = (claims(&fields).unwrap(), ProjectId::parse(project).unwrap());
            let all = [Subscribe, Presence, Publish];
            all.into_iter().filter(|known| claims.allows(*known, &project)).collect::<Vec<_>>()
        };
        assert_eq!(allowed(json!({}), "p"), []);
        assert_eq!(allowed(json!({ "projects": ["p"] }), "p"), [Subscribe, Presence]);
        assert_eq!(allowed(json!({ "projects": ["p"] }), "q"), []);
        assert_eq!(allowed(json!({ "projects": "*" }), "q"), [Subscribe, Presence]);
        let publisher = json!({ "projects": ["p", "q"], "permissions": ["publish", "someday"] });
        assert_eq!(allowed(publisher.clone(), "q"), [Publish]);
        assert_eq!(allowed(publisher, "r"), []);
        let by_project =
            json!({ "projects": "*", "permissions": { "p": ["publish"], "*": ["subscribe"] } });
        assert_eq!(allowed(by_project.clone(), "p"), [Publish]);
        assert_eq!(allowed(by_project, "q"), [Subscribe]);
        assert_eq!(allowed(json!({ "projects": "*", "permissions": {} }), "p"), []);
    }

    proptest! {
        #[test]
        fn no_token_panics(text in "\\PC{0,80}|[A-Za-z0-9_.-]{0,120}") {
            let _ = Token::parse(&text);
        }

        #[test]
        fn no_claims_panic(claims in "\\PC{0,120}|[\\[\\]{}\":,a-z0-9eE.-]{0,120}") {
            let text = encode(r#"{"alg":"ES256"}"#, &claims);
            if let Ok(token) = Token::parse(&text) {
                let _ = token.claims.judge(&Rules::default(), NOW);
                let _ = (token.claims.user(), token.claims.held());
            }
        }
    }
}
