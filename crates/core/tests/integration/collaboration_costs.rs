//! What it costs that people see each other at work, from counts: an hour of ten people in a room is played on the
//! in-memory ports, message by message as the npm package sends them.

use std::borrow::Cow;

use validiant_core::Millis;
use validiant_core::limits::Limits;
use validiant_core::member::SocketId;
use validiant_core::room::{Answered, RoomSettings};

use crate::cost_sheet::{
    Counts, Day, GIGABYTES, HOUR, MESSAGES_A_REQUEST, SECOND, operations, price,
};
use crate::support::{CLIENT_EVENTS, LIMITS, SETTINGS};

const PEOPLE: usize = 10;
/// How often a pointer that moves is told.
const MOVE_INTERVAL: Millis = 100;
/// How often somebody who types says so.
const HEARTBEAT: Millis = 8 * SECOND;
/// After this time without a movement, the position of a pointer goes into the presence data.
const REST: Millis = SECOND;

const MOVE: &str = r#"{"type":"SEND","eventType":"client-pointer","payload":{"at":"board","points":[[16,0.4,0.2],[17,0.41,0.21],[17,0.43,0.21],[16,0.45,0.22],[17,0.46,0.22],[17,0.46,0.23]]}}"#;
const TYPES: &str =
    r#"{"type":"SEND","eventType":"client-typing","payload":{"topic":"task:t1","on":true}}"#;
const STOPS: &str =
    r#"{"type":"SEND","eventType":"client-typing","payload":{"topic":"task:t1","on":false}}"#;

/// A message of one of the people, at a time in the hour.
type Said = (Millis, usize, Cow<'static, str>);

/// What somebody says who moves their pointer for a while.
fn moving(person: usize, from: Millis, until: Millis) -> impl Iterator<Item = Said> {
    let moves = (from..until).step_by(MOVE_INTERVAL as usize);
    // Each time somewhere else: nobody is told that nothing has changed.
    let place = format!(r#"{{"type":"PRESENCE_SET","patch":{{"cursor":[0.46,{until}]}}}}"#);
    let rest = (until + REST < HOUR).then_some((until + REST, person, place.into()));
    moves.map(move |at| (at, person, MOVE.into())).chain(rest)
}

/// What somebody says who types for a while.
fn typing(person: usize, from: Millis, until: Millis) -> impl Iterator<Item = Said> {
    let heartbeats = (from..until).step_by(HEARTBEAT as usize);
    heartbeats.map(move |at| (at, person, TYPES.into())).chain([(until, person, STOPS.into())])
}

/// An hour in which this is said, how many messages that is, and what it costs.
fn hour(mut said: Vec<Said>) -> (usize, Counts) {
    let limits = Limits {
        client_messages_per_second: 20,
        client_message_burst: 40,
        client_events: Some(CLIENT_EVENTS),
        ..LIMITS
    };
    let mut room = Day::new(RoomSettings { limits, takes_tokens: false, ..SETTINGS });
    let sockets: Vec<SocketId> =
        (0..PEOPLE).map(|person| room.join(&format!("user-{person}"))).collect();
    let before = room.costs();
    let start = room.world.now;
    said.sort_by_key(|(at, ..)| *at);
    for (at, person, text) in &said {
        room.wait(start + at);
        room.world.take_sent();
        assert!(matches!(room.say(sockets[*person], text), Answered::Served), "{text}");
        assert_eq!(room.world.take_sent(), PEOPLE - 1, "{text}");
    }
    room.wait(start + HOUR);
    (said.len(), room.costs() - before)
}

fn row(name: &str, said: Vec<Said>) -> String {
    let (messages, counts) = hour(said);
    format!(
        "| {name} | {messages} | {:.0} | {:.0} | {:.0} | {:.2} | ${:.5} |",
        counts.object_requests,
        counts.rows_written,
        counts.wakes,
        counts.busy_seconds * GIGABYTES,
        price(counts),
    )
}

/// Everybody moves their pointer for 10 s in each minute, one after the other.
fn now_and_then() -> Vec<Said> {
    let minutes = (0..HOUR).step_by(60 * SECOND as usize);
    let people =
        |minute| (0..PEOPLE).map(move |person| (minute + 6 * SECOND * person as u64, person));
    let turns = minutes.flat_map(people);
    turns.flat_map(|(from, person)| moving(person, from, from + 10 * SECOND)).collect()
}

fn all(what: impl Iterator<Item = Said>) -> Vec<Said> {
    what.collect()
}

#[test]
fn an_hour_of_ten_people_costs_what_the_cost_sheet_says() {
    let rows = [
        row("nothing", Vec::new()),
        row("one of them types", all(typing(0, 0, HOUR))),
        row("all of them type", all((0..PEOPLE).flat_map(|person| typing(person, 0, HOUR)))),
        row("each moves the pointer for 10 s in each minute", now_and_then()),
        row(
            "all of them move their pointers all the time",
            all((0..PEOPLE).flat_map(|person| moving(person, 0, HOUR))),
        ),
    ]
    .join("\n");
    assert!(operations().contains(&rows), "docs/operations.md lacks:\n{rows}");
}

/// The only rows are those of the checks for silent sockets, each of which is one request and one row.
#[test]
fn p11_what_clients_say_to_each_other_writes_no_row_and_keeps_the_room_awake() {
    let (_, quiet) = hour(Vec::new());
    let (messages, busy) = hour(now_and_then());
    let checks = busy.object_requests - messages as f64 / MESSAGES_A_REQUEST;
    assert!((checks - busy.rows_written).abs() < 0.01, "{checks} checks: {busy:?}");
    assert_eq!((quiet.object_requests, quiet.wakes), (quiet.rows_written, quiet.rows_written));
    assert_eq!(busy.wakes, 0.0, "nobody pauses for ten seconds");
}
