//! The frames that clients get: one JSON object each (P3).

mod payload;

use std::borrow::Cow;

use serde::Serialize;

use crate::Millis;
use crate::encryption::KeyEpoch;
use crate::member::{Member, User};
use crate::names::{ProjectId, UserId};
use crate::position::Seq;
use crate::publication::envelope::Envelope;
use crate::wire::client_message::ClientEvent;
use crate::wire::error_code::Refusal;
use crate::wire::reason::Reason;

#[cfg(feature = "schema")]
pub use payload::schemas;
pub use payload::{Connected, ConnectionData, PresentUser};

/// The runtime's own answer to [`crate::wire::client_message::AUTO_PING`].
pub const AUTO_PONG: &str = r#"{"type":"PONG","payload":{}}"#;

/// The maximum number of users in the `users` list of a frame.
pub const MAX_USERS: usize = 100;

/// `server` in `CONNECTED`: name and version.
pub const SERVER: &str = concat!("validiant-realtime/", env!("CARGO_PKG_VERSION"));

#[derive(Serialize)]
struct Frame<'a, P> {
    #[serde(rename = "type")]
    kind: &'a str,
    payload: P,
    timestamp: Millis,
}

fn encode<P: Serialize>(kind: &str, payload: P, timestamp: Millis) -> String {
    // Maps with string keys, strings and integers: nothing here can fail to serialise.
    serde_json::to_string(&Frame { kind, payload, timestamp }).unwrap_or_default()
}

/// A broadcast, containing the payload byte for byte as it was posted (P2.3). `seq` is the number of a kept event (P7.1).
#[must_use]
pub fn event(event: &Envelope<'_>, timestamp: Millis, seq: Option<Seq>) -> String {
    const AROUND: usize = r#"{"type":"","payload":,"timestamp":,"seq":}"#.len() + 2 * DIGITS;
    const DIGITS: usize = "18446744073709551615".len();
    let kind = in_json(event.event_type.as_str());
    let mut frame = String::with_capacity(AROUND + kind.len() + event.payload.len());
    frame.push_str(r#"{"type":""#);
    frame.push_str(&kind);
    frame.push_str(r#"","payload":"#);
    frame.push_str(event.payload);
    frame.push_str(r#","timestamp":"#);
    frame.push_str(&timestamp.to_string());
    if let Some(seq) = seq {
        frame.push_str(r#","seq":"#);
        frame.push_str(&seq.to_string());
    }
    frame.push('}');
    frame
}

/// An event that a client sends, with its payload byte for byte, and from whom it is as the room knows (P11.3).
#[must_use]
pub fn client_event(event: &ClientEvent<'_>, from: &Member, timestamp: Millis) -> String {
    const AROUND: usize = 128;
    let user = from.user_id().map_or("", UserId::as_str);
    let connection = in_json(from.connection_id.as_str());
    let kind = in_json(event.event_type.as_str());
    let names = kind.len() + user.len() + connection.len();
    let mut frame = String::with_capacity(AROUND + names + event.payload.len());
    frame.push_str(r#"{"type":""#);
    frame.push_str(&kind);
    frame.push_str(r#"","payload":"#);
    frame.push_str(event.payload);
    match from.user_id() {
        None => frame.push_str(r#","from":{"userId":null,"connectionId":""#),
        Some(user) => {
            frame.push_str(r#","from":{"userId":""#);
            frame.push_str(&in_json(user.as_str()));
            frame.push_str(r#"","connectionId":""#);
        }
    }
    frame.push_str(&connection);
    frame.push_str(r#""},"timestamp":"#);
    frame.push_str(&timestamp.to_string());
    frame.push('}');
    frame
}

/// A client event from its payload on.
#[must_use]
pub fn payload_of_client_event(frame: &str) -> &str {
    // A quote in the type has a backslash before it.
    frame.split_once(r#"","payload":"#).map_or("", |(_, from_payload)| from_payload)
}

/// A name as it stands between the quotes of JSON. It has no control characters, so there is rarely anything to escape.
fn in_json(name: &str) -> Cow<'_, str> {
    let is_special = name.bytes().any(|byte| matches!(byte, b'"' | b'\\'));
    if is_special { Cow::Owned(escaped(name)) } else { Cow::Borrowed(name) }
}

#[inline(never)]
fn escaped(name: &str) -> String {
    name.replace('\\', r"\\").replace('"', r#"\""#)
}

/// Several events in one frame, for a client that accepts them (P3.4).
pub fn array<'a>(events: impl Iterator<Item = &'a str>, bytes: usize) -> String {
    let mut text = String::with_capacity(bytes);
    for event in events {
        text.push(if text.is_empty() { '[' } else { ',' });
        text.push_str(event);
    }
    text.push(']');
    text
}

/// The first frame on a socket.
#[must_use]
pub fn connected(payload: &Connected<'_>, now: Millis) -> String {
    encode("CONNECTED", payload, now)
}

/// A user joined: their first socket is in the room (P5.1).
#[must_use]
pub fn user_joined(user: PresentUser<'_>, project_id: &ProjectId, now: Millis) -> String {
    encode("USER_JOINED", payload::UserJoined { user, project_id }, now)
}

/// A user's name, picture, presence data or connection changed (P12.5).
#[must_use]
pub fn user_updated(user: PresentUser<'_>, project_id: &ProjectId, now: Millis) -> String {
    encode("USER_UPDATED", payload::UserUpdated { user, project_id }, now)
}

/// A user left (P5.2).
#[must_use]
pub fn user_left(user: &User, project_id: &ProjectId, now: Millis) -> String {
    let User { id, name, avatar, .. } = user;
    let left = payload::UserLeft {
        user_id: id,
        user_name: name.as_ref(),
        avatar: avatar.as_ref(),
        project_id,
    };
    encode("USER_LEFT", left, now)
}

/// How many users are present, in a room too large to announce each one (P5.5).
///
/// `users`: everybody, once the room is small enough again.
#[must_use]
pub fn presence(active_users: usize, users: Option<Vec<PresentUser<'_>>>, now: Millis) -> String {
    encode("PRESENCE", payload::Presence { active_users, users }, now)
}

/// The answer to a ping that the runtime did not answer by itself (P4.7).
#[must_use]
pub fn pong(now: Millis) -> String {
    encode("PONG", payload::Pong {}, now)
}

/// A fresh token was accepted (P9.5).
#[must_use]
pub fn auth_ok(expires_at: Millis, client_events: bool, now: Millis) -> String {
    encode("AUTH_OK", payload::AuthOk { expires_at, client_events }, now)
}

/// Nothing that is encrypted under an older key is taken any more (P14.3).
#[must_use]
pub fn key_epoch(min_key_epoch: KeyEpoch, now: Millis) -> String {
    encode("KEY_EPOCH", payload::KeyEpochRaised { min_key_epoch }, now)
}

/// A message from this client was refused; the socket stays open (P4.8).
#[must_use]
pub fn error(refusal: &Refusal, now: Millis) -> String {
    let Refusal { code, detail, exceeded, reason, key_hint } = refusal;
    let refusal = payload::Error {
        code: code.code,
        message: detail.as_deref().unwrap_or(code.message),
        limit: exceeded.map(|exceeded| exceeded.limit),
        retry_after_ms: exceeded.and_then(|exceeded| exceeded.retry_after_ms),
        reason: reason.map(Reason::name),
        min_key_epoch: key_hint.as_ref().map(|hint| hint.min_key_epoch),
        nonce: key_hint.as_ref().and_then(|hint| hint.nonce.as_deref()),
    };
    encode("ERROR", refusal, now)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::value::RawValue;
    use serde_json::{Value, json};

    use super::*;
    use crate::limits::Limits;
    use crate::names::{ConnectionId, Epoch, EventType, UserId, UserName};
    use crate::publication::audience::Audience;
    use crate::wire::error_code::ErrorCode;

    fn parse(frame: &str) -> Value {
        serde_json::from_str(frame).unwrap()
    }

    fn project() -> ProjectId {
        ProjectId::parse("p1").unwrap()
    }

    #[test]
    fn p3_1_a_broadcast_has_type_payload_and_timestamp() {
        let envelope = Envelope {
            event_type: EventType::parse("TASK \"X\"").unwrap(),
            payload: r#"{"a": 1}"#,
            audience: Audience::default(),
            ephemeral: false,
            plaintext: false,
        };
        let frame = r#"{"type":"TASK \"X\"","payload":{"a": 1},"timestamp":5"#;
        assert_eq!(event(&envelope, 5, None), format!("{frame}}}"));
        assert_eq!(event(&envelope, 5, Some(7)), format!("{frame},\"seq\":7}}"));
    }

    #[test]
    fn p3_2_connected_tells_the_room() {
        let (user_id, connection_id) =
            (UserId::parse("u").unwrap(), ConnectionId::parse("c").unwrap());
        let frame = connected(
            &Connected {
                project_id: &project(),
                connection_id: &connection_id,
                active_users: 1,
                connections: 2,
                users: vec![PresentUser {
                    user_id: &user_id,
                    user_name: None,
                    avatar: None,
                    joined_at: 3,
                    verified: true,
                    leaves_at: None,
                    data: Vec::new(),
                }],
                limits: Limits {
                    client_frame_bytes: 16_384,
                    client_messages_per_second: 1,
                    client_message_burst: 2,
                    publishes_per_second: 3,
                    publish_burst: 4,
                    user_sockets: 5,
                    room_sockets: 6,
                    connects_per_minute: None,
                    client_events: None,
                },
                server: SERVER,
                epoch: Some(&Epoch::parse("e").unwrap()),
                seq: Some(4),
                recovered: true,
                client_events: false,
                min_key_epoch: None,
            },
            9,
        );
        assert_eq!(
            parse(&frame),
            json!({"type": "CONNECTED", "timestamp": 9, "payload": {
                "projectId": "p1", "connectionId": "c", "activeUsers": 1, "connections": 2,
                "users": [{"userId": "u", "userName": null, "joinedAt": 3, "verified": true}],
                "limits": {
                    "clientFrameBytes": 16_384, "clientMessagesPerSecond": 1, "clientMessageBurst": 2,
                    "publishesPerSecond": 3, "publishBurst": 4, "userSockets": 5, "roomSockets": 6,
                }, "server": SERVER,
                "epoch": "e", "seq": 4, "recovered": true, "clientEvents": false,
            }})
        );
    }

    #[test]
    fn p3_3_a_user_who_joined_is_described_as_in_the_list_of_users() {
        let (user_id, user_name) = (UserId::parse("u").unwrap(), UserName::parse("Ü").unwrap());
        let user = PresentUser {
            user_id: &user_id,
            user_name: Some(&user_name),
            avatar: None,
            joined_at: 1,
            verified: true,
            leaves_at: None,
            data: Vec::new(),
        };
        let mut payload = serde_json::to_value(&user).unwrap();
        payload["projectId"] = json!("p1");
        let joined = json!({"type": "USER_JOINED", "payload": payload, "timestamp": 2});
        assert_eq!(parse(&user_joined(user, &project(), 2)), joined);
    }

    #[test]
    fn p3_3_a_user_who_left_is_described_with_the_project() {
        let user = User::unverified(UserId::parse("u").unwrap(), UserName::parse("Ü").ok());
        let payload = json!({"userId": "u", "userName": "Ü", "projectId": "p1"});
        let left = json!({"type": "USER_LEFT", "payload": payload, "timestamp": 2});
        assert_eq!(parse(&user_left(&user, &project(), 2)), left);
    }

    #[test]
    fn p4_7_only_the_runtime_s_own_pong_has_no_timestamp() {
        assert_eq!(parse(AUTO_PONG), json!({"type": "PONG", "payload": {}}));
        assert_eq!(parse(&pong(4)), json!({"type": "PONG", "payload": {}, "timestamp": 4}));
    }

    #[test]
    fn p4_8_an_error_has_code_and_message() {
        let frame = parse(&error(&ErrorCode::MALFORMED_MESSAGE.into(), 4));
        assert_eq!(frame["type"], "ERROR");
        assert_eq!(frame["payload"]["code"], "malformed_message");
    }

    /// Any JSON value, as text with odd but legal spacing.
    fn json_text() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("null".to_owned()),
            any::<bool>().prop_map(|b| b.to_string()),
            any::<i64>().prop_map(|n| n.to_string()),
            "-?(0|[1-9][0-9]{0,3})\\.[0-9]{1,5}[eE][+-]?[0-9]{1,3}",
            any::<String>().prop_map(|s| serde_json::to_string(&s).unwrap()),
            Just("\"\\ud800 \\u0000\\/\"".to_owned()),
        ];
        leaf.prop_recursive(5, 60, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6)
                    .prop_map(|items| format!("[ {} ]", items.join(" ,\n"))),
                proptest::collection::vec((any::<String>(), inner), 0..6).prop_map(|fields| {
                    let field = |(key, value): &(String, String)| {
                        format!("{}:\t{value}", serde_json::to_string(key).unwrap())
                    };
                    format!("{{{}}}", fields.iter().map(field).collect::<Vec<_>>().join(","))
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn p2_3_any_payload_comes_out_byte_for_byte(payload in json_text(), kind in "\\PC{1,16}") {
            let kind = serde_json::to_string(&kind).unwrap();
            let body = format!("{{\"payload\" : {payload} , \"eventType\":{kind}}}");
            let envelope = crate::publication::Publication::parse(body.as_bytes(), None).unwrap().events.remove(0);
            let frame = event(&envelope, 1, None);

            #[derive(serde::Deserialize)]
            struct Got<'a> {
                #[serde(rename = "type")]
                kind: String,
                #[serde(borrow)]
                payload: &'a RawValue,
            }
            let got: Got<'_> = serde_json::from_str(&frame).unwrap();
            prop_assert_eq!(got.payload.get(), payload);
            prop_assert_eq!(serde_json::to_string(&got.kind).unwrap(), kind);
        }
    }
}
