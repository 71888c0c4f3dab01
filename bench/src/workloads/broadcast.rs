//! Steady broadcasts into rooms of one size.

use std::time::Duration;

use anyhow::Result;
use futures::future::try_join_all;
use tokio::time::{Instant, sleep};

use super::{Metrics, full_room, microseconds, percentile, publishers, sorted};
use crate::plan::Launch;
use crate::publisher::Publisher;
use crate::room::Room;
use crate::server::Server;
use validiant_bench_ledger::{Excluded, Faults};

/// How many events are in flight at once while the server is kept busy.
const LANES: u32 = 8;
/// Before each single event. It is longer than the time in which an event is made durable.
const PAUSE: Duration = Duration::from_millis(20);

/// A server with full rooms.
pub struct Broadcasting {
    server: Server,
    rooms: Vec<Room>,
    backends: Vec<Publisher>,
    /// Sockets that each event goes to.
    recipients: u32,
    busy: Duration,
    /// How many single events to measure.
    singles: usize,
}

impl Broadcasting {
    /// Fills `rooms` with `sockets` each, and warms up: the runtime has compiled the path of an event, and
    /// every room is awake.
    pub async fn new(
        launch: &Launch,
        server: Server,
        (rooms, sockets): (u32, u32),
        (busy, singles): (Duration, usize),
        excludes: bool,
    ) -> Result<Self> {
        let excluded = if excludes { Excluded::OneUser } else { Excluded::Nobody };
        let mut full = Vec::new();
        for index in 0..rooms {
            let id = format!("room-{index}");
            full.push(full_room(launch, &server, &id, sockets, (false, excluded)).await?);
        }
        let mut backends = publishers(launch, &server, LANES).await?;
        keep_busy(&full, &mut backends, busy).await?;
        let recipients = sockets - u32::from(excludes);
        Ok(Self { server, rooms: full, backends, recipients, busy, singles })
    }

    /// Measures first single events, then one event at a time, then as many as the server can take.
    pub async fn measure(&mut self) -> Result<Metrics> {
        let cpu = self.server.cpu()?;
        let (single, answers_single) =
            after_pauses(&self.rooms, &mut self.backends, self.singles).await?;
        let cpu_single = self.server.cpu()?.saturating_sub(cpu);
        let cpu = self.server.cpu()?;
        let alone = one_by_one(&self.rooms, &mut self.backends, self.busy / 2).await?;
        answers(&mut self.backends).await?;
        let cpu_alone = self.server.cpu()?.saturating_sub(cpu);
        let (cpu, started) = (self.server.cpu()?, Instant::now());
        let under_load = keep_busy(&self.rooms, &mut self.backends, self.busy).await?;
        let elapsed = started.elapsed();
        let answers_under_load = answers(&mut self.backends).await?;
        let cpu = self.server.cpu()?.saturating_sub(cpu);
        let (single, alone, under_load) = (sorted(single), sorted(alone), sorted(under_load));
        let broadcasts = under_load.len() as f64;
        let deliveries = broadcasts * f64::from(self.recipients);
        Ok(Metrics::from([
            ("broadcasts/s", broadcasts / elapsed.as_secs_f64()),
            ("deliveries/s", deliveries / elapsed.as_secs_f64()),
            ("CPU µs/broadcast", microseconds(cpu) / broadcasts),
            ("CPU µs/delivery", microseconds(cpu) / deliveries),
            ("CPU µs/broadcast alone", microseconds(cpu_alone) / alone.len() as f64),
            ("CPU µs/broadcast after a pause", microseconds(cpu_single) / single.len() as f64),
            ("p50 ms after a pause", percentile(&single, 0.5)),
            ("p50 ms", percentile(&alone, 0.5)),
            ("p99 ms", percentile(&alone, 0.99)),
            ("p50 ms to answer after a pause", percentile(&sorted(answers_single), 0.5)),
            ("p50 ms under load", percentile(&under_load, 0.5)),
            ("p99 ms under load", percentile(&under_load, 0.99)),
            ("p50 ms to answer under load", percentile(&answers_under_load, 0.5)),
        ]))
    }

    /// What went wrong so far, in all rooms.
    pub fn faults(&self) -> Faults {
        self.rooms.iter().map(Room::faults).sum()
    }
}

/// Waits for all answers. Returns how long each took, sorted.
async fn answers(backends: &mut [Publisher]) -> Result<Vec<Duration>> {
    let answers = try_join_all(backends.iter_mut().map(Publisher::answers)).await?.concat();
    Ok(sorted(answers.iter().map(|answer| answer.took).collect()))
}

/// Single events, each a while after the previous one is answered, so that they share no work. Answers how long the
/// deliveries took, and the answers.
async fn after_pauses(
    rooms: &[Room],
    backends: &mut [Publisher],
    events: usize,
) -> Result<(Vec<Duration>, Vec<Duration>)> {
    let (mut deliveries, mut answers) = (Vec::new(), Vec::new());
    let Some(backend) = backends.first_mut() else { return Ok((deliveries, answers)) };
    for room in rooms.iter().cycle().take(events) {
        sleep(PAUSE).await;
        deliveries.push(room.publish(backend, 0).await?);
        answers.extend(backend.answers().await?.iter().map(|answer| answer.took));
    }
    Ok((deliveries, answers))
}

/// One event after another, each once the last socket has the previous one.
async fn one_by_one(
    rooms: &[Room],
    backends: &mut [Publisher],
    time: Duration,
) -> Result<Vec<Duration>> {
    let Some(backend) = backends.first_mut() else { return Ok(Vec::new()) };
    lane(rooms, backend, 0, 1, time).await
}

async fn keep_busy(
    rooms: &[Room],
    backends: &mut [Publisher],
    time: Duration,
) -> Result<Vec<Duration>> {
    let lanes = backends.iter_mut().zip(0..);
    let lanes = lanes.map(|(backend, index)| lane(rooms, backend, index, LANES, time));
    Ok(try_join_all(lanes).await?.concat())
}

/// A backend that cycles through its share of the rooms. If there is only one room, all lanes share it.
async fn lane(
    rooms: &[Room],
    backend: &mut Publisher,
    index: u32,
    lanes: u32,
    time: Duration,
) -> Result<Vec<Duration>> {
    let skip = index as usize % rooms.len().max(1);
    let mine = rooms.iter().skip(skip).step_by(lanes as usize);
    let end = Instant::now() + time;
    let mut latencies = Vec::new();
    for room in mine.cycle() {
        if Instant::now() >= end {
            break;
        }
        latencies.push(room.publish(backend, index).await?);
    }
    Ok(latencies)
}
