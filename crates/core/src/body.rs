//! The text of a request's body.

/// Some clients write it before UTF-8, .NET's among them. A reader may ignore it (RFC 8259, 8.1).
const BYTE_ORDER_MARK: char = '\u{feff}';

/// The text of a body that may be one JSON object (P2.6); `None` if it is something else for certain.
///
/// All JSON is parsed from a `str`: to parse bytes too would bring the parser twice.
pub fn object(body: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(body).ok()?;
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    // Serde would take an array for a struct too.
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
