//! The workloads: what is done to a server, and what is measured.

mod broadcast;
mod burst;
mod connect;
mod crowd;
mod pointers;
mod start;
mod typing;

use std::collections::BTreeMap;
use std::future::ready;
use std::ops::Range;
use std::time::Duration;

use anyhow::Result;
use futures::future::try_join_all;
use futures::stream::{self, StreamExt, TryStreamExt};

use crate::door::{Style, Who};
use crate::plan::{Launch, ServerPlan, Shape};
use crate::publisher::Publisher;
use crate::room::Room;
use crate::server::Server;
use validiant_bench_ledger::{Excluded, Faults, Ledger};

use broadcast::Broadcasting;
use burst::Bursting;
use connect::{Connecting, Returning};
use crowd::Crowded;
use pointers::Moving;
use start::{Starting, Waking};
use typing::Typing;

/// How many handshakes are in flight at once.
const HANDSHAKES: usize = 64;

/// Figures by name. The name includes the unit.
pub type Metrics = BTreeMap<&'static str, f64>;

/// A server that is ready to be measured, once or several times.
pub enum Prepared {
    /// See [`Shape::Broadcast`].
    Broadcast(Broadcasting),
    /// See [`Shape::Burst`].
    Burst(Bursting),
    /// See [`Shape::Crowd`].
    Crowd(Crowded),
    /// See [`Shape::Pointers`].
    Pointers(Moving),
    /// See [`Shape::Typing`].
    Typing(Typing),
    /// See [`Shape::Connect`].
    Connect(Connecting),
    /// See [`Shape::Return`].
    Return(Returning),
    /// See [`Shape::Wake`].
    Wake(Waking),
    /// See [`Shape::FirstRequest`].
    FirstRequest(Starting),
}

impl Prepared {
    /// Prepares a server, and the sockets that the workload keeps, for measuring.
    ///
    /// # Errors
    /// The server does not start, or refuses what it should accept.
    pub async fn new(launch: &Launch, server: &ServerPlan, shape: &Shape) -> Result<Self> {
        Ok(match *shape {
            Shape::Broadcast { rooms, sockets, seconds, singles, excludes } => {
                let server = Server::start(launch, server).await?;
                let time = (Duration::from_secs_f64(seconds), singles);
                Self::Broadcast(
                    Broadcasting::new(launch, server, (rooms, sockets), time, excludes).await?,
                )
            }
            Shape::Burst { sockets, events, rounds, batch } => {
                let server = Server::start(launch, server).await?;
                Self::Burst(Bursting::new(launch, server, sockets, (events, rounds), batch).await?)
            }
            Shape::Crowd { sockets, lone, bursts, events } => {
                let server = Server::start(launch, server).await?;
                Self::Crowd(Crowded::new(launch, server, sockets, (lone, bursts, events)).await?)
            }
            Shape::Pointers { people, rooms, sockets, seconds } => {
                let server = Server::start(launch, server).await?;
                let time = Duration::from_secs_f64(seconds);
                Self::Pointers(Moving::new(launch, server, people, (rooms, sockets), time).await?)
            }
            Shape::Typing { people, seconds } => {
                let server = Server::start(launch, server).await?;
                let time = Duration::from_secs_f64(seconds);
                Self::Typing(Typing::new(launch, server, people, time).await?)
            }
            Shape::Connect { sockets, users, over_ms } => {
                let server = Server::start(launch, server).await?;
                let over = Duration::from_millis(over_ms);
                Self::Connect(Connecting::new(launch, server, sockets, users, over).await?)
            }
            Shape::Return { sockets } => {
                let server = Server::start(launch, server).await?;
                Self::Return(Returning::new(launch, server, sockets).await?)
            }
            Shape::Wake { sockets } => {
                let server = Server::start(launch, server).await?;
                Self::Wake(Waking::new(launch, server, sockets).await?)
            }
            Shape::FirstRequest {} => Self::FirstRequest(Starting::new(launch, server)),
        })
    }

    /// Takes one measurement.
    ///
    /// # Errors
    /// The server refuses what it should take.
    pub async fn measure(&mut self) -> Result<Metrics> {
        match self {
            Self::Broadcast(workload) => workload.measure().await,
            Self::Burst(workload) => workload.measure().await,
            Self::Crowd(workload) => workload.measure().await,
            Self::Pointers(workload) => workload.measure().await,
            Self::Typing(workload) => workload.measure().await,
            Self::Connect(workload) => workload.measure().await,
            Self::Return(workload) => workload.measure().await,
            Self::Wake(workload) => workload.measure().await,
            Self::FirstRequest(workload) => workload.measure().await,
        }
    }

    /// What went wrong since it was prepared.
    #[must_use]
    pub fn faults(&self) -> Faults {
        match self {
            Self::Broadcast(workload) => workload.faults(),
            Self::Burst(workload) => workload.room.faults(),
            Self::Crowd(workload) => workload.faults(),
            Self::Pointers(workload) => workload.faults(),
            Self::Typing(workload) => workload.faults(),
            Self::Connect(workload) => workload.room.faults(),
            Self::Return(workload) => workload.room.faults(),
            Self::Wake(workload) => workload.room.faults(),
            Self::FirstRequest(_) => Faults::default(),
        }
    }
}

/// A room full of sockets.
async fn full_room(
    launch: &Launch,
    server: &Server,
    id: &str,
    sockets: u32,
    (batch, excluded): (bool, Excluded),
) -> Result<Room> {
    let room = empty_room(launch, server, id, (Who::Users, batch), Ledger::new(sockets, excluded));
    fill(&room, 0..sockets).await?;
    Ok(room)
}

/// A room to which nobody has connected yet. See [`Style`].
fn empty_room(
    launch: &Launch,
    server: &Server,
    id: &str,
    (who, batch): (Who, bool),
    ledger: Ledger,
) -> Room {
    let style = Style { who, batch, deflate: launch.deflate };
    Room::new(id.to_owned(), server.address, style, ledger)
}

/// Opens the sockets of some seats of a room as fast as the server accepts them.
async fn fill(room: &Room, seats: Range<u32>) -> Result<()> {
    stream::iter(seats)
        .map(|seat| room.connect(seat))
        .buffer_unordered(HANDSHAKES)
        .try_for_each(|_| ready(Ok(())))
        .await
}

/// One backend connection per lane.
async fn publishers(launch: &Launch, server: &Server, lanes: u32) -> Result<Vec<Publisher>> {
    try_join_all((0..lanes).map(|_| Publisher::connect(server.address, launch))).await
}

fn sorted(mut times: Vec<Duration>) -> Vec<Duration> {
    times.sort_unstable();
    times
}

/// The value below which `share` of the sorted values lie.
fn percentile(sorted: &[Duration], share: f64) -> f64 {
    let index = (sorted.len().saturating_sub(1) as f64 * share).round() as usize;
    milliseconds(sorted.get(index).copied().unwrap_or_default())
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn microseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}
