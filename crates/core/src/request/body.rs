//! The text of a request's body.

/// Some clients, .NET's among them, write it before UTF-8. A reader may ignore it (RFC 8259, 8.1).
const BYTE_ORDER_MARK: char = '\u{feff}';

/// The text of a body that may be one JSON object (P2.6); `None` if it certainly is not.
///
/// All JSON is parsed from a `str`: parsing bytes too would compile the parser in twice.
pub fn object(body: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(body).ok()?;
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    // Serde would also accept an array for a struct.
    text.trim_ascii_start().starts_with('{').then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p2_6_an_object_in_utf_8_is_taken_with_and_without_a_byte_order_mark() {
        assert_eq!(object(b" {\"a\":1}"), Some(" {\"a\":1}"));
        assert_eq!(object("\u{feff}{}".as_bytes()), Some("{}"));
    }

    #[test]
    fn p2_6_anything_else_is_refused() {
        for body in ["", "[]", "\u{feff}\u{feff}{}", " \u{feff}{}", "\u{a0}{}", "null"] {
            assert_eq!(object(body.as_bytes()), None, "{body}");
        }
        assert_eq!(object(b"\xff\xfe{\0}\0"), None);
    }
}
