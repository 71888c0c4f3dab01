//! The clients of one room: listening sockets, and a backend that publishes.

use std::cell::RefCell;
use std::future::pending;
use std::net::SocketAddr;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use futures::stream::SplitSink;
use futures::{SinkExt, Stream, StreamExt};
use http_body_util::Full;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use memchr::memmem;
use tokio::net::TcpStream;
use tokio::sync::oneshot::Receiver;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, timeout};
use yawc::frame::OpCode;
use yawc::{Frame, Options, WebSocket};

use crate::plan::Launch;
use validiant_bench_ledger::{Faults, Ledger, Seat, connection_id, user_id};

/// How long to wait for an event or a handshake.
const PATIENCE: Duration = Duration::from_secs(60);

/// In the first frame on a socket that gave its position, if nothing is lost to it.
const RECOVERED: &[u8] = br#""recovered":true"#;

/// How the sockets of a room connect.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Each is a different user; otherwise all are anonymous.
    pub users: bool,
    /// They accept several events in one frame.
    pub batch: bool,
    /// They offer permessage-deflate.
    pub deflate: bool,
}

/// A room and its sockets, which listen until it is dropped.
pub struct Room {
    id: String,
    address: SocketAddr,
    style: Style,
    /// The position that each socket gives when it connects.
    since: Option<String>,
    ledger: Rc<RefCell<Ledger>>,
    listeners: RefCell<JoinSet<()>>,
}

impl Room {
    /// A room without sockets yet.
    pub fn new(id: String, address: SocketAddr, style: Style, ledger: Ledger) -> Self {
        let ledger = Rc::new(RefCell::new(ledger));
        Self { id, address, style, since: None, ledger, listeners: RefCell::default() }
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
        let (socket, first) = self.open(seat).await?;
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
        let (socket, _) = self.open(seat).await?;
        let (sink, stream) = socket.split();
        self.listen(seat, stream);
        Ok(Client { seat, sink })
    }

    async fn open(&self, seat: u32) -> Result<(WebSocket<TcpStream>, Bytes)> {
        timeout(PATIENCE, self.handshake(seat)).await.context("no CONNECTED in time")?
    }

    fn listen(&self, seat: u32, frames: impl Stream<Item = Frame> + Unpin + 'static) {
        let books = self.ledger.borrow().seat(seat);
        let listener = listen(frames, books, Rc::clone(&self.ledger));
        self.listeners.borrow_mut().spawn_local(listener);
    }

    async fn handshake(&self, seat: u32) -> Result<(WebSocket<TcpStream>, Bytes)> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let options = Options::default().with_read_buffer_capacity(1024);
        let options = if self.style.deflate { options } else { options.without_compression() };
        let mut socket = WebSocket::handshake(self.url(seat).parse()?, stream, options).await?;
        let first = socket.next().await.context("closed before the first frame")?;
        ensure!(
            first.payload().starts_with(br#"{"type":"CONNECTED""#),
            "the first frame is {:?}",
            first.as_str()
        );
        Ok((socket, first.into_payload()))
    }

    fn url(&self, seat: u32) -> String {
        let Self { id, address, style, since, .. } = self;
        let user = if style.users {
            format!("&userId={}&userName=User+{seat}", user_id(seat))
        } else {
            String::new()
        };
        let frames = if style.batch { "&frames=batch" } else { "" };
        let since =
            since.as_ref().map_or_else(String::new, |position| format!("&since={position}"));
        let connection = connection_id(seat);
        format!("ws://{address}/parties/main/{id}?_pk={connection}{user}{frames}{since}")
    }

    /// Publishes one event, and waits until every socket has it, but not for the answer. Returns how long that took.
    ///
    /// # Errors
    /// The server refuses it or an earlier one. An event that does not arrive in time is recorded as a fault.
    pub async fn publish(&self, publisher: &mut Publisher, lane: u32) -> Result<Duration> {
        let (event, excluded, completed) = self.ledger.borrow_mut().publish(lane);
        let started = Instant::now();
        publisher.post(&self.id, event.body(excluded)).await?;
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
        let (event, _, completed) = self.ledger.borrow_mut().publish(client.seat);
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

async fn dial(address: SocketAddr) -> Result<Connection> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

type Connection = SendRequest<Full<Bytes>>;
/// The answer to a broadcast: how long it took, and its connection, which is free again.
type Answer = Result<(Duration, Connection)>;

/// A backend that keeps its connections alive. It has as many as it waits for answers.
pub struct Publisher {
    address: SocketAddr,
    free: Vec<Connection>,
    authorization: String,
    answers: JoinSet<Answer>,
    times: Vec<Duration>,
}

impl Publisher {
    /// Connects a backend.
    ///
    /// # Errors
    /// The server is not there.
    pub async fn connect(address: SocketAddr, launch: &Launch) -> Result<Self> {
        let authorization = format!("Bearer {}", launch.secret);
        let free = vec![dial(address).await?];
        Ok(Self { address, free, authorization, answers: JoinSet::new(), times: Vec::new() })
    }

    /// POSTs a broadcast, and does not wait for the answer: backends fire and forget.
    ///
    /// # Errors
    /// The server is not there.
    pub async fn post(&mut self, room: &str, body: String) -> Result<()> {
        let request = Request::post(format!("/parties/main/{room}"))
            .header(header::HOST, "localhost")
            .header(header::AUTHORIZATION, &self.authorization)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::from(body))?;
        let connection = self.free_connection().await?;
        self.answers.spawn_local(answer(self.address, connection, request));
        Ok(())
    }

    async fn free_connection(&mut self) -> Result<Connection> {
        while let Some(mut connection) = self.free.pop() {
            // The server closes a connection that has been idle for some seconds.
            if connection.ready().await.is_ok() {
                return Ok(connection);
            }
        }
        dial(self.address).await
    }

    /// Notes an answer.
    ///
    /// # Errors
    /// The server refused the broadcast.
    fn take(&mut self, answer: Result<Answer, JoinError>) -> Result<()> {
        let (time, connection) = answer??;
        self.times.push(time);
        self.free.push(connection);
        Ok(())
    }

    /// Waits for all answers. Returns how long each took since the last call.
    ///
    /// # Errors
    /// The server refused a broadcast.
    pub async fn answers(&mut self) -> Result<Vec<Duration>> {
        while let Some(answer) = self.answers.join_next().await {
            self.take(answer)?;
        }
        Ok(std::mem::take(&mut self.times))
    }
}

async fn answer(
    address: SocketAddr,
    mut connection: Connection,
    request: Request<Full<Bytes>>,
) -> Answer {
    let started = Instant::now();
    let response = match connection.try_send_request(request).await {
        Ok(response) => response,
        Err(mut error) => {
            // If the request comes back unsent, the server has just closed the idle connection.
            let Some(request) = error.take_message() else { return Err(error.into_error().into()) };
            connection = dial(address).await?;
            connection.send_request(request).await?
        }
    };
    let status = response.status();
    let answer = http_body_util::BodyExt::collect(response.into_body()).await?.to_bytes();
    if status != StatusCode::OK {
        bail!("a broadcast was answered {status}: {}", String::from_utf8_lossy(&answer));
    }
    Ok((started.elapsed(), connection))
}
