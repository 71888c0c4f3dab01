//! The tables of `docs/scale.md`: what a room of any size costs and how long an event takes in it, from the rule by
//! which it grows and from parts that were measured.

use std::fs;
use std::path::PathBuf;

use crate::cost_sheet::{Counts, GIGABYTES, MESSAGES_A_REQUEST, price};
use validiant_core::settings::LEAF_SOCKETS;
use validiant_core::tree::Places;

/// What a frame to a socket costs a place, in seconds: the first in a turn, and each further one of an event.
const FRAME: f64 = 28e-6;
const FURTHER_FRAME: f64 = 14e-6;
/// What an event more costs in a frame with several.
const EVENT_IN_A_FRAME: f64 = 1e-6;
/// What one object needs to call another, for both of them.
const CALL: f64 = 0.12e-3;
/// The network between two objects, there and back. Not measured.
const HOP: f64 = 5e-3;
/// How long an event keeps the root busy at least: its row has to be written.
const WRITE: f64 = 5e-3;
/// How many calls may wait for an answer, if the platform counts calls between objects as connections.
const CONNECTIONS: u64 = 6;

const SIZES: [u64; 7] = [5, 1_000, 5_000, 10_000, 50_000, 100_000, 1_000_000];
const MINUTES_AN_HOUR: f64 = 60.0;
const MINUTES_A_MONTH: f64 = 30.0 * 24.0 * 60.0;
const SECONDS_AN_HOUR: f64 = 3_600.0;
const MILLION: f64 = 1e6;

/// A room that has filled up from nothing.
#[derive(Clone, Copy)]
struct Room {
    sockets: u64,
    places: u64,
    /// How many users were moved to another place in the meantime.
    moves: f64,
}

impl Room {
    fn of(sockets: u64) -> Self {
        let per_place = LEAF_SOCKETS.default as usize;
        let mut places = Places::default();
        let mut moves = 0.0;
        while places.is_full(sockets as usize, per_place) {
            let before = f64::from(places.active());
            places.grow();
            let after = f64::from(places.active());
            moves += before * per_place as f64 * (after - before) / after;
        }
        Self { sockets, places: u64::from(places.active()), moves }
    }

    fn leaves(self) -> u64 {
        self.places - 1
    }

    fn sockets_at_each(self) -> u64 {
        self.sockets.div_ceil(self.places)
    }

    /// How long one place sends an event to its own sockets.
    fn sending(self) -> f64 {
        self.sockets_at_each() as f64 * FRAME
    }

    fn calling(self) -> f64 {
        self.leaves() as f64 * CALL
    }

    /// From the moment when the root has the event until the last socket has it.
    fn until_the_last(self) -> f64 {
        let leaves = if self.leaves() > 0 { HOP / 2.0 + self.sending() } else { 0.0 };
        self.sending() + self.calling() + leaves
    }

    /// The same if only so many calls may be under way.
    fn until_the_last_with_six(self) -> f64 {
        let rounds = self.leaves().div_ceil(CONNECTIONS);
        self.until_the_last() + rounds.saturating_sub(1) as f64 * (HOP + self.sending())
    }

    /// What reaches everybody, from the root on: how many seconds all objects are busy or wait.
    fn busy_seconds(self) -> f64 {
        let leaf = self.sending();
        let waits = if self.leaves() > 0 { self.calling() + HOP + leaf } else { 0.0 };
        self.sending() + waits + self.leaves() as f64 * leaf
    }

    /// A frame to everybody that no backend asked for.
    fn presence(self) -> Counts {
        Counts {
            object_requests: self.leaves() as f64,
            busy_seconds: self.busy_seconds(),
            ..Counts::default()
        }
    }

    /// An event of a backend that is kept.
    fn event(self) -> Counts {
        Counts {
            worker_requests: 1.0,
            object_requests: self.places as f64,
            rows_written: 1.0,
            busy_seconds: self.busy_seconds().max(WRITE),
            ..Counts::default()
        }
    }

    /// A minute in which nobody says anything and everybody pings: each place looks for silent sockets, and each leaf
    /// asks the root whether it has had everything.
    fn quiet_minute(self) -> Counts {
        Counts {
            object_requests: (self.places + self.leaves()) as f64,
            rows_written: self.places as f64,
            busy_seconds: self.places as f64 * WRITE,
            ..Counts::default()
        }
    }
}

/// A client connects: the gate asks the root, which sends it on.
fn connect() -> Counts {
    Counts {
        worker_requests: 1.0,
        object_requests: 2.0,
        rows_written: 1.0,
        busy_seconds: WRITE,
        ..Counts::default()
    }
}

/// A user is moved: the old place forgets them, the new one expects them, and they connect.
fn moved() -> Counts {
    let hand_over = Counts { object_requests: 2.0, rows_written: 2.0, ..Counts::default() };
    hand_over + connect()
}

fn leave() -> Counts {
    Counts {
        object_requests: 1.0 / MESSAGES_A_REQUEST,
        rows_written: 1.0,
        busy_seconds: WRITE,
        ..Counts::default()
    }
}

fn page() -> String {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/scale.md");
    fs::read_to_string(file).unwrap()
}

fn assert_has(rows: &[String]) {
    let rows = rows.join("\n");
    assert!(page().contains(&rows), "docs/scale.md lacks:\n{rows}");
}

fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let parts: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|part| std::str::from_utf8(part).unwrap()).collect();
    parts.join(",")
}

fn milliseconds(seconds: f64) -> String {
    let number = seconds * 1e3;
    if number < 9.95 { format!("{number:.1}") } else { thousands(number.round() as u64) }
}

#[test]
fn p15_1_a_room_grows_as_the_table_says() {
    let row = |room: Room| {
        format!(
            "| {} | {} | {} | {} | {} |",
            thousands(room.sockets),
            room.places,
            thousands(room.sockets_at_each()),
            room.leaves(),
            thousands(room.moves.round() as u64),
        )
    };
    assert_has(&SIZES.map(Room::of).map(row));
}

#[test]
fn an_event_costs_what_the_table_says() {
    let row = |room: Room| {
        let event = room.event();
        let dollars = price(event * MILLION);
        let requests = price(Counts { busy_seconds: 0.0, rows_written: 0.0, ..event } * MILLION);
        let duration =
            price(Counts { busy_seconds: event.busy_seconds, ..Counts::default() } * MILLION);
        format!(
            "| {} | {} | {:.4} | ${requests:.2} | ${duration:.2} | ${dollars:.2} | ${:.3} |",
            thousands(room.sockets),
            event.object_requests,
            event.busy_seconds * GIGABYTES,
            dollars * 1e3 / room.sockets as f64,
        )
    };
    assert_has(&SIZES.map(Room::of).map(row));
}

/// What a town hall must not cost more than.
#[test]
fn a_million_events_to_100_000_sockets_cost_at_most_10_dollars() {
    let dollars = price(Room::of(100_000).event() * MILLION);
    assert!(dollars <= 10.0, "{dollars}");
}

#[test]
fn an_event_takes_as_long_as_the_table_says() {
    let row = |room: Room| {
        format!(
            "| {} | {} | {} | {} | {} | {} |",
            thousands(room.sockets),
            milliseconds(room.sending()),
            if room.leaves() > 0 { milliseconds(room.calling()) } else { "–".to_owned() },
            if room.leaves() > 0 { milliseconds(room.sending()) } else { "–".to_owned() },
            milliseconds(room.until_the_last()),
            milliseconds(room.until_the_last_with_six()),
        )
    };
    assert_has(&SIZES.map(Room::of).map(row));
}

#[test]
fn a_room_takes_as_many_events_a_second_as_the_table_says() {
    let row = |room: Room| {
        let a_second =
            |frame: f64| thousands((1.0 / (room.sockets_at_each() as f64 * frame)).round() as u64);
        format!(
            "| {} | {} | {} | {} |",
            thousands(room.sockets),
            a_second(FRAME),
            a_second(FURTHER_FRAME),
            a_second(EVENT_IN_A_FRAME),
        )
    };
    assert_has(&SIZES[2..].iter().copied().map(Room::of).map(row).collect::<Vec<_>>());
}

/// 50,000 people come, stay for an hour, get an event every ten seconds, and leave. All the time some come and go, so
/// `PRESENCE` is sent as often as it may be.
#[test]
fn an_hour_of_a_town_hall_costs_what_the_table_says() {
    let room = Room::of(50_000);
    let people = room.sockets as f64;
    let presence_interval = (room.places as f64 / 4.0).max(1.0);
    let parts = [
        ("50,000 people come", connect() * people),
        ("some of them are moved while the room grows", moved() * room.moves),
        ("360 events", room.event() * (SECONDS_AN_HOUR / 10.0)),
        (
            "`PRESENCE` as often as it may come",
            room.presence() * (SECONDS_AN_HOUR / presence_interval),
        ),
        (
            "each leaf tells the root once a second how many it has",
            Counts { object_requests: room.leaves() as f64 * SECONDS_AN_HOUR, ..Counts::default() },
        ),
        (
            "for that and for `PRESENCE` each object waits with a timer",
            Counts { busy_seconds: room.places as f64 * SECONDS_AN_HOUR, ..Counts::default() },
        ),
        ("checks for silent sockets and missed events", room.quiet_minute() * MINUTES_AN_HOUR),
        ("all of them leave", leave() * people),
    ];
    let row = |name: &str, counts: Counts| {
        format!(
            "| {name} | {} | {} | {} | {} | ${:.4} |",
            thousands(counts.worker_requests.round() as u64),
            thousands(counts.object_requests.round() as u64),
            thousands(counts.rows_written.round() as u64),
            thousands((counts.busy_seconds * GIGABYTES).round() as u64),
            price(counts),
        )
    };
    let all = parts.iter().fold(Counts::default(), |sum, (_, counts)| sum + *counts);
    let mut rows: Vec<String> = parts.iter().map(|(name, counts)| row(name, *counts)).collect();
    rows.push(row("all of it", all));
    assert_has(&rows);
}

#[test]
fn a_room_in_which_nobody_talks_costs_what_the_table_says() {
    let row = |room: Room| {
        let month = room.quiet_minute() * MINUTES_A_MONTH;
        format!("| {} | {} | ${:.2} |", thousands(room.sockets), room.places, price(month))
    };
    assert_has(&SIZES.map(Room::of).map(row));
}
