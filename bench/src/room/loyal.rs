//! Clients that come back: with their position, at once after their connection broke, or when they are told to.

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result};
use futures::StreamExt;
use memchr::memmem;
use tokio::net::TcpStream;
use tokio::sync::{Notify, Semaphore, watch};
use tokio::time::{Instant, sleep, timeout};
use yawc::frame::OpCode;
use yawc::{Frame, WebSocket};

use super::{RECOVERED, Room};
use crate::door::Door;
use validiant_bench_ledger::{Ledger, Seat};

/// How many handshakes are in flight at once.
const HANDSHAKES: usize = 128;
/// Before a client tries again that was not let in.
const RETRY: Duration = Duration::from_millis(200);
/// How long all together may take to come back.
const PATIENCE: Duration = Duration::from_secs(120);
/// "Try again": the client is to come back.
const TRY_AGAIN: u16 = 4200;

/// What the clients of a room that come back have in common.
pub struct Attendance {
    connected: watch::Sender<u32>,
    handshakes: Semaphore,
    /// Wakes one client, which is then cut off.
    cut: Notify,
    /// Whether the server may be gone.
    is_server_down: Cell<bool>,
    moves: Cell<u32>,
    newest_move: Cell<Instant>,
}

impl Attendance {
    /// Nobody is there yet.
    #[must_use]
    pub fn new() -> Rc<Self> {
        Rc::new(Self {
            connected: watch::Sender::new(0),
            handshakes: Semaphore::new(HANDSHAKES),
            cut: Notify::new(),
            is_server_down: Cell::new(false),
            moves: Cell::new(0),
            newest_move: Cell::new(Instant::now()),
        })
    }

    /// How many are connected.
    pub fn connected(&self) -> u32 {
        *self.connected.borrow()
    }

    /// Waits until exactly so many are connected.
    ///
    /// # Errors
    /// It does not come to that in time.
    pub async fn until(&self, clients: u32) -> Result<()> {
        let mut connected = self.connected.subscribe();
        let waiting = connected.wait_for(|connected| *connected == clients);
        let waited = timeout(PATIENCE, waiting).await;
        waited.with_context(|| format!("{} of {clients} are connected", self.connected()))??;
        Ok(())
    }

    /// Cuts one client off, as a bad network does: the one that has been there longest.
    pub fn cut_one_off(&self) {
        self.cut.notify_one();
    }

    /// Says that the server is about to be killed, or is back.
    pub fn server_is_down(&self, is_down: bool) {
        self.is_server_down.set(is_down);
    }

    /// How often the server has told a client to come back.
    pub fn moves(&self) -> u32 {
        self.moves.get()
    }

    /// How long ago that was last.
    pub fn since_newest_move(&self) -> Duration {
        self.newest_move.get().elapsed()
    }
}

impl Room {
    /// Opens the socket of one seat, now and again whenever it ends.
    pub fn keep(&self, seat: u32, attendance: &Rc<Attendance>) {
        let regular = Regular {
            seat,
            door: Rc::clone(&self.door),
            ledger: Rc::clone(&self.ledger),
            attendance: Rc::clone(attendance),
            position: None,
            books: None,
        };
        self.listeners.borrow_mut().spawn_local(regular.stay());
    }
}

/// The client of one seat.
struct Regular {
    seat: u32,
    door: Rc<Door>,
    ledger: Rc<RefCell<Ledger>>,
    attendance: Rc<Attendance>,
    position: Option<Position>,
    /// Once it has been let in.
    books: Option<Seat>,
}

struct Position {
    epoch: String,
    seq: u64,
}

/// How a connection ended.
enum End {
    /// The server says that the client is to come back after so long.
    Told(Duration),
    /// The server closed it in any other way.
    Closed,
    /// It broke.
    Broken,
    /// The client was cut off on purpose.
    Cut,
}

impl Regular {
    async fn stay(mut self) {
        loop {
            let Ok(socket) = self.connect().await else {
                sleep(RETRY).await;
                continue;
            };
            self.attendance.connected.send_modify(|connected| *connected += 1);
            let end = self.listen(socket).await;
            self.attendance.connected.send_modify(|connected| *connected -= 1);
            self.ended(end).await;
        }
    }

    async fn connect(&mut self) -> Result<WebSocket<TcpStream>> {
        let _permit = self.attendance.handshakes.acquire().await?;
        let since = self.position.as_ref().map(|Position { epoch, seq }| format!("{epoch}:{seq}"));
        let (socket, first) = self.door.open(self.seat, since.as_deref()).await?;
        let is_recovered = memmem::find(&first, RECOVERED).is_some();
        let mut ledger = self.ledger.borrow_mut();
        if since.is_some() && !is_recovered {
            ledger.faults.not_recovered += 1;
        }
        if !is_recovered {
            let epoch = text_after(&first, br#""epoch":""#).context("CONNECTED has no epoch")?;
            let seq = number_after(&first, br#""seq":"#).context("CONNECTED has no seq")?;
            self.position = Some(Position { epoch, seq });
        }
        self.books.get_or_insert_with(|| ledger.join(self.seat));
        Ok(socket)
    }

    async fn listen(&mut self, mut socket: WebSocket<TcpStream>) -> End {
        let attendance = Rc::clone(&self.attendance);
        let mut cut = pin!(attendance.cut.notified());
        loop {
            let frame = tokio::select! {
                frame = socket.next() => frame,
                () = &mut cut => return End::Cut,
            };
            match frame {
                None => return End::Broken,
                Some(frame) if frame.opcode() == OpCode::Close => return told(&frame),
                Some(frame) if frame.opcode() == OpCode::Text => self.take(frame.payload()),
                Some(_) => {}
            }
        }
    }

    fn take(&mut self, frame: &[u8]) {
        if let (Some(position), Some(seq)) = (&mut self.position, number_after(frame, br#""seq":"#))
        {
            position.seq = seq;
        }
        if let Some(books) = &mut self.books {
            self.ledger.borrow_mut().receive(books, frame);
        }
    }

    async fn ended(&self, end: End) {
        let Self { attendance, ledger, .. } = self;
        match end {
            End::Told(after) => {
                attendance.moves.set(attendance.moves.get() + 1);
                attendance.newest_move.set(Instant::now());
                sleep(after).await;
            }
            End::Closed => ledger.borrow_mut().faults.disconnected += 1,
            End::Broken if !attendance.is_server_down.get() => {
                ledger.borrow_mut().faults.disconnected += 1;
            }
            End::Broken | End::Cut => {}
        }
    }
}

fn told(close: &Frame) -> End {
    let payload = close.payload();
    let code = payload.first_chunk().map(|bytes| u16::from_be_bytes(*bytes));
    if code != Some(TRY_AGAIN) {
        return End::Closed;
    }
    let after = number_after(payload, br#""retryAfterMs":"#).unwrap_or_default();
    End::Told(Duration::from_millis(after))
}

/// The number after the last occurrence of a text.
fn number_after(frame: &[u8], text: &[u8]) -> Option<u64> {
    let rest = frame.get(memmem::rfind(frame, text)? + text.len()..)?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(rest.get(..digits)?).ok()?.parse().ok()
}

/// What follows the last occurrence of a text, up to a quotation mark.
fn text_after(frame: &[u8], text: &[u8]) -> Option<String> {
    let rest = frame.get(memmem::rfind(frame, text)? + text.len()..)?;
    let length = rest.iter().position(|byte| *byte == b'"')?;
    Some(std::str::from_utf8(rest.get(..length)?).ok()?.to_owned())
}
