//! Sockets that connect, and sockets that reconnect.

use std::time::Duration;

use anyhow::Result;
use futures::future::try_join_all;
use serde::Deserialize;
use tokio::time::{Instant, sleep, sleep_until};

use super::{Metrics, empty_room, fill, microseconds, milliseconds};
use crate::door::Who;
use crate::plan::Launch;
use crate::publisher::Publisher;
use crate::room::Room;
use crate::server::Server;
use validiant_bench_ledger::{Event, Excluded, Ledger};

/// Time for what a server still sends after the last handshake, such as a summary a second later.
const AFTERMATH: Duration = Duration::from_millis(1_500);
/// How many events a room has had before everybody has to come back.
const EVENTS_BEFORE: u32 = 20;
const ROOM: &str = "room";

/// A room whose events exclude nobody.
fn room_for(launch: &Launch, server: &Server, id: &str, sockets: u32, users: bool) -> Room {
    let who = if users { Who::Users } else { Who::Anonymous };
    empty_room(launch, server, id, (who, false), Ledger::new(sockets, Excluded::Nobody))
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
        let warm_up = room_for(launch, &server, "warm-up", sockets, users);
        fill(&warm_up, 0..sockets.min(100)).await?;
        drop(warm_up);
        sleep(AFTERMATH).await;
        let room = room_for(launch, &server, ROOM, sockets, users);
        Ok(Self { server, room, sockets, over })
    }

    /// Connects all sockets, spread over a time, or as fast as possible if that is zero.
    pub async fn measure(&mut self) -> Result<Metrics> {
        let (cpu, memory) = (self.server.cpu()?, self.server.memory()?);
        let started = Instant::now();
        if self.over.is_zero() {
            fill(&self.room, 0..self.sockets).await?;
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
        self.room.connect(seat).await?;
        Ok(())
    }
}

/// A server that is about to be killed.
pub struct Returning {
    launch: Launch,
    server: Server,
    before: Option<Room>,
    /// The room, to which nobody has come back yet.
    pub room: Room,
    sockets: u32,
}

impl Returning {
    /// Publishes some events, and then fills the room, so that everybody has the same position.
    pub async fn new(launch: &Launch, server: Server, sockets: u32) -> Result<Self> {
        let mut backend = Publisher::connect(server.address, launch).await?;
        for number in 1..=EVENTS_BEFORE {
            backend.post(ROOM, Event { lane: 0, number }.body(None), 0).await?;
            backend.answers().await?;
        }
        let before = room_for(launch, &server, ROOM, sockets, true);
        let position = position(&before.connect(0).await?)?;
        fill(&before, 1..sockets).await?;
        let room = room_for(launch, &server, ROOM, sockets, true).since(position);
        Ok(Self { launch: launch.clone(), server, before: Some(before), room, sockets })
    }

    /// Kills the server under all sockets, starts it again, and makes all of them reconnect at once.
    pub async fn measure(&mut self) -> Result<Metrics> {
        let Self { launch, server, before, room, sockets } = self;
        server.restart().await?;
        drop(before.take());
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

/// The position that `CONNECTED` gives; none without a history.
fn position(connected: &[u8]) -> Result<Option<String>> {
    #[derive(Deserialize)]
    struct Connected {
        payload: Payload,
    }
    #[derive(Deserialize)]
    struct Payload {
        epoch: Option<String>,
        seq: Option<u64>,
    }
    let Connected { payload: Payload { epoch, seq } } = serde_json::from_slice(connected)?;
    Ok(epoch.zip(seq).map(|(epoch, seq)| format!("{epoch}:{seq}")))
}
