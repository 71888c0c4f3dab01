//! Sockets that connect, and sockets that reconnect.

use std::time::Duration;

use anyhow::Result;
use futures::future::try_join_all;
use tokio::time::{Instant, sleep, sleep_until};

use super::{Metrics, fill, full_room, microseconds, milliseconds};
use crate::plan::Launch;
use crate::room::{Publisher, Room, Style};
use crate::server::Server;
use validiant_bench_ledger::Ledger;

/// Time for what a server still sends after the last handshake, such as a summary a second later.
const AFTERMATH: Duration = Duration::from_millis(1_500);

fn empty_room(launch: &Launch, server: &Server, id: &str, sockets: u32, users: bool) -> Room {
    let style = Style { users, batch: false, deflate: launch.deflate };
    Room::new(id.to_owned(), server.address, style, Ledger::new(sockets, false))
}

/// A server that has seen some sockets come and go.
pub struct Connecting {
    server: Server,
    /// The room, still empty.
    pub room: Room,
    sockets: u32,
    over: Duration,
}

impl Connecting {
    /// Warms up with another room.
    pub async fn new(
        launch: &Launch,
        server: Server,
        sockets: u32,
        users: bool,
        over: Duration,
    ) -> Result<Self> {
        let warm_up = empty_room(launch, &server, "warm-up", sockets, users);
        fill(&warm_up, sockets.min(100)).await?;
        drop(warm_up);
        sleep(AFTERMATH).await;
        let room = empty_room(launch, &server, "room", sockets, users);
        Ok(Self { server, room, sockets, over })
    }

    /// Connects all sockets, spread over a time, or as fast as possible if that is zero.
    pub async fn measure(&mut self) -> Result<Metrics> {
        let (cpu, memory) = (self.server.cpu()?, self.server.memory()?);
        let started = Instant::now();
        if self.over.is_zero() {
            fill(&self.room, self.sockets).await?;
        } else {
            try_join_all((0..self.sockets).map(|seat| self.connect_at(started, seat))).await?;
        }
        let elapsed = started.elapsed();
        sleep(AFTERMATH).await;
        let cpu = self.server.cpu()?.saturating_sub(cpu);
        let memory = self.server.memory()?.saturating_sub(memory);
        Ok(Metrics::from([
            ("connects/s", f64::from(self.sockets) / elapsed.as_secs_f64()),
            ("CPU µs/connect", microseconds(cpu) / f64::from(self.sockets)),
            ("memory KB/socket", memory as f64 / 1024.0 / f64::from(self.sockets)),
        ]))
    }

    async fn connect_at(&self, started: Instant, seat: u32) -> Result<()> {
        sleep_until(started + self.over * seat / self.sockets).await;
        self.room.connect(seat).await
    }
}

/// A server that is about to be killed.
pub struct Returning {
    launch: Launch,
    server: Server,
    /// The room.
    pub room: Room,
    sockets: u32,
}

impl Returning {
    /// Takes the server as it is.
    pub fn new(launch: &Launch, server: Server, sockets: u32) -> Self {
        let room = empty_room(launch, &server, "room", sockets, true);
        Self { launch: launch.clone(), server, room, sockets }
    }

    /// Kills the server under all sockets, starts it again, and makes all of them reconnect at once.
    pub async fn measure(&mut self) -> Result<Metrics> {
        let Self { launch, server, room, sockets } = self;
        let before = full_room(launch, server, "room", *sockets, (false, false)).await?;
        server.restart().await?;
        drop(before);
        let started = Instant::now();
        try_join_all((0..*sockets).map(|seat| room.connect(seat))).await?;
        let elapsed = started.elapsed();
        let cpu = server.cpu()?;
        let mut backend = Publisher::connect(server.address, launch).await?;
        let first = room.publish(&mut backend, 0).await?;
        Ok(Metrics::from([
            ("ms until all are back", milliseconds(elapsed)),
            ("CPU ms", milliseconds(cpu)),
            ("first broadcast ms", milliseconds(first)),
        ]))
    }
}
