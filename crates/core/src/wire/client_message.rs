//! The messages that a client may send on its socket (P4.7, P4.8).

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::error_code::ErrorCode;

/// The exact text that the runtime answers with [`crate::wire::frame::AUTO_PONG`], without waking the room.
pub const AUTO_PING: &str = r#"{"type":"PING"}"#;

/// A message that the room understands.
#[derive(Debug, PartialEq, Eq)]
pub enum ClientMessage {
    /// A ping, spelt differently from [`AUTO_PING`], which never gets here.
    Ping,
    /// A fresh token (P9.5).
    Auth(String),
}

#[derive(Deserialize)]
struct Typed<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    // Only a message with a token is refused for the form of it.
    #[serde(borrow)]
    token: Option<&'a RawValue>,
}

impl ClientMessage {
    /// Parses a text frame, whose size the caller has already limited.
    ///
    /// # Errors
    /// [`ErrorCode::MALFORMED_MESSAGE`] or [`ErrorCode::CLIENT_EVENTS_DISABLED`].
    pub fn parse(text: &str) -> Result<Self, ErrorCode> {
        // Serde would also accept an array for a struct.
        if !text.trim_ascii_start().starts_with('{') {
            return Err(ErrorCode::MALFORMED_MESSAGE);
        }
        let message: Typed<'_> =
            serde_json::from_str(text).map_err(|_| ErrorCode::MALFORMED_MESSAGE)?;
        match message.kind.as_ref() {
            "PING" => Ok(Self::Ping),
            "AUTH" => {
                let token = message.token.and_then(|raw| serde_json::from_str(raw.get()).ok());
                token.map(Self::Auth).ok_or(ErrorCode::MALFORMED_MESSAGE)
            }
            _ => Err(ErrorCode::CLIENT_EVENTS_DISABLED),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn p4_7_a_ping_is_known_in_every_spelling() {
        for text in [AUTO_PING, r#"{ "type" : "PING" }"#, r#"{"id":1,"type":"P\u0049NG"}"#] {
            assert_eq!(ClientMessage::parse(text), Ok(ClientMessage::Ping), "{text}");
        }
    }

    #[test]
    fn p9_5_a_fresh_token_comes_as_a_message() {
        let parsed = ClientMessage::parse(r#"{"type":"AUTH","token":"a.b.c"}"#);
        assert_eq!(parsed, Ok(ClientMessage::Auth("a.b.c".into())));
        for text in [r#"{"type":"AUTH"}"#, r#"{"type":"AUTH","token":1}"#] {
            assert_eq!(ClientMessage::parse(text), Err(ErrorCode::MALFORMED_MESSAGE));
        }
    }

    #[test]
    fn p4_8_an_event_of_a_client_is_refused() {
        let other = r#"{"type":"HELLO","token":7}"#;
        for text in [r#"{"type":"HELLO"}"#, r#"{"type":"ping"}"#, r#"{"type":""}"#, other] {
            assert_eq!(ClientMessage::parse(text), Err(ErrorCode::CLIENT_EVENTS_DISABLED));
        }
    }

    #[test]
    fn p4_8_what_is_no_object_with_a_type_is_malformed() {
        for text in ["", "PING", "null", "7", "[\"PING\"]", "{}", r#"{"type":1}"#, r#"{"type":"A""#]
        {
            assert_eq!(ClientMessage::parse(text), Err(ErrorCode::MALFORMED_MESSAGE), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,200}") {
            let _ = ClientMessage::parse(&text);
        }
    }
}
