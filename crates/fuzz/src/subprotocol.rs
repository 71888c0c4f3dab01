//! The offer in `Sec-WebSocket-Protocol` (P4.6, P9.1).

use validiant_core::subprotocol::{select, token};

const BEARER: &str = "bearer.";

/// The input is the value of the header.
///
/// What is selected is the first of the offered that may stand in a header and carries no token. The token is that of
/// the first that carries one.
pub fn subprotocol(data: &[u8]) {
    let Ok(offer) = std::str::from_utf8(data) else { return };
    let offered: Vec<&str> = offer.split(',').map(trim).collect();
    let selected = offered.iter().copied().find(|name| may_be_echoed(name) && !is_bearer(name));
    assert_eq!(select(offer), selected);
    if let Some(selected) = select(offer) {
        assert!(!selected.to_ascii_lowercase().starts_with(BEARER), "the token would be echoed");
    }
    let carrier = offered.into_iter().find(|name| is_bearer(name));
    let carried = carrier.map(|name| &name[BEARER.len()..]).filter(|token| !token.is_empty());
    assert_eq!(token(offer), carried);
}

/// Optional whitespace is a space or a tab and nothing else (RFC 9110, 5.6.3).
fn trim(name: &str) -> &str {
    name.trim_matches(|c| c == ' ' || c == '\t')
}

fn is_bearer(name: &str) -> bool {
    name.to_ascii_lowercase().starts_with(BEARER)
}

/// Whether it is a token of at most 128 characters (RFC 9110, 5.6.2): visible ASCII without delimiters.
fn may_be_echoed(name: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_graphic() && !r#""(),/:;<=>?@[\]{}"#.contains(c);
    (1..=128).contains(&name.len()) && name.chars().all(is_allowed)
}
