//! The clients of one room: sockets that listen, and some that also send.

mod loyal;

use std::cell::RefCell;
use std::future::pending;
use std::net::SocketAddr;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Result, ensure};
use bytes::Bytes;
use futures::stream::SplitSink;
use futures::{SinkExt, Stream, StreamExt};
use memchr::memmem;
use tokio::net::TcpStream;
use tokio::sync::oneshot::Receiver;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use yawc::frame::OpCode;
use yawc::{Frame, WebSocket};

use crate::door::{Door, PATIENCE, Style};
use crate::publisher::Publisher;
pub use loyal::Attendance;
use validiant_bench_ledger::{Faults, Ledger, Published, Seat};

/// In the first frame on a socket that gave its position, if nothing is lost to it.
const RECOVERED: &[u8] = br#""recovered":true"#;

/// A room and its sockets, which listen until it is dropped.
pub struct Room {
    door: Rc<Door>,
    /// The position that each socket gives when it connects.
    since: Option<String>,
    ledger: Rc<RefCell<Ledger>>,
    listeners: RefCell<JoinSet<()>>,
}

impl Room {
    /// A room without sockets yet.
    pub fn new(id: String, address: SocketAddr, style: Style, ledger: Ledger) -> Self {
        let ledger = Rc::new(RefCell::new(ledger));
        let door = Rc::new(Door { id, address, style });
        Self { door, since: None, ledger, listeners: RefCell::default() }
    }

    /// Sockets come back from this position.
    #[must_use]
    pub fn since(self, position: Option<String>) -> Self {
        Self { since: position, ..self }
    }

    /// Opens the socket of one seat, and waits for its first frame, which it answers.
    ///
    /// # Errors
    /// The server refuses it, does not answer in time, or no longer has what came after its position.
    pub async fn connect(&self, seat: u32) -> Result<Bytes> {
        let (socket, first) = self.door.open(seat, self.since.as_deref()).await?;
        if self.since.is_some() {
            ensure!(memmem::find(&first, RECOVERED).is_some(), "not recovered: {first:?}");
        }
        self.listen(seat, socket);
        Ok(first)
    }

    /// Opens the socket of one seat, whose client also sends.
    ///
    /// # Errors
    /// As for [`Self::connect`].
    pub async fn join(&self, seat: u32) -> Result<Client> {
        let (socket, _) = self.door.open(seat, self.since.as_deref()).await?;
        let (sink, stream) = socket.split();
        self.listen(seat, stream);
        Ok(Client { seat, sink })
    }

    fn listen(&self, seat: u32, frames: impl Stream<Item = Frame> + Unpin + 'static) {
        let books = self.ledger.borrow().seat(seat);
        let listener = listen(frames, books, Rc::clone(&self.ledger));
        self.listeners.borrow_mut().spawn_local(listener);
    }

    /// Publishes one event, and waits until every socket has it, but not for the answer. Returns how long that took.
    ///
    /// # Errors
    /// The server refuses it or an earlier one. An event that does not arrive in time is recorded as a fault.
    pub async fn publish(&self, publisher: &mut Publisher, lane: u32) -> Result<Duration> {
        let published = self.ledger.borrow_mut().publish(lane);
        let Published { event, excluded, recipients, completed } = published;
        let started = Instant::now();
        publisher.post(&self.door.id, event.body(excluded), recipients).await?;
        let mut arrival = pin!(self.arrival(lane, started, completed));
        loop {
            tokio::select! {
                time = &mut arrival => return Ok(time),
                Some(answer) = publisher.answers.join_next() => publisher.take(answer)?,
            }
        }
    }

    /// A client sends one event, and waits until every other socket has it. Returns how long that took.
    ///
    /// # Errors
    /// The socket is closed. An event that does not arrive in time is recorded as a fault.
    pub async fn send(&self, client: &mut Client) -> Result<Duration> {
        let Published { event, completed, .. } = self.ledger.borrow_mut().publish(client.seat);
        let started = Instant::now();
        client.sink.send(Frame::text(event.message())).await?;
        Ok(self.arrival(client.seat, started, completed).await)
    }

    /// Waits until the last socket has the event that is under way in a lane. Returns how long that took.
    async fn arrival(&self, lane: u32, started: Instant, completed: Receiver<Instant>) -> Duration {
        if let Ok(at) = timeout(PATIENCE, completed).await {
            return at.unwrap_or(started).duration_since(started);
        }
        self.ledger.borrow_mut().give_up(lane);
        PATIENCE
    }

    /// Takes note of answers with a wrong number of recipients.
    pub fn miscounted(&self, answers: u64) {
        self.ledger.borrow_mut().faults.miscounted += answers;
    }

    /// What went wrong so far.
    pub fn faults(&self) -> Faults {
        self.ledger.borrow().faults
    }
}

/// A client that sends. What it gets is checked by its room.
pub struct Client {
    seat: u32,
    sink: SplitSink<WebSocket<TcpStream>, Frame>,
}

async fn listen(
    mut frames: impl Stream<Item = Frame> + Unpin,
    mut seat: Seat,
    ledger: Rc<RefCell<Ledger>>,
) {
    while let Some(frame) = frames.next().await {
        if frame.opcode() == OpCode::Text {
            ledger.borrow_mut().receive(&mut seat, frame.payload());
        }
    }
    ledger.borrow_mut().faults.disconnected += 1;
    // The task continues, so that the set of listeners is always the set of all sockets.
    pending::<()>().await;
}
