//! What routing and the gate need to know of a request, taken over from the runtime in one text.

use crate::number;

/// The request line and the headers that mean something here. A header that is not there is empty.
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
    /// The value of `Sec-WebSocket-Version`. The key never comes so far: the runtime keeps it.
    pub websocket_version: &'a str,
    /// The value of `Sec-WebSocket-Protocol`.
    pub websocket_protocol: &'a str,
}

impl<'a> RequestHead<'a> {
    /// Reads the nine fields in the order in which they stand above, a line each. None of them can have
    /// a line break in it. Lines that are missing are empty.
    #[must_use]
    pub fn parse(text: &'a str) -> Self {
        let mut lines = text.split('\n');
        let mut next = || lines.next().unwrap_or_default();
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

    /// Whether `Upgrade` asks for a WebSocket, in any case, and for nothing else: the runtime does not
    /// choose among several protocols (P1.1).
    #[must_use]
    pub fn wants_websocket(&self) -> bool {
        self.upgrade.trim().eq_ignore_ascii_case("websocket")
    }

    /// Whether `Sec-WebSocket-Version` is the one there is (RFC 6455, 4.2.1). It is absent where the
    /// client speaks HTTP/2 (P4.11).
    #[must_use]
    pub fn is_valid_handshake(&self) -> bool {
        matches!(self.websocket_version.trim(), "" | "13")
    }

    /// How long the body is; `None` when it comes in chunks.
    #[must_use]
    pub fn content_length(&self) -> Option<usize> {
        number::read(self.content_length)
    }

    /// Whether the body is as it was written, and not compressed (P2.6).
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
