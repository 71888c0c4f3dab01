//! Clients whose pointers move in one room, and what broadcasts to other rooms notice of it.

use std::time::Duration;

use anyhow::Result;
use futures::future::{try_join, try_join_all};
use tokio::time::{Instant, sleep_until};

use super::{Metrics, empty_room, full_room, microseconds, percentile, publishers, sorted};
use crate::door::Who;
use crate::plan::Launch;
use crate::publisher::Publisher;
use crate::room::{Client, Room};
use crate::server::Server;
use validiant_bench_ledger::{Excluded, Faults, Ledger};

/// How often a pointer that moves is told.
const MOVE_INTERVAL: Duration = Duration::from_millis(100);
/// How often each of the other rooms gets a broadcast. With ten rooms that is one every 7 ms, so in the course of
/// time they meet the pointers' events, which come every 5 ms on average, in every possible way.
const BROADCAST_INTERVAL: Duration = Duration::from_millis(70);
/// The broadcasts are measured in turn without the pointers and beside them, so often.
const TURNS: u32 = 4;

/// A server with one room of people who move their pointers, and others beside it.
pub struct Moving {
    server: Server,
    room: Room,
    people: Vec<Client>,
    beside: Vec<Room>,
    backends: Vec<Publisher>,
    time: Duration,
}

impl Moving {
    /// Fills all rooms, and warms up.
    pub async fn new(
        launch: &Launch,
        server: Server,
        people: u32,
        (rooms, sockets): (u32, u32),
        time: Duration,
    ) -> Result<Self> {
        let ledger = Ledger::new(people, Excluded::Sender);
        let room = empty_room(launch, &server, "pointers", (Who::Users, false), ledger);
        let people = try_join_all((0..people).map(|seat| room.join(seat))).await?;
        let mut beside = Vec::new();
        for index in 0..rooms {
            let id = format!("room-{index}");
            beside
                .push(full_room(launch, &server, &id, sockets, (false, Excluded::OneUser)).await?);
        }
        let backends = publishers(launch, &server, rooms).await?;
        let mut moving = Self { server, room, people, beside, backends, time };
        moving.both(time).await?;
        Ok(moving)
    }

    /// Measures the pointers alone, and then the broadcasts without the pointers and beside them.
    pub async fn measure(&mut self) -> Result<Metrics> {
        let cpu = self.server.cpu()?;
        let moves = sorted(pointers(&self.room, &mut self.people, self.time).await?);
        let cpu = self.server.cpu()?.saturating_sub(cpu);
        let (mut without, mut with) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            let time = self.time / TURNS;
            without.extend(broadcasts(&self.beside, &mut self.backends, time).await?);
            with.extend(self.both(time).await?);
        }
        let (without, with) = (sorted(without), sorted(with));
        let deliveries = moves.len() as f64 * (self.people.len() as f64 - 1.0);
        Ok(Metrics::from([
            ("CPU µs/delivery", microseconds(cpu) / deliveries),
            ("p50 ms", percentile(&moves, 0.5)),
            ("p99 ms", percentile(&moves, 0.99)),
            ("p50 ms elsewhere without pointers", percentile(&without, 0.5)),
            ("p50 ms elsewhere", percentile(&with, 0.5)),
            ("p99 ms elsewhere without pointers", percentile(&without, 0.99)),
            ("p99 ms elsewhere", percentile(&with, 0.99)),
            ("p99 elsewhere, ratio", percentile(&with, 0.99) / percentile(&without, 0.99)),
        ]))
    }

    /// The broadcasts beside the pointers.
    async fn both(&mut self, time: Duration) -> Result<Vec<Duration>> {
        let moves = pointers(&self.room, &mut self.people, time);
        let (_, broadcasts) =
            try_join(moves, broadcasts(&self.beside, &mut self.backends, time)).await?;
        Ok(broadcasts)
    }

    /// What went wrong so far, in all rooms.
    pub fn faults(&self) -> Faults {
        self.beside.iter().chain([&self.room]).map(Room::faults).sum()
    }
}

/// Everybody moves their pointer for a while.
async fn pointers(room: &Room, people: &mut [Client], time: Duration) -> Result<Vec<Duration>> {
    let started = Instant::now();
    let moves = people.iter_mut().zip(0..).map(|(client, index)| async move {
        // People do not begin together, nor one after the other in step.
        let mut due = started + MOVE_INTERVAL * (index * 37 % 100) / 100;
        let mut latencies = Vec::new();
        while due < started + time {
            sleep_until(due).await;
            latencies.push(room.send(client).await?);
            due += MOVE_INTERVAL;
        }
        anyhow::Ok(latencies)
    });
    Ok(try_join_all(moves).await?.concat())
}

/// Every room gets broadcasts for a while, each from its own backend.
async fn broadcasts(
    rooms: &[Room],
    backends: &mut [Publisher],
    time: Duration,
) -> Result<Vec<Duration>> {
    let (started, count) = (Instant::now(), rooms.len() as u32);
    let backends = rooms.iter().zip(backends).zip(0..);
    let broadcasts = backends.map(|((room, backend), index)| async move {
        let mut due = started + BROADCAST_INTERVAL * index / count;
        let mut latencies = Vec::new();
        while due < started + time {
            sleep_until(due).await;
            latencies.push(room.publish(backend, 0).await?);
            due += BROADCAST_INTERVAL;
        }
        backend.answers().await?;
        anyhow::Ok(latencies)
    });
    Ok(try_join_all(broadcasts).await?.concat())
}
