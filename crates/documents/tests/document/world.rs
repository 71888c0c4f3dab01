//! A document with a world around it that evicts, crashes and lets time pass, and people who edit with `yrs`.

use std::rc::Rc;

use validiant_core::Millis;
use validiant_core::member::{HeldToken, SocketId, User};
use validiant_core::names::{ConnectionId, TokenId, UserId};
use validiant_core::wire::close_code::Closing;
use validiant_documents::room::{Closed, DocumentSettings, Due, Incoming, Ticket};
use validiant_documents::sync;
use validiant_documents::visitor::Visitor;
use yrs::updates::decoder::Decode;
use yrs::{Doc, GetString, ReadTxn, StateVector, Text, Transact, Update};

use crate::memory::{Frame, MemoryDocument, Out, SETTINGS, Shared, wake};

/// Everybody types into the text with this name.
pub const ROOT: &str = "t";

pub struct World {
    pub document: MemoryDocument,
    pub now: Millis,
    settings: DocumentSettings,
    platform: Shared,
    joined: usize,
}

impl World {
    pub fn new() -> Self {
        Self::with(SETTINGS)
    }

    pub fn with(settings: DocumentSettings) -> Self {
        let platform = Shared::default();
        let now = 1_000_000;
        Self { document: wake(&platform, settings, now), now, settings, platform, joined: 0 }
    }

    /// A client of this user connects; an empty one is anonymous.
    pub fn join(&mut self, user: &str) -> SocketId {
        self.joined += 1;
        let connection_id = ConnectionId::parse(&self.joined.to_string()).unwrap();
        self.connect(Visitor { connection_id, ..visitor(user) }).unwrap()
    }

    /// The same, and what it is greeted with is read.
    pub fn join_quietly(&mut self, user: &str) -> SocketId {
        let socket = self.join(user);
        self.inbox(socket);
        socket
    }

    pub fn connect(&mut self, visitor: Visitor) -> Result<SocketId, Closing> {
        let ticket = self.document.expect(visitor);
        self.let_in(ticket)
    }

    /// The project's room lets in who is expected.
    pub fn let_in(&mut self, ticket: Ticket) -> Result<SocketId, Closing> {
        let connected = self.document.connect(ticket, (), self.now);
        self.end_turn();
        connected.map(|connected| connected.socket)
    }

    pub fn leave(&mut self, socket: SocketId) {
        self.document.leave(socket, self.now);
        self.end_turn();
    }

    /// A client sends a frame.
    pub fn send(&mut self, socket: SocketId, frame: impl Into<Frame>) -> Option<Closed> {
        let closed = self.document.message(socket, Incoming::Binary(frame.into()), self.now);
        self.end_turn();
        closed
    }

    /// A client sends an update.
    pub fn edit(&mut self, socket: SocketId, update: &[u8]) -> Option<Closed> {
        self.send(socket, sync::update(update))
    }

    /// What has arrived at a socket since this was last asked.
    pub fn received(&mut self, socket: SocketId) -> Vec<Out> {
        let mut platform = self.platform.borrow_mut();
        let durable_turns = platform.disk.durable_turns();
        platform.wires.take(socket, durable_turns)
    }

    /// The frames in it.
    pub fn inbox(&mut self, socket: SocketId) -> Vec<Vec<u8>> {
        let frame = |out| match out {
            Out::Frame(frame) => Some(frame.as_ref().to_vec()),
            Out::Close(_) => None,
        };
        self.received(socket).into_iter().filter_map(frame).collect()
    }

    /// How a socket was closed.
    pub fn closing(&mut self, socket: SocketId) -> Option<Closing> {
        self.received(socket).into_iter().find_map(|out| match out {
            Out::Close(closing) => Some(closing),
            Out::Frame(_) => None,
        })
    }

    pub fn due(&mut self) -> Due {
        let due = self.document.take_due(self.now);
        self.end_turn();
        due
    }

    /// Lets time pass; what has gathered is written, and the alarm goes off, when it is due.
    pub fn pass(&mut self, ms: Millis) {
        let until = self.now + ms;
        loop {
            let write = self.document.take_due(self.now).write_in.map(|ms| self.now + ms);
            let alarm = self.alarm();
            let Some(at) = write.into_iter().chain(alarm).min().filter(|at| *at <= until) else {
                break;
            };
            self.now = self.now.max(at);
            if write == Some(at) {
                self.write();
            } else {
                self.fire();
            }
        }
        self.now = until;
    }

    pub fn write(&mut self) {
        self.document.write(self.now);
        self.end_turn();
    }

    /// The alarm goes off.
    pub fn fire(&mut self) -> validiant_documents::room::Alarmed {
        self.platform.borrow_mut().disk.fire();
        let alarmed = self.document.alarm(self.now);
        self.end_turn();
        alarmed
    }

    pub fn alarm(&self) -> Option<Millis> {
        self.platform.borrow().disk.alarm()
    }

    /// Compacts, in two turns.
    pub fn compact(&mut self) -> Option<validiant_documents::room::Compacted> {
        let begins = self.document.begin_compaction();
        self.end_turn();
        let done = begins.then(|| self.document.compact(self.now).unwrap());
        self.end_turn();
        done
    }

    /// The document hibernates, once everything is written.
    pub fn sleep(&mut self) {
        let due = self.document.take_due(self.now);
        self.pass(due.write_in.unwrap_or_default());
        self.lose_memory();
    }

    /// The document is taken out of memory, but its sockets stay.
    pub fn lose_memory(&mut self) {
        self.document = wake(&self.platform, self.settings, self.now);
    }

    /// The whole server is lost. What is not durable is gone, with all sockets.
    pub fn crash(&mut self) {
        {
            let platform = &mut *self.platform.borrow_mut();
            platform.disk.crash(0);
            platform.wires.drop_all(platform.disk.durable_turns());
        }
        self.lose_memory();
    }

    /// Everything that is written in a turn becomes durable at its end.
    pub fn end_turn(&mut self) {
        self.platform.borrow_mut().disk.confirm();
    }

    pub fn platform(&self) -> Shared {
        Rc::clone(&self.platform)
    }

    /// The bytes of each row.
    pub fn rows(&self) -> Vec<usize> {
        self.platform.borrow().disk.rows().map(|row| row.data.len()).collect()
    }

    pub fn rows_written(&self) -> usize {
        self.platform.borrow().disk.rows_written
    }

    /// The text as a backend reads it.
    pub fn text(&mut self) -> String {
        text_of(&self.document.read().unwrap())
    }
}

/// A client that may write, and whose user a token names.
pub fn visitor(user: &str) -> Visitor {
    let user =
        UserId::parse(user).ok().map(|id| User { verified: true, ..User::unverified(id, None) });
    let token = user.as_ref().map(|user| HeldToken {
        expires_at: Millis::MAX / 2,
        issued_at: 1_000,
        id: TokenId::parse(user.id.as_str()).ok(),
    });
    Visitor::new(ConnectionId::parse("c").unwrap(), user, token, true)
}

/// The text of an update.
pub fn text_of(update: &[u8]) -> String {
    let doc = Doc::new();
    doc.transact_mut().apply_update(Update::decode_v1(update).unwrap()).unwrap();
    let text = doc.get_or_insert_text(ROOT);
    text.get_string(&doc.transact())
}

/// Somebody who edits.
pub struct Editor {
    doc: Doc,
}

impl Editor {
    pub fn new(client: u64) -> Self {
        Self { doc: Doc::with_client_id(client) }
    }

    /// Inserts a text. Returns the update.
    pub fn insert(&mut self, at: u32, text: &str) -> Vec<u8> {
        let root = self.doc.get_or_insert_text(ROOT);
        let mut transaction = self.doc.transact_mut();
        root.insert(&mut transaction, at, text);
        transaction.encode_update_v1()
    }

    /// Adds a text at the end.
    pub fn add(&mut self, text: &str) -> Vec<u8> {
        let end = self.text().len() as u32;
        self.insert(end, text)
    }

    pub fn delete(&mut self, at: u32, len: u32) -> Vec<u8> {
        let root = self.doc.get_or_insert_text(ROOT);
        let mut transaction = self.doc.transact_mut();
        root.remove_range(&mut transaction, at, len);
        transaction.encode_update_v1()
    }

    pub fn apply(&mut self, update: &[u8]) {
        self.doc.transact_mut().apply_update(Update::decode_v1(update).unwrap()).unwrap();
    }

    pub fn text(&self) -> String {
        self.doc.get_or_insert_text(ROOT).get_string(&self.doc.transact())
    }

    /// Everything that it has.
    pub fn all(&self) -> Vec<u8> {
        self.doc.transact().encode_state_as_update_v1(&StateVector::default())
    }

    /// Its state vector.
    pub fn has(&self) -> Vec<u8> {
        use yrs::updates::encoder::Encode;
        self.doc.transact().state_vector().encode_v1()
    }
}
