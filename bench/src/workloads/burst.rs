//! Many events at once into one room.

use std::time::Duration;

use anyhow::Result;
use futures::future::try_join_all;
use tokio::time::Instant;

use super::{Metrics, full_room, microseconds, percentile, publishers, sorted};
use crate::plan::Launch;
use crate::publisher::Publisher;
use crate::room::Room;
use crate::server::Server;
use validiant_bench_ledger::Excluded;

/// A server with one full room.
pub struct Bursting {
    server: Server,
    /// The room.
    pub room: Room,
    backends: Vec<Publisher>,
    rounds: u32,
    recipients: u32,
}

impl Bursting {
    /// Fills a room, and sends two bursts into it.
    pub async fn new(
        launch: &Launch,
        server: Server,
        sockets: u32,
        (events, rounds): (u32, u32),
        batch: bool,
    ) -> Result<Self> {
        let room = full_room(launch, &server, "room", sockets, (batch, Excluded::OneUser)).await?;
        let backends = publishers(launch, &server, events).await?;
        let mut bursting = Self { server, room, backends, rounds, recipients: sockets - 1 };
        for _ in 0..2 {
            bursting.burst().await?;
        }
        Ok(bursting)
    }

    /// Posts all events at once, each over its own connection, waits for the last delivery, and repeats
    /// that.
    pub async fn measure(&mut self) -> Result<Metrics> {
        let (cpu, started) = (self.server.cpu()?, Instant::now());
        let mut latencies = Vec::new();
        for _ in 0..self.rounds {
            latencies.extend(self.burst().await?);
        }
        let (cpu, elapsed) = (self.server.cpu()?.saturating_sub(cpu), started.elapsed());
        let latencies = sorted(latencies);
        let deliveries = latencies.len() as f64 * f64::from(self.recipients);
        Ok(Metrics::from([
            ("deliveries/s", deliveries / elapsed.as_secs_f64()),
            ("CPU µs/delivery", microseconds(cpu) / deliveries),
            ("p50 ms", percentile(&latencies, 0.5)),
            ("p99 ms", percentile(&latencies, 0.99)),
        ]))
    }

    async fn burst(&mut self) -> Result<Vec<Duration>> {
        let room = &self.room;
        let posts = self.backends.iter_mut().zip(0..);
        try_join_all(posts.map(|(backend, lane)| room.publish(backend, lane))).await
    }
}
