//! Cold starts: the first request of a process, the first broadcast after hibernation.

use std::time::Duration;

use anyhow::Result;
use tokio::time::{Instant, sleep_until};

use super::{Metrics, full_room, milliseconds};
use crate::plan::{Launch, ServerPlan};
use crate::publisher::Publisher;
use crate::room::Room;
use crate::server::Server;
use validiant_bench_ledger::{Event, Excluded};

/// The runtime hibernates an object that has had no event for 10 s.
const IDLE: Duration = Duration::from_millis(11_500);
/// How many broadcasts a room gets before it is left alone.
const WARM_UP: u32 = 20;

/// A server that is not started yet.
pub struct Starting {
    launch: Launch,
    server: ServerPlan,
}

impl Starting {
    /// Takes note of it.
    pub fn new(launch: &Launch, server: &ServerPlan) -> Self {
        Self { launch: launch.clone(), server: server.clone() }
    }

    /// Starts a process and sends it one broadcast, into an empty room.
    pub async fn measure(&mut self) -> Result<Metrics> {
        let started = Instant::now();
        let server = Server::start(&self.launch, &self.server).await?;
        let listening = Instant::now();
        let mut backend = Publisher::connect(server.address, &self.launch).await?;
        let event = Event { lane: 0, number: 1 };
        backend.post("room", event.body(None), 0).await?;
        backend.answers().await?;
        let answered = Instant::now();
        Ok(Metrics::from([
            ("ms from start to answer", milliseconds(answered - started)),
            ("ms from request to answer", milliseconds(answered - listening)),
            ("CPU ms", milliseconds(server.cpu()?)),
        ]))
    }
}

/// A server whose only room is full and left alone.
pub struct Waking {
    server: Server,
    /// The room.
    pub room: Room,
    backend: Publisher,
    asleep: Instant,
}

impl Waking {
    /// Fills a room and broadcasts into it several times.
    pub async fn new(launch: &Launch, server: Server, sockets: u32) -> Result<Self> {
        let room = full_room(launch, &server, "room", sockets, (false, Excluded::OneUser)).await?;
        let mut backend = Publisher::connect(server.address, launch).await?;
        for _ in 0..WARM_UP {
            room.publish(&mut backend, 0).await?;
        }
        let asleep = Instant::now() + IDLE;
        Ok(Self { server, room, backend, asleep })
    }

    /// Waits until the room hibernates, and broadcasts into it.
    pub async fn measure(&mut self) -> Result<Metrics> {
        sleep_until(self.asleep).await;
        let cpu = self.server.cpu()?;
        let first = self.room.publish(&mut self.backend, 0).await?;
        let cpu = self.server.cpu()?.saturating_sub(cpu);
        self.asleep = Instant::now() + IDLE;
        Ok(Metrics::from([
            ("ms to last delivery", milliseconds(first)),
            ("CPU ms", milliseconds(cpu)),
        ]))
    }
}
