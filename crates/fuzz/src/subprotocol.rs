//! The offer in `Sec-WebSocket-Protocol` (P4.6, P9.1).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use validiant_core::request::subprotocol::{select, token};
use validiant_core::token::{Rules, Token};

use crate::names::percent_decode;

const BEARER: &str = "bearer.";
/// How a JSON object can begin before it is encoded in base64url: a brace, then a quote, a brace or white space.
const OBJECTS: [&[u8]; 6] = [b"{\"", b"{ ", b"{\n", b"{\r", b"{\t", b"{}"];

/// The input is the value of the header.
///
/// The selected protocol must be the first offered one that is allowed in a header and neither is nor carries a token.
/// The token must be that of the first protocol that carries one after `bearer.`.
pub fn subprotocol(data: &[u8]) {
    let Ok(offer) = std::str::from_utf8(data) else { return };
    let offered: Vec<&str> = offer.split(',').map(trim).collect();
    let selected = offered.iter().copied().find(|name| may_be_echoed(name) && !is_secret(name));
    assert_eq!(select(offer), selected);
    if let Some(selected) = select(offer) {
        assert!(!selected.to_ascii_lowercase().starts_with(BEARER), "the token would be echoed");
        assert!(Token::parse(selected, &Rules::default()).is_err(), "a token would be echoed");
    }
    let carrier = offered.into_iter().find(|name| is_bearer(name));
    let carried = carrier.map(|name| &name[BEARER.len()..]).filter(|token| !token.is_empty());
    assert_eq!(token(offer), carried);
}

/// Optional whitespace is only spaces and tabs (RFC 9110, 5.6.3).
fn trim(name: &str) -> &str {
    name.trim_matches(|c| c == ' ' || c == '\t')
}

fn is_bearer(name: &str) -> bool {
    name.to_ascii_lowercase().starts_with(BEARER)
}

/// Whether a word in it, percent-decoded, begins like a token, or its first part is a JSON object in base64url.
fn is_secret(name: &str) -> bool {
    let decoded = String::from_utf8_lossy(&percent_decode(name)).into_owned();
    let letters: Vec<char> = decoded.chars().collect();
    let begins_word = |at: usize| at == 0 || !letters[at - 1].is_ascii_alphanumeric();
    let begins_token = |at: usize| {
        let rest: String = letters[at..].iter().collect();
        let opens =
            rest.get(..3).and_then(|three| URL_SAFE_NO_PAD.decode(format!("{three}A")).ok());
        rest.to_ascii_lowercase().starts_with("bearer")
            || opens.is_some_and(|bytes| OBJECTS.contains(&&bytes[..2]))
    };
    let header = URL_SAFE_NO_PAD.decode(decoded.split('.').next().unwrap()).unwrap_or_default();
    let is_object =
        |bytes: &[u8]| bytes.iter().find(|b| !b" \t\n\r\x0c".contains(b)) == Some(&b'{');
    (0..letters.len()).any(|at| begins_word(at) && begins_token(at)) || is_object(&header)
}

/// Whether it is a token of at most 128 characters (RFC 9110, 5.6.2): visible ASCII without delimiters.
fn may_be_echoed(name: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_graphic() && !r#""(),/:;<=>?@[\]{}"#.contains(c);
    (1..=128).contains(&name.len()) && name.chars().all(is_allowed)
}
