//! The clients of one shared document: they type, and behave as the stock clients of Yjs do.
//!
//! A keystroke is two messages: the update with one letter, and the awareness state with the new place of the caret.
//! Stock clients (`y-partyserver` 2.2.0 and `y-websocket` 3.1.0) send every awareness state that is new to them back to
//! the server, so these do as well.

use std::cell::RefCell;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result};
use futures::channel::mpsc::{UnboundedSender, unbounded};
use futures::stream::SplitStream;
use futures::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use validiant_bench_ledger::{Faults, connection_id, user_id};
use yawc::frame::OpCode;
use yawc::{Frame, Options, WebSocket};

use crate::lib0::{Reader, Writer};

/// How long to wait for a handshake or an update.
const PATIENCE: Duration = Duration::from_secs(60);

/// The first bytes of messages (y-protocols 1.0.7).
const SYNC: u64 = 0;
const STEP_1: u64 = 0;
const STEP_2: u64 = 1;
const UPDATE: u64 = 2;
const AWARENESS: u64 = 1;

/// Client ids of Yjs are random and of 32 bits; these have the same length.
const FIRST_CLIENT: u64 = 3_000_000_000;

/// A document and its sockets, which listen until it is dropped.
pub struct Document {
    path: String,
    address: SocketAddr,
    deflate: bool,
    books: Rc<RefCell<Books>>,
    sockets: RefCell<JoinSet<()>>,
}

/// What is under way, and what went wrong.
#[derive(Default)]
struct Books {
    sockets: u32,
    under_way: HashMap<Keystroke, UnderWay>,
    faults: Faults,
}

/// One letter, by the client that typed it and its clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Keystroke {
    client: u64,
    clock: u64,
}

struct UnderWay {
    has_it: Vec<bool>,
    missing: u32,
    complete: Option<oneshot::Sender<Instant>>,
}

/// Somebody who types.
pub struct Typist {
    client: u64,
    seat: u32,
    typed: u64,
    clock: u64,
    out: UnboundedSender<Vec<u8>>,
}

impl Document {
    /// A document that nobody has opened yet. `path`: below the host, without a slash in front.
    pub fn new(path: String, address: SocketAddr, deflate: bool) -> Self {
        Self { path, address, deflate, books: Rc::default(), sockets: RefCell::default() }
    }

    /// Opens it for one more person, and waits until they are in sync.
    ///
    /// # Errors
    /// The server refuses them, or does not answer in time.
    pub async fn open(&self) -> Result<Typist> {
        let seat = self.books.borrow().sockets;
        self.books.borrow_mut().sockets += 1;
        let socket =
            timeout(PATIENCE, self.handshake(seat)).await.context("no answer in time")??;
        let (out, synced) = self.start(seat, socket);
        let mut step_1 = Writer::default();
        step_1.numbers(&[SYNC, STEP_1]).bytes(&[0]);
        out.unbounded_send(step_1.finish())?;
        timeout(PATIENCE, synced).await.context("not in sync in time")??;
        let client = FIRST_CLIENT + u64::from(seat);
        Ok(Typist { client, seat, typed: 0, clock: 0, out })
    }

    /// Begins to listen, and to write what is put into the queue that is returned; the other half of it says when the
    /// client is in sync.
    fn start(
        &self,
        seat: u32,
        socket: WebSocket<TcpStream>,
    ) -> (UnboundedSender<Vec<u8>>, oneshot::Receiver<()>) {
        let (mut sink, stream) = socket.split();
        let (out, mut queue) = unbounded();
        let (in_sync, synced) = oneshot::channel();
        let (clocks, in_sync) = (HashMap::new(), Some(in_sync));
        let books = Rc::clone(&self.books);
        let listener = Listener { seat, out: out.clone(), clocks, in_sync, books };
        let mut sockets = self.sockets.borrow_mut();
        sockets.spawn_local(listener.listen(stream));
        sockets.spawn_local(async move {
            while let Some(message) = queue.next().await {
                if sink.send(Frame::binary(message)).await.is_err() {
                    break;
                }
            }
        });
        (out, synced)
    }

    async fn handshake(&self, seat: u32) -> Result<WebSocket<TcpStream>> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let options = Options::default().with_read_buffer_capacity(1024);
        let options = if self.deflate { options } else { options.without_compression() };
        let Self { address, path, .. } = self;
        let (user, connection) = (user_id(seat), connection_id(seat));
        let url = format!("ws://{address}/{path}?_pk={connection}&userId={user}&userName=U{seat}");
        Ok(WebSocket::handshake(url.parse()?, stream, options).await?)
    }

    /// Somebody types a letter. Returns how long it takes until everybody else has it.
    ///
    /// # Errors
    /// The socket is closed. A letter that does not arrive in time is recorded as a fault.
    pub async fn keystroke(&self, typist: &mut Typist) -> Result<Duration> {
        let keystroke = Keystroke { client: typist.client, clock: typist.typed };
        let (complete, completed) = oneshot::channel();
        self.books.borrow_mut().expect(keystroke, typist.seat, complete);
        let started = Instant::now();
        typist.out.unbounded_send(typist.letter())?;
        typist.typed += 1;
        typist.clock += 1;
        typist.out.unbounded_send(typist.caret())?;
        if let Ok(at) = timeout(PATIENCE, completed).await {
            return Ok(at.unwrap_or(started).duration_since(started));
        }
        self.books.borrow_mut().faults.lost += 1;
        Ok(PATIENCE)
    }

    /// What went wrong so far.
    pub fn faults(&self) -> Faults {
        self.books.borrow().faults
    }
}

impl Typist {
    /// The update with the next letter, at the end of what they typed before.
    fn letter(&self) -> Vec<u8> {
        let mut update = Writer::default();
        update.numbers(&[1, 1, self.client, self.typed]);
        match self.typed.checked_sub(1) {
            // An item with a left origin, and content that is text.
            Some(before) => update.byte(0x84).numbers(&[self.client, before]),
            // An item whose parent is a root type.
            None => update.byte(0x04).numbers(&[1]).bytes(b"text"),
        };
        update.bytes(&[b'a' + (self.typed % 26) as u8]).numbers(&[0]);
        let mut message = Writer::default();
        message.numbers(&[SYNC, UPDATE]).bytes(&update.finish());
        message.finish()
    }

    /// Where the caret is, as `y-codemirror.next` and Tiptap say it.
    fn caret(&self) -> Vec<u8> {
        let Self { client, seat, typed, clock, .. } = self;
        let place = format!(
            r#"{{"type":null,"tname":"text","item":{{"client":{client},"clock":{typed}}},"assoc":0}}"#
        );
        let state = format!(
            r##"{{"user":{{"name":"U{seat}","color":"#30bced"}},"cursor":{{"anchor":{place},"head":{place}}}}}"##
        );
        let mut update = Writer::default();
        update.numbers(&[1, *client, *clock]).bytes(state.as_bytes());
        let mut message = Writer::default();
        message.numbers(&[AWARENESS]).bytes(&update.finish());
        message.finish()
    }
}

impl Books {
    fn expect(&mut self, keystroke: Keystroke, by: u32, complete: oneshot::Sender<Instant>) {
        let mut has_it = vec![false; self.sockets as usize];
        if let Some(own) = has_it.get_mut(by as usize) {
            *own = true;
        }
        let missing = self.sockets - 1;
        let under_way = UnderWay { has_it, missing, complete: Some(complete) };
        self.under_way.insert(keystroke, under_way);
    }

    fn arrived(&mut self, keystroke: Keystroke, at: u32) {
        let Some(under_way) = self.under_way.get_mut(&keystroke) else { return };
        let Some(has_it) = under_way.has_it.get_mut(at as usize) else { return };
        // The sender gets its own letter back.
        let is_own = keystroke.client == FIRST_CLIENT + u64::from(at);
        if std::mem::replace(has_it, true) {
            self.faults.doubled_or_late += u64::from(!is_own);
            return;
        }
        under_way.missing -= 1;
        if under_way.missing == 0
            && let Some(complete) = under_way.complete.take()
        {
            // Nobody waits any longer if it was given up.
            let _ = complete.send(Instant::now());
        }
    }
}

/// The reading half of one socket.
struct Listener {
    seat: u32,
    out: UnboundedSender<Vec<u8>>,
    /// The newest clock of each client's awareness.
    clocks: HashMap<u64, u64>,
    in_sync: Option<oneshot::Sender<()>>,
    books: Rc<RefCell<Books>>,
}

impl Listener {
    async fn listen(mut self, mut frames: SplitStream<WebSocket<TcpStream>>) {
        while let Some(frame) = frames.next().await {
            if frame.opcode() == OpCode::Binary && self.take(frame.payload()).is_none() {
                self.books.borrow_mut().faults.not_as_sent += 1;
            }
        }
        self.books.borrow_mut().faults.disconnected += 1;
    }

    /// `None` if the message can't be read.
    fn take(&mut self, message: &[u8]) -> Option<()> {
        let mut reader = Reader(message);
        if reader.number()? == AWARENESS {
            if self.is_news(reader.bytes()?)? {
                self.out.unbounded_send(message.to_vec()).ok()?;
            }
            return Some(());
        }
        match reader.number()? {
            STEP_1 => {
                let mut nothing = Writer::default();
                nothing.numbers(&[SYNC, STEP_2]).bytes(&[0, 0]);
                self.out.unbounded_send(nothing.finish()).ok()?;
            }
            STEP_2 => {
                if let Some(in_sync) = self.in_sync.take() {
                    in_sync.send(()).ok()?;
                }
            }
            _ => {
                let mut update = Reader(reader.bytes()?);
                let [_clients, _structs] = [update.number()?, update.number()?];
                let keystroke = Keystroke { client: update.number()?, clock: update.number()? };
                self.books.borrow_mut().arrived(keystroke, self.seat);
            }
        }
        Some(())
    }

    /// Whether anything in an awareness update is newer than what this client knows of others.
    fn is_news(&mut self, update: &[u8]) -> Option<bool> {
        let mut reader = Reader(update);
        let mut is_news = false;
        for _ in 0..reader.number()? {
            let [client, clock] = [reader.number()?, reader.number()?];
            reader.bytes()?;
            let known = self.clocks.get(&client);
            if client != FIRST_CLIENT + u64::from(self.seat) && known.is_none_or(|it| *it < clock) {
                self.clocks.insert(client, clock);
                is_news = true;
            }
        }
        Some(is_news)
    }
}
