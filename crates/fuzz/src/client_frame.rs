//! What a client sends on its socket, in a whole room (P4.7 to P4.9, P9.5).

mod talking;

use validiant_core::member::SocketId;
use validiant_core::room::{Answered, Incoming};
use validiant_core::token::{Rules, Token};
use validiant_core::wire::close_code::CloseCode;
use validiant_core::wire::error_code::ErrorCode;
use validiant_sim::platform::Outgoing;

use crate::json::Object;
use crate::room::{MAX_CLIENT_FRAME_BYTES, World, project};

/// Separates the frames of an input (RFC 7464).
const RECORD_SEPARATOR: u8 = 0x1e;
const MAX_FRAMES: usize = 16;
const USER: &str = "ann";

/// The input is the frames of one client, each after a record separator. A frame that is not UTF-8 is binary. The
/// signature of a fresh token counts as valid.
///
/// For each frame, the client must get the one answer that the oracle says, or be closed. Nobody else may get anything.
/// Afterwards a broadcast must reach everybody who is connected.
///
/// The same frames are then sent where clients may talk to each other (P4.12, P11).
pub fn client_frame(data: &[u8]) {
    while_silent(data);
    talking::while_talking(data);
}

fn while_silent(data: &[u8]) {
    let mut world = World::new();
    let others = [
        world.join("", false, false),
        world.join("bob", false, true),
        world.join(USER, true, true),
    ];
    let client = world.join(USER, true, false);
    world.take_sent();
    let mut is_open = true;
    for (place, frame) in data.split(|byte| *byte == RECORD_SEPARATOR).take(MAX_FRAMES).enumerate()
    {
        if place % 4 == 3 {
            world.evict();
        }
        let expected = expected_answer(frame, world.now);
        let answer = says(&mut world, client, frame);
        let sent = world.take_sent();
        assert!(sent.iter().all(|(to, _)| *to == client), "others got something");
        let sent: Vec<Outgoing> = sent.into_iter().map(|(_, what)| what).collect();
        if is_open {
            assert_answer(&sent, &expected);
            assert_told(&answer, &expected);
        } else {
            assert!(sent.is_empty(), "a closed socket got something");
        }
        is_open &= expected != Expected::Closed;
    }
    assert_eq!(world.room.connections(), others.len() + usize::from(is_open));
    let due = others.into_iter().chain(is_open.then_some(client)).collect();
    assert_broadcast_reaches(&mut world, due);
}

/// The result of a frame.
#[derive(Debug, PartialEq, Eq)]
enum Expected {
    Pong,
    AuthOk,
    Error(&'static [&'static str]),
    Closed,
}

const MALFORMED: Expected = Expected::Error(&["malformed_message"]);
const NOT_TAKEN: Expected = Expected::Error(&["token_invalid", "not_allowed"]);
/// A token of 8,192 bytes, and 256 bytes around it.
const LONGEST_WITH_TOKEN: usize = 8_448;
const DISABLED: Expected = Expected::Error(&["client_events_disabled"]);

/// A frame with a token may be longer than any other.
fn expected_answer(frame: &[u8], now: u64) -> Expected {
    let answer = answer_to(frame, now);
    let gives_token = matches!(answer, Expected::AuthOk | NOT_TAKEN);
    let longest = if gives_token { LONGEST_WITH_TOKEN } else { MAX_CLIENT_FRAME_BYTES };
    if frame.len() > longest { Expected::Closed } else { answer }
}

fn answer_to(frame: &[u8], now: u64) -> Expected {
    let Ok(text) = std::str::from_utf8(frame) else {
        return Expected::Error(&["binary_not_supported"]);
    };
    let Some(fields) = Object::parse(text) else { return MALFORMED };
    let Ok(Some(kind)) = fields.field("type").text() else { return MALFORMED };
    if fields.doubles_one_of(&["type", "token"]) {
        return MALFORMED;
    }
    match (kind.as_str(), fields.field("token").text()) {
        ("PING", _) => Expected::Pong,
        ("AUTH", Ok(Some(token))) if is_valid(&token, now) => Expected::AuthOk,
        ("AUTH", Ok(Some(_))) => NOT_TAKEN,
        ("AUTH", _) => MALFORMED,
        _ => DISABLED,
    }
}

/// Whether a token belongs to this user, is for this project, and has not expired. The target `claims` has its own
/// oracle.
fn is_valid(token: &str, now: u64) -> bool {
    use validiant_core::token::Permission::Subscribe;
    Token::parse(token, &Rules::default()).is_ok_and(|Token { claims, .. }| {
        claims.judge(&Rules::default(), now).is_ok()
            && claims.user().is_ok_and(|user| user.id.as_str() == USER)
            && claims.allows(Subscribe, &project())
    })
}

/// A client sends a frame, and it is handled as in the Worker.
fn says(world: &mut World, client: SocketId, frame: &[u8]) -> Answered {
    let incoming = match std::str::from_utf8(frame) {
        Ok(text) => Incoming::Text(text),
        Err(_) if frame.len() > MAX_CLIENT_FRAME_BYTES => Incoming::TooBig,
        Err(_) => Incoming::Binary,
    };
    match world.room.message(client, incoming, world.now) {
        Answered::Authenticate(token) => match Token::parse(&token, &Rules::default()) {
            Ok(token) => world.room.refresh(client, &token.claims, &Rules::default(), world.now),
            Err(error) => {
                let refusal = ErrorCode::TOKEN_INVALID.because(error.reason());
                world.room.refuse(client, refusal, world.now)
            }
        },
        answered => answered,
    }
}

fn assert_answer(sent: &[Outgoing], expected: &Expected) {
    let [answer] = sent else { panic!("{} answers: {sent:?}", sent.len()) };
    let text = match answer {
        Outgoing::Close(closing) => {
            assert_eq!((expected, closing.code), (&Expected::Closed, CloseCode::MESSAGE_TOO_BIG));
            let is_registered = CloseCode::PAGES.iter().any(|page| page.code == closing.code);
            assert!(is_registered && closing.reason().len() <= CloseCode::MAX_REASON_BYTES);
            return;
        }
        Outgoing::Frame(text) => text,
    };
    let (kind, payload) = typed(text);
    match expected {
        Expected::Pong => assert_eq!((kind.as_str(), payload), ("PONG", "{}")),
        Expected::AuthOk => assert_eq!(kind, "AUTH_OK"),
        Expected::Error(codes) => {
            assert_eq!(kind, "ERROR");
            let code = Object::parse(payload).unwrap().field("code").text().unwrap().unwrap();
            assert!(codes.contains(&code.as_str()), "{code} in place of {codes:?}");
        }
        Expected::Closed => panic!("answered {text}, not closed"),
    }
}

fn assert_told(answer: &Answered, expected: &Expected) {
    let is_same = match answer {
        Answered::Served => matches!(expected, Expected::Pong | Expected::AuthOk),
        Answered::Refused(refusal) => {
            matches!(expected, Expected::Error(codes) if codes.contains(&refusal.code.code))
        }
        Answered::Closed(_, member) => *expected == Expected::Closed && member.is_some(),
        Answered::Authenticate(_) | Answered::Several(_) => false,
    };
    assert!(is_same, "{answer:?} in place of {expected:?}");
}

/// Type and payload of a frame, which is one JSON object with a time (P3.1).
fn typed(text: &str) -> (String, &str) {
    let fields = Object::parse(text).unwrap_or_else(|| panic!("no JSON object: {text}"));
    let names: Vec<&str> = fields.names().collect();
    assert_eq!(names[..3], ["type", "payload", "timestamp"]);
    let kind = fields.field("type").text().unwrap().unwrap();
    (kind, fields.raw("payload").unwrap().get())
}

fn assert_broadcast_reaches(world: &mut World, due: Vec<SocketId>) {
    let body = br#"{"eventType":"E","payload":[1,  2]}"#;
    world.room.publish(body, None, false, world.now).unwrap();
    let mut reached = Vec::new();
    for (to, what) in world.take_sent() {
        let Outgoing::Frame(text) = what else { panic!("closed") };
        assert_eq!(typed(&text), ("E".into(), "[1,  2]"));
        reached.push(to);
    }
    assert_eq!(reached, due);
}
