//! The messages that a client may send on its socket (P4.7, P4.8).

mod fields;

use serde_json::value::RawValue;

use super::error_code::{ErrorCode, Refusal};
use crate::names::EventType;
use crate::publication::audience::Audience;
use crate::publication::envelope;
use fields::{Field, Fields};

/// The exact text that the runtime answers with [`crate::wire::frame::AUTO_PONG`], without waking the room.
pub const AUTO_PING: &str = r#"{"type":"PING"}"#;
/// The maximum number of messages in one frame (P4.12).
pub const MAX_MESSAGES: usize = 64;

const UNKNOWN_TYPE: Refusal =
    Refusal::malformed_message("type must be PING, AUTH, SEND or PRESENCE_SET");
const EVENT_TYPE: Refusal = Refusal::malformed_message(
    "eventType must be a string of 1 to 64 bytes without control characters that begins with client-",
);
const PATCH: Refusal = Refusal::malformed_message("patch must be an object");

/// A message that the room understands.
#[derive(Debug, PartialEq, Eq)]
pub enum ClientMessage<'a> {
    /// A ping, spelt differently from [`AUTO_PING`], which never gets here.
    Ping,
    /// A fresh token (P9.5).
    Auth(String),
    /// An event for other clients (P11).
    Send(ClientEvent<'a>),
    /// A change of the presence data of its connection (P12), in JSON: something, not read yet.
    SetPresence(&'a str),
}

/// An event that a client sends to others.
#[derive(Debug, PartialEq, Eq)]
pub struct ClientEvent<'a> {
    /// What happened.
    pub event_type: EventType,
    /// The payload, byte for byte as it was sent: one JSON value.
    pub payload: &'a str,
    /// Who gets it, besides the sender.
    pub audience: Audience,
}

impl<'a> ClientMessage<'a> {
    /// Parses a message, whose size the caller has already limited.
    ///
    /// `takes_events`: whether clients may talk to each other.
    ///
    /// # Errors
    /// [`ErrorCode::MALFORMED_MESSAGE`] or [`ErrorCode::CLIENT_EVENTS_DISABLED`].
    pub fn parse(text: &'a str, takes_events: bool) -> Result<Self, Refusal> {
        let fields = Fields::parse(text).ok_or(ErrorCode::MALFORMED_MESSAGE)?;
        let kind = fields.text(Field::Type).ok_or(ErrorCode::MALFORMED_MESSAGE)?;
        // Other types are refused for the form of a token only if it is there twice, as ever.
        fields.once(Field::Token)?;
        match kind.as_ref() {
            "PING" => Ok(Self::Ping),
            "AUTH" => {
                let token = fields.text(Field::Token).ok_or(ErrorCode::MALFORMED_MESSAGE)?;
                Ok(Self::Auth(token.into_owned()))
            }
            _ if !takes_events => Err(ErrorCode::CLIENT_EVENTS_DISABLED.into()),
            "SEND" => ClientEvent::read(&fields).map(Self::Send),
            "PRESENCE_SET" => {
                let patch = fields.once(Field::Patch)?.ok_or(PATCH)?;
                Ok(Self::SetPresence(patch.get()))
            }
            _ => Err(UNKNOWN_TYPE),
        }
    }

    /// The texts of the messages in a frame that has a list of them; `None` if it is none of 1 to [`MAX_MESSAGES`].
    #[must_use]
    pub fn list(text: &'a str) -> Option<Vec<&'a str>> {
        if !text.trim_ascii_start().starts_with('[') {
            return None;
        }
        let list: Vec<&RawValue> = serde_json::from_str(text).ok()?;
        let is_list = (1..=MAX_MESSAGES).contains(&list.len());
        is_list.then(|| list.into_iter().map(RawValue::get).collect())
    }
}

impl<'a> ClientEvent<'a> {
    fn read(fields: &Fields<'a>) -> Result<Self, Refusal> {
        fields.once(Field::EventType)?;
        let text = fields.text(Field::EventType).ok_or(EVENT_TYPE)?;
        let event_type = EventType::parse(&text).map_err(|_| EVENT_TYPE)?;
        if !event_type.is_from_client() {
            return Err(EVENT_TYPE);
        }
        let payload = fields.once(Field::Payload)?.map_or("{}", RawValue::get);
        let only = fields.once(Field::UserIds)?.filter(|raw| raw.get() != "null");
        let only = only.map(envelope::targets).transpose();
        let only =
            only.map_err(|refusal| Refusal { code: ErrorCode::MALFORMED_MESSAGE, ..refusal })?;
        Ok(Self { event_type, payload, audience: Audience { only, ..Audience::default() } })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The code of a refusal, where clients may not talk to each other.
    fn parse(text: &str) -> Result<ClientMessage<'_>, ErrorCode> {
        ClientMessage::parse(text, false).map_err(|refusal| refusal.code)
    }

    #[test]
    fn p4_7_a_ping_is_known_in_every_spelling() {
        for text in [AUTO_PING, r#"{ "type" : "PING" }"#, r#"{"id":1,"type":"P\u0049NG"}"#] {
            assert_eq!(parse(text), Ok(ClientMessage::Ping), "{text}");
        }
    }

    #[test]
    fn p9_5_a_fresh_token_comes_as_a_message() {
        let parsed = parse(r#"{"type":"AUTH","token":"a.b.c"}"#);
        assert_eq!(parsed, Ok(ClientMessage::Auth("a.b.c".into())));
        for text in [r#"{"type":"AUTH"}"#, r#"{"type":"AUTH","token":1}"#] {
            assert_eq!(parse(text), Err(ErrorCode::MALFORMED_MESSAGE));
        }
    }

    #[test]
    fn p4_8_an_event_of_a_client_is_refused_where_clients_may_not_talk_to_each_other() {
        let other = r#"{"type":"HELLO","token":7}"#;
        let doubled = r#"{"type":"SEND","payload":1,"payload":2}"#;
        for text in [r#"{"type":"HELLO"}"#, r#"{"type":"ping"}"#, r#"{"type":""}"#, other, doubled]
        {
            assert_eq!(parse(text), Err(ErrorCode::CLIENT_EVENTS_DISABLED));
        }
    }

    #[test]
    fn p4_8_what_is_no_object_with_a_type_is_malformed() {
        for text in ["", "PING", "null", "7", "[\"PING\"]", "{}", r#"{"type":1}"#, r#"{"type":"A""#]
        {
            assert_eq!(parse(text), Err(ErrorCode::MALFORMED_MESSAGE), "{text}");
        }
    }

    fn event(text: &str) -> Result<ClientEvent<'_>, &'static str> {
        match ClientMessage::parse(text, true) {
            Ok(ClientMessage::Send(event)) => Ok(event),
            Err(refusal) if refusal.code == ErrorCode::MALFORMED_MESSAGE => {
                Err(refusal.detail.map_or("", |detail| {
                    detail.split(' ').next().map_or("", |word| {
                        ["eventType", "userIds", "type"]
                            .into_iter()
                            .find(|known| *known == word)
                            .unwrap_or("?")
                    })
                }))
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn p11_2_an_event_has_its_type_its_payload_byte_for_byte_and_its_users() {
        let text = r#"{ "payload": [1.0,  1e2] ,"type":"SEND","from":{"userId":"eve"},"eventType":"client-x","userIds":["b","a"]}"#;
        let ClientEvent { event_type, payload, audience } = event(text).unwrap();
        assert_eq!((event_type.as_str(), payload), ("client-x", "[1.0,  1e2]"));
        let only: Vec<String> = audience.only.unwrap().keys().map(ToString::to_string).collect();
        assert_eq!(only, ["a", "b"]);
        let plain = event(r#"{"type":"SEND","eventType":"client-","userIds":null}"#).unwrap();
        assert_eq!((plain.payload, plain.audience), ("{}", Audience::default()));
        let null = event(r#"{"type":"SEND","eventType":"client-","payload":null}"#).unwrap();
        assert_eq!(null.payload, "null");
    }

    #[test]
    fn p11_2_only_a_type_that_begins_with_client_is_one_for_clients() {
        let of = |text: &str| format!(r#"{{"type":"SEND","eventType":{text}}}"#);
        let long = format!("\"client-{}\"", "x".repeat(58));
        for wrong in [
            "\"TASK_UPDATED\"",
            "\"Client-x\"",
            "\"ERROR\"",
            "\" client-x\"",
            "\"\"",
            "7",
            "null",
            "[\"client-x\"]",
            "\"client-\\n\"",
            &long,
        ] {
            assert_eq!(event(&of(wrong)), Err("eventType"), "{wrong}");
        }
        assert_eq!(event(r#"{"type":"SEND"}"#), Err("eventType"));
        assert!(event(&of("\"client\\u002dx\"")).is_ok(), "in another spelling");
        assert!(event(&of("\"client-__proto__\"")).is_ok());
    }

    #[test]
    fn p11_2_users_are_1_to_1000_as_in_a_broadcast() {
        for wrong in ["[]", "\"u\"", "[1]", "[\"\"]", "{}", "[null]"] {
            let text = format!(r#"{{"type":"SEND","eventType":"client-x","userIds":{wrong}}}"#);
            assert_eq!(event(&text), Err("userIds"), "{wrong}");
        }
    }

    #[test]
    fn p4_8_a_doubled_field_is_malformed() {
        for field in ["eventType", "payload", "userIds", "type", "token"] {
            let more = format!(r#""{field}":"client-x","{field}":"client-x""#);
            let text = format!(r#"{{"type":"SEND","eventType":"client-x",{more}}}"#);
            assert_eq!(event(&text), Err(""), "{field}");
        }
        assert!(event(r#"{"type":"SEND","eventType":"client-x","x":1,"x":2}"#).is_ok());
    }

    #[test]
    fn p4_8_an_unknown_type_is_malformed_where_clients_may_talk_to_each_other() {
        for text in [r#"{"type":"HELLO"}"#, r#"{"type":"send"}"#, r#"{"type":"__proto__"}"#] {
            assert_eq!(event(text), Err("type"));
        }
    }

    #[test]
    fn p4_12_a_list_has_1_to_64_messages() {
        let of = |n: usize| format!("[{}]", vec![" {} "; n].join(","));
        assert_eq!(ClientMessage::list(&of(1)), Some(vec!["{}"]));
        assert_eq!(ClientMessage::list(&of(64)).unwrap().len(), 64);
        for none in [&of(0), &of(65), "{}", "[", "[{}", "[{}]x", "\"[]\""] {
            assert_eq!(ClientMessage::list(none), None);
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,200}") {
            let _ = parse(&text);
            let _ = ClientMessage::parse(&text, true);
            let _ = ClientMessage::list(&text);
        }
    }
}
