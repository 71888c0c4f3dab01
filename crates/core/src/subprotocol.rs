//! Which WebSocket subprotocol is selected of those that a client offers (P4.6).

/// How a token is carried as a subprotocol; such a one is never selected.
const TOKEN_PREFIX: &str = "bearer.";
/// A longer offer is not looked at: nobody names a protocol so.
const MAX_BYTES: usize = 128;

/// The first offered protocol that carries no token, if there is one.
///
/// `offer` is the value of `Sec-WebSocket-Protocol`: names split by commas.
#[must_use]
pub fn select(offer: &str) -> Option<&str> {
    names(offer).find(|name| is_token(name) && !carries_token(name))
}

/// The token that one of the offered protocols carries.
#[must_use]
pub fn token(offer: &str) -> Option<&str> {
    let name = names(offer).find(|name| carries_token(name))?;
    name.get(TOKEN_PREFIX.len()..).filter(|token| !token.is_empty())
}

/// Not `str::trim`: around a name there are spaces and tabs and no other whitespace (RFC 9110, 5.6.3).
fn names(offer: &str) -> impl Iterator<Item = &str> {
    offer.split(',').map(|name| name.trim_matches([' ', '\t']))
}

fn carries_token(name: &str) -> bool {
    name.get(..TOKEN_PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(TOKEN_PREFIX))
}

/// Whether `name` is a token by RFC 9110, 5.6.2, and so can be echoed in a header.
fn is_token(name: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    (1..=MAX_BYTES).contains(&name.len()) && name.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p4_6_the_first_protocol_is_selected() {
        assert_eq!(select("chat, superchat"), Some("chat"));
    }

    #[test]
    fn p4_6_a_token_is_never_selected() {
        assert_eq!(select("bearer.abc, validiant"), Some("validiant"));
        assert_eq!(select("BEARER.abc , validiant"), Some("validiant"));
        assert_eq!(select("bearer.abc"), None);
    }

    #[test]
    fn p9_1_a_token_is_found_in_the_offer() {
        assert_eq!(token("validiant, Bearer.a.b.c"), Some("a.b.c"));
        assert_eq!(token("validiant"), None);
        assert_eq!(token("bearer., x"), None);
    }

    #[test]
    fn p4_6_a_name_that_is_no_token_is_passed_over() {
        assert_eq!(select(""), None);
        assert_eq!(select(",, a b, ok"), Some("ok"));
        assert_eq!(select("é, ok"), Some("ok"));
        assert_eq!(select("\u{a0}chat, \tok"), Some("ok"));
    }
}
