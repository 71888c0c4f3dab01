//! Selects one of the WebSocket subprotocols that a client offers (P4.6).

use base64ct::{Base64UrlUnpadded, Encoding};

/// How a token is carried as a subprotocol.
const TOKEN_PREFIX: &str = "bearer.";
/// A longer name is ignored: no protocol has such a name.
const MAX_BYTES: usize = 128;
/// The word before a token, in any form.
const BEARER: &str = "bearer";
/// The first offered protocol that neither is nor carries a token, if there is one.
///
/// `offer` is the value of `Sec-WebSocket-Protocol`: names separated by commas.
#[must_use]
pub fn select(offer: &str) -> Option<&str> {
    names(offer).find(|name| is_token(name) && !is_secret(name))
}

/// The token that one of the offered protocols carries.
#[must_use]
pub fn token(offer: &str) -> Option<&str> {
    let name = names(offer).find(|name| carries_token(name))?;
    name.get(TOKEN_PREFIX.len()..).filter(|token| !token.is_empty())
}

/// Whether `name` has the form of a token, or carries one in any way, including percent-encoded. Such a name must not be
/// selected, because the selected protocol is in the headers of the answer.
fn is_secret(name: &str) -> bool {
    let plain = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
    let is_word = |start: &str| {
        let word = start.get(..BEARER.len()).unwrap_or_default();
        word.eq_ignore_ascii_case(BEARER) || begins_like_an_object(start)
    };
    word_starts(&plain).any(is_word) || begins_with_an_object(&plain)
}

/// Whether it starts as a JSON object does in base64url: `{"` or `{ `, a line end or a tab after the brace, `{}`. The
/// third letter has two bits of the byte after these. The header of a token is such an object, and no known protocol
/// has a name that begins like this.
fn begins_like_an_object(word: &str) -> bool {
    matches!(
        word.as_bytes(),
        [b'e', b'y', b'A'..=b'D' | b'I'..=b'L', ..]
            | [b'e', b'w', b'k'..=b'r' | b'0'..=b'3', ..]
            | [b'e', b'3', b'0'..=b'3', ..]
    )
}

/// The rest of the text from each start of a word.
fn word_starts(text: &str) -> impl Iterator<Item = &str> {
    let after = text.char_indices().filter(|(_, c)| !c.is_ascii_alphanumeric());
    let starts = after.filter_map(|(at, c)| text.get(at + c.len_utf8()..));
    std::iter::once(text).chain(starts)
}

/// Like the header of a token, possibly with white space before its brace.
fn begins_with_an_object(text: &str) -> bool {
    let header = text.split('.').next().unwrap_or_default();
    Base64UrlUnpadded::decode_vec(header)
        .is_ok_and(|bytes| bytes.trim_ascii_start().starts_with(b"{"))
}

/// Not `str::trim`: only spaces and tabs are allowed around a name, and no other whitespace (RFC 9110, 5.6.3).
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
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

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
    fn p4_6_whatever_has_the_form_of_a_token_is_passed_over() {
        let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1MSJ9.c2ln";
        for secret in [
            jwt.to_owned(),
            jwt.replace('.', "%2E"),
            format!("bearer%2E{jwt}"),
            format!("%62earer.{jwt}"),
            format!("Bearer|{jwt}"),
            format!("token.{jwt}"),
            format!("jwt-{jwt}"),
            format!("%20{jwt}"),
            // Five parts (RFC 7516), one that is cut, one whose header has white space in it or before it.
            "eyJhbGciOiJkaXIifQ..aXY.Y2lwaGVy.dGFn".to_owned(),
            "eyJhbGciOiJIUzI1NiJ9".to_owned(),
            "eyAiYWxnIjoiSFMyNTYifQ.e30.c2ln".to_owned(),
            "ewogImFsZyI6IkhTMjU2In0.e30.c2ln".to_owned(),
            "ICB7ImFsZyI6IkhTMjU2In0.e30.c2ln".to_owned(),
            // How Kubernetes carries one.
            "base64url.bearer.authorization.k8s.io.ZXlKaGJHY2lPaUpJ".to_owned(),
        ] {
            assert_eq!(select(&secret), None, "{secret}");
            assert_eq!(select(&format!("{secret}, v1")), Some("v1"), "{secret}");
        }
    }

    #[test]
    fn p4_6_names_of_protocols_are_selected() {
        let known = ["wamp.2.json", "v12.stomp", "graphql-transport-ws", "e2e.v1.x", "keyJson"];
        for name in known.into_iter().chain(["forbearer", "a%2Fb", "%", "%zz"]) {
            assert_eq!(select(name), Some(name));
        }
    }

    #[test]
    fn p9_1_a_token_is_carried_in_one_way() {
        assert_eq!(token("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1MSJ9.c2ln, v1"), None);
    }

    #[test]
    fn p9_1_a_token_is_found_in_the_offer() {
        assert_eq!(token("validiant, Bearer.a.b.c"), Some("a.b.c"));
        assert_eq!(token("validiant"), None);
        assert_eq!(token("bearer., x"), None);
    }

    #[test]
    fn p4_6_an_object_is_known_by_its_start_whatever_follows() {
        for object in ["{\"\":1}", "{\"é\":1}", "{ \"alg\":1}", "{\r\n}", "{\n}", "{\t}", "{}"] {
            let name = format!("v1-{}", URL_SAFE_NO_PAD.encode(object));
            assert_eq!(select(&name), None, "{object}");
        }
    }

    #[test]
    fn p4_6_a_name_that_is_no_token_is_passed_over() {
        assert_eq!(select(""), None);
        assert_eq!(select(",, a b, ok"), Some("ok"));
        assert_eq!(select("é, ok"), Some("ok"));
        assert_eq!(select("\u{a0}chat, \tok"), Some("ok"));
    }
}
