//! The cost sheet of `docs/operations.md`, from counts: a day of a room is played on the in-memory ports, and
//! everything that the platform bills is counted.

use std::collections::BTreeMap;
use std::fs;
use std::ops::{Add, Mul, Sub};
use std::path::PathBuf;

use crate::support::{SETTINGS, World};
use validiant_core::Millis;
use validiant_core::limits::Limits;
use validiant_core::member::SocketId;
use validiant_core::room::{Answered, Incoming, RoomSettings};

pub(super) const SECOND: Millis = 1_000;
pub(super) const HOUR: Millis = 3_600 * SECOND;
const WORKING_DAY: Millis = 8 * HOUR;
const WORKING_DAYS_A_MONTH: f64 = 22.0;
/// How often per day and user a page is reloaded, or the network is lost for a moment.
const RETURNS_A_DAY: u64 = 6;
const AWAY: Millis = 2 * SECOND;
/// How often the npm package pings.
const PING_INTERVAL: Millis = 30 * SECOND;
const GOING_AWAY: u16 = 1001;
const CLEAN: u16 = 1000;
/// Long enough between two requests for the first one's events to be written.
const APART: Millis = 50;

/// How long an object stays in memory after its last event. This is not billed, because it could hibernate.
const KEPT_IN_MEMORY: Millis = 10 * SECOND;
/// How long an event keeps an object busy, generously: about 1 ms of CPU, and the wait for a row to be written.
const SECONDS_AN_EVENT: f64 = 0.005;
/// The same for a client's message to nine others, generously: nothing is written. `npm run bench` measures it.
const SECONDS_A_MESSAGE: f64 = 0.001;
/// An object in memory is billed as 128 MB.
pub(super) const GIGABYTES: f64 = 0.128;
/// How many incoming socket messages, including closes, are billed as one request.
pub(super) const MESSAGES_A_REQUEST: f64 = 20.0;

/// What the platform counts.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Counts {
    pub(super) worker_requests: f64,
    pub(super) object_requests: f64,
    pub(super) rows_written: f64,
    pub(super) wakes: f64,
    pub(super) busy_seconds: f64,
    pub(super) connected_seconds: f64,
}

impl Mul<f64> for Counts {
    type Output = Self;

    fn mul(self, times: f64) -> Self {
        Self {
            worker_requests: self.worker_requests * times,
            object_requests: self.object_requests * times,
            rows_written: self.rows_written * times,
            wakes: self.wakes * times,
            busy_seconds: self.busy_seconds * times,
            connected_seconds: self.connected_seconds * times,
        }
    }
}

impl Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        self - other * -1.0
    }
}

impl Sub for Counts {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            worker_requests: self.worker_requests - other.worker_requests,
            object_requests: self.object_requests - other.object_requests,
            rows_written: self.rows_written - other.rows_written,
            wakes: self.wakes - other.wakes,
            busy_seconds: self.busy_seconds - other.busy_seconds,
            connected_seconds: self.connected_seconds - other.connected_seconds,
        }
    }
}

impl Counts {
    fn event(&mut self, at: Millis, seconds: f64, in_memory_until: &mut Millis) {
        self.wakes += f64::from(u8::from(at > *in_memory_until));
        self.busy_seconds += seconds;
        *in_memory_until = at + KEPT_IN_MEMORY;
    }
}

/// A room at work, and what it has cost.
pub(super) struct Day {
    pub(super) world: World,
    counts: Counts,
    in_memory_until: Millis,
    /// Who is connected, and since when.
    connected: BTreeMap<SocketId, Millis>,
}

impl Day {
    pub(super) fn new(settings: RoomSettings) -> Self {
        Self {
            world: World::new(settings),
            counts: Counts::default(),
            in_memory_until: 0,
            connected: BTreeMap::new(),
        }
    }

    /// Lets time pass until `at`, alarms included.
    pub(super) fn wait(&mut self, at: Millis) {
        while let Some(alarm) = self.world.alarm().filter(|alarm| *alarm <= at) {
            self.ping_until(alarm);
            self.world.pass(alarm.saturating_sub(self.world.now));
            self.counts.object_requests += 1.0;
            self.counts.event(alarm, SECONDS_AN_EVENT, &mut self.in_memory_until);
        }
        self.world.pass(at.saturating_sub(self.world.now));
    }

    /// The runtime answers the pings until then, which costs nothing.
    fn ping_until(&mut self, at: Millis) {
        for (socket, since) in &self.connected {
            let last = at.saturating_sub((at - since) % PING_INTERVAL);
            if last > *since {
                self.world.ping_at(*socket, last);
            }
        }
    }

    /// What it has cost so far.
    pub(super) fn costs(&mut self) -> Counts {
        Counts { rows_written: self.world.rows_written() as f64, ..self.counts }
    }

    fn request(&mut self) {
        self.counts.worker_requests += 1.0;
        self.counts.object_requests += 1.0;
        self.counts.event(self.world.now, SECONDS_AN_EVENT, &mut self.in_memory_until);
    }

    pub(super) fn join(&mut self, user: &str) -> SocketId {
        self.request();
        let socket = self.world.join(user);
        self.connected.insert(socket, self.world.now);
        socket
    }

    fn leave(&mut self, socket: SocketId, code: u16) {
        self.counts.object_requests += 1.0 / MESSAGES_A_REQUEST;
        self.counts.event(self.world.now, SECONDS_AN_EVENT, &mut self.in_memory_until);
        self.connected.remove(&socket);
        self.world.leave(socket, code);
    }

    /// A client sends a frame.
    pub(super) fn say(&mut self, socket: SocketId, text: &str) -> Answered {
        self.counts.object_requests += 1.0 / MESSAGES_A_REQUEST;
        self.counts.event(self.world.now, SECONDS_A_MESSAGE, &mut self.in_memory_until);
        self.world.room.message(socket, Incoming::Text(text), self.world.now)
    }

    fn broadcast(&mut self) {
        self.request();
        self.world.publish(r#"{"eventType":"TASK_UPDATED","payload":{"taskId":"t1"}}"#, false);
    }
}

/// A working day of one room: everybody comes in the morning, stays, reconnects now and then, and leaves in the evening.
fn working_day(users: u64, events: u64) -> Counts {
    let mut day = Day::new(SETTINGS);
    let start = day.world.now;
    let mut sockets: Vec<SocketId> =
        (0..users).map(|user| day.join(&format!("user-{user}"))).collect();
    let mut plan: Vec<(Millis, Option<u64>)> = Vec::new();
    plan.extend((1..=events).map(|event| (start + WORKING_DAY * event / (events + 1), None)));
    for user in 0..users {
        let times = 1..=RETURNS_A_DAY;
        let offset = WORKING_DAY * user / (users * (RETURNS_A_DAY + 1));
        let at = |time| start + WORKING_DAY * time / (RETURNS_A_DAY + 1) + offset;
        plan.extend(times.map(|time| (at(time), Some(user))));
    }
    plan.sort_unstable();
    for (at, who) in plan {
        day.wait(at);
        match who {
            None => day.broadcast(),
            Some(user) => {
                day.leave(sockets[user as usize], GOING_AWAY);
                let back = day.world.now + AWAY;
                day.wait(back);
                sockets[user as usize] = day.join(&format!("user-{user}"));
            }
        }
    }
    day.wait(start + WORKING_DAY);
    for socket in sockets {
        day.leave(socket, CLEAN);
    }
    day.wait(start + WORKING_DAY + HOUR);
    Counts { connected_seconds: WORKING_DAY as f64 / SECOND as f64, ..day.costs() }
}

/// Dollars a month on the paid plan: 5, and what is above the free amounts.
fn dollars(counts: Counts, seconds: f64) -> f64 {
    let above = |amount: f64, free: f64| (amount - free).max(0.0);
    5.0 + price(Counts {
        worker_requests: above(counts.worker_requests, 10e6),
        object_requests: above(counts.object_requests, 1e6),
        busy_seconds: above(seconds * GIGABYTES, 400_000.0) / GIGABYTES,
        rows_written: above(counts.rows_written, 50e6),
        ..counts
    })
}

/// Dollars for what is above the free amounts. Prices of autumn 2026.
pub(super) fn price(counts: Counts) -> f64 {
    let a_million = counts.worker_requests * 0.30
        + counts.object_requests * 0.15
        + counts.busy_seconds * GIGABYTES * 12.50
        + counts.rows_written * 1.00;
    a_million / 1e6
}

fn millions(amount: f64) -> String {
    format!("{:.2} M", amount / 1e6)
}

fn row(name: &str, projects: f64, users: u64, events: u64) -> String {
    let month = working_day(users, events) * (projects * WORKING_DAYS_A_MONTH);
    format!(
        "| {name} | {} | {} | {} | {} | {} | ${:.0} | ${:.0} |",
        millions(month.worker_requests),
        millions(month.object_requests),
        millions(month.rows_written),
        millions(month.wakes),
        millions(month.busy_seconds * GIGABYTES),
        dollars(month, month.busy_seconds),
        dollars(month, month.connected_seconds),
    )
}

pub(super) fn operations() -> String {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/operations.md");
    fs::read_to_string(file).unwrap()
}

#[test]
fn the_cost_sheet_is_what_the_counts_come_to() {
    let rows = [
        row("10 projects of 5 users, 100 events a day each", 10.0, 5, 100),
        row("1,000 projects of 10 users, 200 events", 1_000.0, 10, 200),
        row("10,000 projects of 20 users, 500 events", 10_000.0, 20, 500),
    ]
    .join("\n");
    assert!(operations().contains(&rows), "docs/operations.md lacks:\n{rows}");
}

/// How many rows each event writes if this many come in one request, into a room whose history is full.
fn rows_an_event(together: usize) -> f64 {
    const EVENTS: usize = 2_000;
    let limits = Limits { publishes_per_second: 10_000, publish_burst: 100_000, ..SETTINGS.limits };
    let mut world = World::new(RoomSettings { limits, ..SETTINGS });
    let event = r#"{"eventType":"TASK_UPDATED","payload":{"taskId":"550e8400-e29b-41d4-a716-446655440000","status":"in_progress"}}"#;
    let body = format!(r#"{{"events":[{}]}}"#, vec![event; together].join(","));
    let mut publish = |events: usize| {
        for _ in 0..events / together {
            world.publish(&body, false);
            world.pass(APART);
        }
        world.rows_written()
    };
    let before = publish(EVENTS);
    (publish(EVENTS) - before) as f64 / EVENTS as f64
}

#[test]
fn events_in_one_request_write_as_many_rows_as_the_cost_sheet_says() {
    let rows = [1, 2, 10, 100].map(|together| format!("{:.2}", rows_an_event(together)));
    let row = format!("| rows written for each event | {} |", rows.join(" | "));
    assert!(operations().contains(&row), "docs/operations.md lacks:\n{row}");
}

/// Each writes one. Those that have been over for five minutes are cut off their page: one more for all of them.
#[test]
fn p7_2_a_broadcast_writes_one_row() {
    for (events, most) in [(50, 2.25), (200, 1.5), (500, 1.3), (5_000, 1.05)] {
        let (without, with) = (working_day(10, 0), working_day(10, events));
        let an_event = (with.rows_written - without.rows_written) / events as f64;
        assert!((1.0..most).contains(&an_event), "{events} events a day: {an_event} rows each");
    }
}
