//! The same in a room whose clients may talk to each other (P4.12, P11).

use std::collections::BTreeSet;

use serde_json::value::RawValue;
use validiant_core::member::SocketId;
use validiant_sim::platform::Outgoing;

use super::{DISABLED, Expected, MAX_FRAMES, RECORD_SEPARATOR, USER, says};
use super::{answer_to, assert_answer, expected_answer};
use crate::json::{Object, texts, value};
use crate::names::{is_name, is_user_id};
use crate::room::{MAX_CLIENT_FRAME_BYTES, World};

/// The most messages in a list.
const MAX_MESSAGES: usize = 64;
const FROM: &str = r#"{"userId":"ann","connectionId":"c"}"#;

/// An event that the others must hear.
struct Event<'a> {
    kind: String,
    payload: &'a str,
    only: Option<BTreeSet<String>>,
}

/// What becomes of a message.
enum Outcome<'a> {
    /// The sender gets this.
    Answer(Expected),
    /// The others get this.
    Event(Event<'a>),
    /// It is about presence data, of which this oracle knows nothing.
    Presence,
}

const MALFORMED: Outcome<'static> = Outcome::Answer(super::MALFORMED);

/// Each message gets what the oracle says, and each event reaches those whom it is for, in order, with its payload byte
/// for byte and its true sender.
pub fn while_talking(data: &[u8]) {
    let mut world = World::talking();
    let others = [("", false, false), ("bob", false, true), (USER, true, true)]
        .map(|(user, has_token, batches)| (user, world.join(user, has_token, batches)));
    let client = world.join(USER, true, false);
    world.take_sent();
    let frames = data.split(|byte| *byte == RECORD_SEPARATOR).take(MAX_FRAMES);
    for (place, frame) in frames.enumerate() {
        if place % 4 == 3 {
            world.evict();
        }
        let outcomes = outcomes(frame, expected_answer(frame, world.now), world.now);
        says(&mut world, client, frame);
        let sent = world.take_sent();
        assert_answers(sent_to(&sent, client), &outcomes);
        if matches!(outcomes[..], [Outcome::Answer(Expected::Closed)]) {
            return;
        }
        for (user, socket) in others {
            assert_heard(sent_to(&sent, socket), user, &outcomes);
        }
    }
}

fn sent_to(sent: &[(SocketId, Outgoing)], to: SocketId) -> Vec<Outgoing> {
    sent.iter().filter(|(socket, _)| *socket == to).map(|(_, what)| what.clone()).collect()
}

/// `silent`: what is expected where clients may not talk.
fn outcomes(frame: &[u8], silent: Expected, now: u64) -> Vec<Outcome<'_>> {
    let list = std::str::from_utf8(frame).ok().filter(|_| frame.len() <= MAX_CLIENT_FRAME_BYTES);
    let list: Option<Vec<&RawValue>> = list.and_then(|text| serde_json::from_str(text).ok());
    match (list, std::str::from_utf8(frame)) {
        (Some(list), _) if (1..=MAX_MESSAGES).contains(&list.len()) => {
            list.into_iter().map(|raw| in_list(raw.get(), now)).collect()
        }
        (_, Ok(text)) => vec![alone(text, silent)],
        _ => vec![Outcome::Answer(silent)],
    }
}

fn in_list(text: &str, now: u64) -> Outcome<'_> {
    match answer_to(text.as_bytes(), now) {
        Expected::Pong => Outcome::Answer(Expected::Pong),
        silent if silent == DISABLED => alone(text, silent),
        _ => MALFORMED,
    }
}

fn alone(text: &str, silent: Expected) -> Outcome<'_> {
    if silent != DISABLED {
        return Outcome::Answer(silent);
    }
    let Some(fields) = Object::parse(text) else { return MALFORMED };
    match fields.field("type").text() {
        Ok(Some(kind)) if kind == "SEND" => event(&fields).map_or(MALFORMED, Outcome::Event),
        Ok(Some(kind)) if kind == "PRESENCE_SET" => Outcome::Presence,
        _ => MALFORMED,
    }
}

fn event<'a>(fields: &Object<'a>) -> Option<Event<'a>> {
    if fields.doubles_one_of(&["eventType", "payload", "userIds"]) {
        return None;
    }
    let kind = fields.field("eventType").text().ok()??;
    let only = match fields.given("userIds").map(value) {
        None => None,
        Some(ids) => {
            let ids = ids?;
            let ids = texts(&ids).filter(|ids| (1..=1_000).contains(&ids.len()))?;
            if !ids.iter().all(|id| is_user_id(id)) {
                return None;
            }
            Some(ids.into_iter().map(str::to_owned).collect())
        }
    };
    let payload = fields.raw("payload").map_or("{}", RawValue::get);
    let is_one = is_name(&kind, 64) && kind.starts_with("client-");
    is_one.then_some(Event { kind, payload, only })
}

fn assert_answers(sent: Vec<Outgoing>, outcomes: &[Outcome<'_>]) {
    if outcomes.iter().any(|outcome| matches!(outcome, Outcome::Presence)) {
        return;
    }
    let mut sent = sent.into_iter();
    for outcome in outcomes {
        if let Outcome::Answer(expected) = outcome {
            assert_answer(&[sent.next().expect("an answer")], expected);
        }
    }
    assert_eq!(sent.next(), None, "one answer too many");
}

fn assert_heard(sent: Vec<Outgoing>, user: &str, outcomes: &[Outcome<'_>]) {
    let mut frames = Vec::new();
    for what in sent {
        let Outgoing::Frame(text) = what else { panic!("another socket was closed") };
        match serde_json::from_str::<Vec<&RawValue>>(&text) {
            Ok(list) => frames.extend(list.into_iter().map(|raw| raw.get().to_owned())),
            Err(_) => frames.push(text),
        }
    }
    let mut heard = frames.iter().filter(|text| !text.starts_with(r#"{"type":"USER_UPDATED""#));
    for outcome in outcomes {
        let Outcome::Event(Event { kind, payload, only }) = outcome else { continue };
        if only.as_ref().is_some_and(|only| !only.contains(user)) {
            continue;
        }
        let text = heard.next().unwrap_or_else(|| panic!("{user} does not hear {kind}"));
        let fields = Object::parse(text).unwrap();
        let names: Vec<&str> = fields.names().collect();
        assert_eq!(names, ["type", "payload", "from", "timestamp"]);
        let got: String = serde_json::from_str(fields.raw("type").unwrap().get()).unwrap();
        assert_eq!((&got, fields.raw("payload").unwrap().get()), (kind, *payload));
        assert_eq!(fields.raw("from").unwrap().get(), FROM);
    }
    assert_eq!(heard.next(), None, "{user} hears too much");
}
