//! How tokens are read and judged (P9.2 to P9.4).

mod permissions;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::Millis;

use super::*;

const NOW: Millis = 1_700_000_000_000;
const NOW_SECONDS: u64 = NOW / 1_000;

fn parse(text: &str) -> Result<Token<'_>, TokenError> {
    Token::parse(text, &Rules::default())
}

fn encode(header: &str, claims: &str) -> String {
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part));
    format!("{header}.{claims}.c2ln")
}

fn claims(claims: &Value) -> Result<Claims, TokenError> {
    let text = encode(r#"{"alg":"HS256"}"#, &claims.to_string());
    parse(&text).map(|token| token.claims)
}

fn judged(fields: Value, rules: &Rules) -> Result<(), TokenError> {
    let mut all = json!({ "exp": NOW_SECONDS + 60, "sub": "u" });
    all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    claims(&all).unwrap().judge(rules, NOW)
}

fn error(text: &str) -> TokenError {
    parse(text).unwrap_err()
}

#[test]
fn p9_2_the_example_of_rfc_7515_is_taken_apart() {
    // RFC 7515, A.1.
    let text = concat!(
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQog",
        "Imh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    );
    let Token { algorithm, key_id, signed, signature, claims } = parse(text).unwrap();
    assert_eq!((algorithm, key_id), (Algorithm::Hs256, None));
    assert!(text.starts_with(signed) && signature.len() == 32);
    let rules = Rules { issuer: vec!["joe".into()], ..Rules::default() };
    assert_eq!(claims.judge(&rules, 1_300_819_380_000), Ok(()));
    assert_eq!(claims.judge(&rules, 1_300_819_410_000), Err(TokenError::Expired));
}

#[test]
fn p9_2_what_is_not_three_parts_of_base64url_is_refused() {
    for text in ["", "a", "a.b", "..", "a.b.c.d", "e30=.e30=.", "e30.e30.+/", "e30.e30.c 2ln"] {
        assert!(matches!(error(text), TokenError::NotThreeParts | TokenError::Header), "{text}");
    }
    assert_eq!(error(&"x".repeat(MAX_BYTES + 1)), TokenError::TooLong);
}

#[test]
fn p9_2_none_and_unknown_algorithms_are_refused() {
    for alg in ["none", "None", "NONE", "nOnE", "", "hs256", "HS512", "PS256", "RSA-OAEP"] {
        let header = format!(r#"{{"alg":"{alg}"}}"#);
        assert_eq!(error(&encode(&header, "{}")), TokenError::Algorithm);
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
fn p9_2_white_space_around_a_token_is_no_part_of_it() {
    let text = encode(r#"{"alg":"HS256"}"#, "{}");
    for around in [format!("{text}\n"), format!(" {text}\r\n"), format!("\t{text} ")] {
        assert_eq!(parse(&around).unwrap().signed, parse(&text).unwrap().signed);
    }
}

#[test]
fn p9_2_ed25519_has_two_names() {
    for alg in ["EdDSA", "Ed25519"] {
        let text = encode(&format!(r#"{{"alg":"{alg}"}}"#), "{}");
        assert_eq!(parse(&text).unwrap().algorithm, Algorithm::EdDsa);
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
    assert_eq!(judged(issued(31), &Rules::default()), Err(TokenError::IssuedInFuture));
}

#[test]
fn p9_3_issuer_and_audience_must_be_those_that_are_expected() {
    let rules = Rules { issuer: vec!["i".into()], audience: vec!["a".into()], ..Rules::default() };
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
    let rules = Rules { issuer: many("i", "j"), audience: many("a", "b"), ..Rules::default() };
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
        json!({ "iss": 1 }),
        json!({ "jti": 1 }),
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
    let name = |name: Value| {
        let user = user(json!({ "sub": "ann", "name": name })).unwrap();
        user.name.map(|name| name.to_string())
    };
    assert_eq!(name(json!("a\nb")), Some("ab".into()));
    assert_eq!(name(json!("田".repeat(86))), Some("田".repeat(85)));
    for none in [json!(7), json!(null), json!({ "first": "Ann" }), json!("")] {
        assert_eq!(name(none), None);
    }
    for wrong in [json!({}), json!({ "sub": "" }), json!({ "sub": "x".repeat(129) })] {
        assert_eq!(user(wrong), Err(TokenError::Subject));
    }
}

proptest! {
    #[test]
    fn no_token_panics(text in "\\PC{0,80}|[A-Za-z0-9_.-]{0,120}") {
        let _ = parse(&text);
    }

    #[test]
    fn no_prefix_panics(prefix in "\\PC{0,20}|[a-z./:]{0,8}", claims in "[\\[\\]{}\":,a-c./p]{0,60}") {
        if let Some(prefix) = ClaimsPrefix::parse(prefix) {
            let rules = Rules { claims_prefix: Some(prefix), ..Rules::default() };
            let _ = Token::parse(&encode(r#"{"alg":"ES256"}"#, &claims), &rules);
        }
    }

    #[test]
    fn no_claims_panic(claims in "\\PC{0,120}|[\\[\\]{}\":,a-z0-9eE.-]{0,120}") {
        let text = encode(r#"{"alg":"ES256"}"#, &claims);
        if let Ok(token) = parse(&text) {
            let _ = token.claims.judge(&Rules::default(), NOW);
            let _ = (token.claims.user(), token.claims.held());
        }
    }
}
