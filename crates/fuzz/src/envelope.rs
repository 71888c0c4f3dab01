//! The body of a broadcast, and the frames made from it (P2.2 to P2.6, P2.11 to P2.13, P3.1, P3.4).

mod expected;

use std::collections::BTreeSet;

use validiant_core::names::{ConnectionId, UserId};
use validiant_core::publication::audience::{Audience, Verdict};
use validiant_core::publication::envelope::Envelope;
use validiant_core::publication::{ForMany, Publication};
use validiant_core::sorted::SortedSet;
use validiant_core::wire::frame;

use crate::json::Object;
use crate::names::is_user_id;
use expected::Expected;

const NOW: u64 = 1_700_000_000_000;
const SEQ: u64 = 7;

/// The first line is the value of `Idempotency-Key`, and the rest is the body.
///
/// A body must be accepted exactly if the oracle finds nothing wrong with it, and otherwise refused with a code for one
/// of its faults. What is accepted must match the body, and its frame must carry the payload byte for byte.
pub fn envelope(data: &[u8]) {
    let mut parts = data.splitn(2, |byte| *byte == b'\n');
    let header = parts.next().and_then(|line| std::str::from_utf8(line).ok());
    let body = parts.next().unwrap_or_default();
    let expected = Expected::of(body, header);
    match Publication::parse(body, header) {
        Ok(publication) => {
            assert!(expected.wrong.is_empty(), "taken in spite of {:?}", expected.wrong);
            assert_is(&publication, &expected);
        }
        Err(refusal) => assert!(
            expected.wrong.contains(refusal.code.code),
            "refused with {refusal:?}, but only {:?} is wrong",
            expected.wrong
        ),
    }
    projects(body, header, &expected);
}

fn assert_is(publication: &Publication<'_>, expected: &Expected<'_>) {
    assert_eq!(publication.key.as_ref().map(|key| key.as_str()), expected.key.as_deref());
    assert_eq!(publication.is_batch, expected.is_batch);
    assert_eq!(publication.events.len(), expected.events.len());
    let frames: Vec<String> =
        publication.events.iter().map(|event| frame::event(event, NOW, None)).collect();
    for ((event, expected), frame) in publication.events.iter().zip(&expected.events).zip(&frames) {
        assert_eq!(event.event_type.as_str(), expected.event_type);
        assert_eq!(event.payload, expected.payload);
        assert_eq!(event.ephemeral, expected.ephemeral);
        assert_eq!(event.plaintext, expected.plaintext);
        assert_audience(&event.audience, expected);
        assert_frame(frame, event, None);
        assert_frame(&frame::event(event, NOW, Some(SEQ)), event, Some(SEQ));
    }
    let bytes = frames.iter().map(|frame| frame.len() + 1).sum();
    let array = frame::array(frames.iter().map(String::as_str), bytes);
    let together: Vec<&serde_json::value::RawValue> = serde_json::from_str(&array).unwrap();
    assert!(together.iter().map(|raw| raw.get()).eq(frames.iter().map(String::as_str)));
}

fn assert_frame(frame: &str, event: &Envelope<'_>, seq: Option<u64>) {
    let fields = Object::parse(frame).expect("a frame is one JSON object");
    let names: Vec<&str> = fields.names().collect();
    let wanted = ["type", "payload", "timestamp", "seq"];
    assert_eq!(names, wanted[..if seq.is_some() { 4 } else { 3 }]);
    let text = |name| fields.raw(name).unwrap().get();
    assert_eq!(serde_json::from_str::<String>(text("type")).unwrap(), event.event_type.as_str());
    assert_eq!(text("payload"), event.payload);
    assert_eq!(text("timestamp"), NOW.to_string());
    assert_eq!(seq.map(|seq| seq.to_string()).as_deref(), seq.map(|_| text("seq")));
}

fn assert_audience(audience: &Audience, expected: &expected::Event<'_>) {
    assert_eq!(audience.only.as_ref().map(texts), expected.only);
    assert_eq!(texts(&audience.exclude), expected.exclude);
    let expected::Event { only, exclude, exclude_connection, .. } = expected;
    let narrowed = exclude_connection.iter().filter_map(|(_, user)| user.as_ref());
    let named = only.iter().flatten().chain(exclude).chain(narrowed).map(String::as_str);
    for user in named.chain(["somebody else", ""]) {
        assert!(user.is_empty() || is_user_id(user));
        let is_meant = only.as_ref().is_none_or(|only| only.contains(user));
        let excluded_on = exclude_connection.iter().map(|(id, _)| id.as_str());
        for connection in excluded_on.chain(["another connection"]) {
            let is_it = |(id, of): &(String, Option<String>)| {
                id == connection && of.as_ref().is_none_or(|of| of == user)
            };
            let is_excluded =
                exclude.contains(user) || exclude_connection.as_ref().is_some_and(is_it);
            let id = ConnectionId::parse(connection).unwrap();
            let verdict = audience.verdict(&id, UserId::parse(user).ok().as_ref());
            assert_eq!(verdict == Verdict::Send, is_meant && !is_excluded);
            assert_eq!(verdict == Verdict::Excluded, is_meant && is_excluded);
        }
    }
    assert_eq!(Audience::parse(&audience.to_text()).as_ref(), Some(audience));
}

fn texts(users: &SortedSet<UserId>) -> BTreeSet<String> {
    users.keys().map(ToString::to_string).collect()
}

fn projects(body: &[u8], header: Option<&str>, expected: &Expected<'_>) {
    let wrong = expected.wrong.union(&expected.wrong_in_projects);
    match ForMany::parse(body, header) {
        Ok(ForMany { projects, body: each }) => {
            assert_eq!(wrong.count(), 0, "taken");
            assert!(projects.iter().map(|project| project.as_str()).eq(&expected.projects));
            assert_is(&Publication::parse(&each, header).expect("it was valid"), expected);
        }
        Err(refusal) => {
            assert!(wrong.copied().any(|code| code == refusal.code.code), "{refusal:?}");
        }
    }
}
