//! What routing and the gate need to know about a request, passed from the runtime as one text.

use crate::number;

/// The request line and the relevant headers. A missing header is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RequestHead<'a> {
    /// The method.
    pub method: &'a str,
    /// The absolute URL.
    pub url: &'a str,
    /// The value of `Upgrade`.
    pub upgrade: &'a str,
    /// The value of `Authorization`.
    pub authorization: &'a str,
    content_length: &'a str,
    /// The value of `Idempotency-Key`.
    pub idempotency_key: &'a str,
    content_encoding: &'a str,
    /// The value of `Sec-WebSocket-Version`. The runtime handles the key itself and does not pass it on.
    pub websocket_version: &'a str,
    /// The value of `Sec-WebSocket-Protocol`.
    pub websocket_protocol: &'a str,
}

impl<'a> RequestHead<'a> {
    /// Reads the nine fields in the order above, one per line. None of them can contain a line break. Missing lines
    /// are empty.
    #[must_use]
    #[inline(never)]
    pub fn parse(text: &'a str) -> Self {
        let mut rest = text;
        let mut next = || {
            // Not `split`, which takes seven calls for a line.
            let end = rest.bytes().position(|byte| byte == b'\n').unwrap_or(rest.len());
            let (line, after) = rest.split_at_checked(end).unwrap_or_default();
            rest = after.get(1..).unwrap_or_default();
            line
        };
        Self {
            method: next(),
            url: next(),
            upgrade: next(),
            authorization: next(),
            content_length: next(),
            idempotency_key: next(),
            content_encoding: next(),
            websocket_version: next(),
            websocket_protocol: next(),
        }
    }

    /// Whether `Upgrade` asks for a WebSocket and nothing else, in upper or lower case: the runtime does not choose
    /// among several protocols (P1.1).
    #[must_use]
    pub fn wants_websocket(&self) -> bool {
        self.upgrade.trim().eq_ignore_ascii_case("websocket")
    }

    /// Whether `Sec-WebSocket-Version` is 13, the only version (RFC 6455, 4.2.1). It is absent if the client uses
    /// HTTP/2 (P4.11).
    #[must_use]
    pub fn is_valid_handshake(&self) -> bool {
        matches!(self.websocket_version.trim(), "" | "13")
    }

    /// The length of the body; `None` if it is chunked.
    #[must_use]
    pub fn content_length(&self) -> Option<usize> {
        number::read(self.content_length)
    }

    /// Whether the body is not compressed (P2.6).
    #[must_use]
    pub fn is_body_plain(&self) -> bool {
        let encoding = self.content_encoding.trim();
        encoding.is_empty() || encoding.eq_ignore_ascii_case("identity")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upgrade(value: &str) -> RequestHead<'_> {
        RequestHead { upgrade: value, ..RequestHead::default() }
    }

    fn version(value: &str) -> RequestHead<'_> {
        RequestHead { websocket_version: value, ..RequestHead::default() }
    }

    #[test]
    fn every_field_is_a_line() {
        let head = RequestHead::parse("POST\nhttp://h/p\nu\nBearer s\n12\nkey\ngzip\n13\nchat");
        assert_eq!((head.method, head.url, head.upgrade), ("POST", "http://h/p", "u"));
        assert_eq!((head.authorization, head.content_length()), ("Bearer s", Some(12)));
        assert_eq!((head.idempotency_key, head.websocket_version), ("key", "13"));
        assert_eq!(head.websocket_protocol, "chat");
        assert!(!head.is_body_plain());
    }

    #[test]
    fn p2_6_a_body_is_plain_or_has_an_encoding() {
        let of = |content_encoding| RequestHead { content_encoding, ..RequestHead::default() };
        for plain in ["", "identity", " Identity "] {
            assert!(of(plain).is_body_plain(), "{plain}");
        }
        for encoded in ["gzip", "br", "identity, gzip", "x"] {
            assert!(!of(encoded).is_body_plain(), "{encoded}");
        }
    }

    #[test]
    fn what_is_missing_is_empty() {
        let head = RequestHead::parse("GET\nhttp://h/");
        assert_eq!(head, RequestHead { method: "GET", url: "http://h/", ..RequestHead::default() });
        assert_eq!(head.content_length(), None);
        assert_eq!(RequestHead { content_length: "+1", ..head }.content_length(), None);
    }

    #[test]
    fn p1_1_upgrade_is_read_in_any_case() {
        assert!(upgrade("websocket").wants_websocket());
        assert!(upgrade("WebSocket").wants_websocket());
        assert!(!upgrade("h2c, websocket").wants_websocket());
        assert!(!upgrade("").wants_websocket());
    }

    #[test]
    fn p4_11_a_handshake_is_of_version_13() {
        assert!(version("13").is_valid_handshake());
        assert!(version("").is_valid_handshake());
        assert!(!version("8").is_valid_handshake());
    }
}
