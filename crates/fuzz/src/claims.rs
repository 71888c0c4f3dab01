//! JSON Web Tokens: parsing, checks, and what they allow (P9.2 to P9.4).

mod expected;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use validiant_core::names::{ConnectionId, ProjectId};
use validiant_core::room_call::admission::Admission;
use validiant_core::token::{Claims, Permission, Rules, Token, TokenError};
use validiant_core::wire::close_code::CloseCode;
use validiant_core::wire::reason::Reason;

use crate::json::Object;
use crate::names::assert_called;
use expected::{Expected, Outcome};

/// Near the times in `exp` and `nbf` in the corpus.
const NOW: u64 = 1_700_000_000_000;
const ISSUER: &str = "issuer";
const AUDIENCE: &str = "audience";
const ALGORITHMS: [&str; 4] = ["HS256", "RS256", "ES256", "EdDSA"];

/// If the input begins with a brace, it is two lines: the header and the claims, to be encoded. Any other input is the
/// text of a token.
///
/// A token must be accepted exactly if it is well formed and its algorithm is one of the four. The verdict on it and what
/// it allows must be what the oracle reads in its claims.
pub fn claims(data: &[u8]) {
    if data.starts_with(b"{") {
        let mut lines = data.splitn(2, |byte| *byte == b'\n');
        let [header, claims] = [(); 2].map(|()| lines.next().unwrap_or_default());
        judge(&token(header, claims), header, claims);
    } else if let Ok(text) = std::str::from_utf8(data) {
        match parts(text) {
            Some([header, claims]) => judge(text, &header, &claims),
            None => assert!(
                Token::parse(text, &Rules::default()).is_err(),
                "taken, but not three parts"
            ),
        }
    }
}

fn token(header: &[u8], claims: &[u8]) -> String {
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part));
    format!("{header}.{claims}.c2lnbmF0dXJl")
}

/// The header and claims of a token of three parts, if each is encoded in the only correct way.
fn parts(text: &str) -> Option<[Vec<u8>; 2]> {
    let text = trim(text);
    let parts: Vec<&str> = text.split('.').collect();
    let decode = |part: &&str| {
        let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
        (URL_SAFE_NO_PAD.encode(&bytes) == **part).then_some(bytes)
    };
    let decoded: Vec<Vec<u8>> = parts.iter().map(decode).collect::<Option<_>>()?;
    let [header, claims, _] = decoded.try_into().ok()?;
    Some([header, claims])
}

/// Without the white space around it.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\r', '\x0c'])
}

fn judge(text: &str, header: &[u8], claims: &[u8]) {
    let expected = Expected::of(claims);
    let header = std::str::from_utf8(header).ok().and_then(Object::parse);
    let algorithm = header.as_ref().and_then(algorithm);
    match Token::parse(text, &Rules::default()) {
        Ok(token) => {
            assert!(text.len() <= 8_192);
            assert_eq!(Some(token.algorithm.name().to_owned()), algorithm);
            let header = header.unwrap();
            assert!(header.given("crit").is_none(), "critical");
            assert_eq!(Ok(token.key_id), header.field("kid").text());
            let signature = URL_SAFE_NO_PAD.encode(&token.signature);
            assert_eq!(format!("{}.{signature}", token.signed), trim(text));
            assert_claims(&token.claims, &expected.expect("the claims are wrong"));
        }
        Err(TokenError::TooLong) => assert!(text.len() > 8_192),
        Err(TokenError::Critical) => assert!(header.unwrap().given("crit").is_some()),
        Err(TokenError::Header | TokenError::Algorithm) => {
            assert!(algorithm.is_none(), "a right header is refused");
        }
        Err(TokenError::Claims) => assert!(expected.is_none(), "right claims are refused"),
        Err(error) => panic!("{error:?} of a token of three parts"),
    }
}

/// The algorithm of a header that is valid, except perhaps for `crit`.
fn algorithm(header: &Object<'_>) -> Option<String> {
    let kid = header.field("kid").text();
    let is_right = !header.doubles_one_of(&["alg", "kid", "crit"]) && kid.is_ok();
    let algorithm = header.field("alg").text().ok()??;
    // RFC 9864.
    let algorithm = if algorithm == "Ed25519" { "EdDSA".to_owned() } else { algorithm };
    (is_right && ALGORITHMS.contains(&algorithm.as_str())).then_some(algorithm)
}

fn assert_claims(claims: &Claims, expected: &Expected) {
    for rules in [rules(false, false), rules(true, false), rules(false, true), rules(true, true)] {
        for now in expected.instants(NOW) {
            assert_judged(claims, expected, &rules, now);
        }
    }
    match claims.user() {
        Ok(user) => {
            assert_eq!(Some(user.id.as_str()), expected.user_id());
            assert_called(user.name.as_ref().map(|name| name.as_str()), expected.user_name());
            assert!(user.verified);
        }
        Err(error) => {
            assert_eq!(error, TokenError::Subject);
            assert_eq!(expected.user_id(), None);
        }
    }
    let held = claims.held();
    assert_eq!(held.id.as_ref().map(|id| id.as_str()), expected.token_id());
    for project in expected.projects() {
        assert_allowed(claims, expected, &project);
    }
}

fn rules(issuer: bool, audience: bool) -> Rules {
    Rules {
        issuer: issuer.then(|| ISSUER.to_owned()).into_iter().collect(),
        audience: audience.then(|| AUDIENCE.to_owned()).into_iter().collect(),
        claims_prefix: None,
    }
}

fn assert_judged(claims: &Claims, expected: &Expected, rules: &Rules, now: u64) {
    let judged = claims.judge(rules, now);
    let may = expected.judge(rules, now);
    let is_one_of_them = match judged {
        Ok(()) => may.accepted,
        Err(error) => may.errors.contains(&error),
    };
    assert!(is_one_of_them, "{judged:?} at {now}, but {may:?}");
}

fn assert_allowed(claims: &Claims, expected: &Expected, project: &str) {
    let project = ProjectId::parse(project).unwrap();
    for permission in Permission::ALL {
        let allows = expected.allows(permission.name(), project.as_str());
        assert_eq!(claims.allows(permission, &project), allows, "{permission:?} in {project}");
    }
    let fresh = || ConnectionId::parse("c").ok();
    let asked = Admission::from_query("", None, fresh).unwrap();
    let Outcome { accepted, errors } = expected.judge(&Rules::default(), NOW);
    match asked.with_claims(claims, Permission::Subscribe, &Rules::default(), &project, NOW) {
        Ok(admission) => {
            assert!(accepted && expected.allows("subscribe", project.as_str()));
            assert_eq!(admission.user.unwrap().id.as_str(), expected.user_id().unwrap());
            assert_eq!(admission.is_present, expected.allows("presence", project.as_str()));
        }
        Err(closing) => {
            assert!(closing.reason().len() <= CloseCode::MAX_REASON_BYTES);
            match closing.code {
                CloseCode::NOT_ALLOWED => {
                    assert!(!expected.allows("subscribe", project.as_str()));
                    let is_named = expected.is_for(project.as_str());
                    let reason = if is_named { Reason::Permissions } else { Reason::Projects };
                    assert_eq!(closing.failed_check(), Some(reason));
                }
                CloseCode::TOKEN_EXPIRED => assert!(errors.contains(&TokenError::Expired)),
                code => {
                    assert_eq!(code, CloseCode::TOKEN_INVALID);
                    let reason = closing.failed_check().unwrap();
                    let is_wrong = errors.iter().any(|error| error.reason() == reason);
                    let is_nobody = expected.user_id().is_none() && reason == Reason::Sub;
                    assert!(is_wrong || is_nobody, "{reason:?}");
                }
            }
        }
    }
}
