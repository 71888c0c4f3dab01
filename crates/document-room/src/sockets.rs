//! The port to the sockets: hibernatable WebSockets, known to both sides by a number.

use validiant_core::Millis;
use validiant_core::limits::rate::Bucket;
use validiant_core::member::SocketId;
use validiant_core::wire::close_code::Closing;
use validiant_documents::ports::{NotAccepted, Sockets};
use validiant_documents::visitor::Visitor;
use wasm_bindgen::prelude::*;

use crate::frame::Frame;
use crate::host::HostSockets;

/// Separates the attachments of several sockets. No attachment contains it: see [`Visitor::to_text`].
const ATTACHMENT_END: char = '\u{1e}';
/// Separates the number of a socket from its visitor.
const NUMBER_END: char = '\n';

struct Entry {
    id: SocketId,
    visitor: Visitor,
    messages: Bucket,
}

/// The sockets of the document with their visitors, cached from the attachments.
pub struct RuntimeSockets {
    host: HostSockets,
    /// In the order of their numbers, which is the order in which they connected.
    entries: Vec<Entry>,
    next: u32,
}

impl RuntimeSockets {
    /// Reads the attachments of all sockets. A closing socket still has a visitor, because the document has not been told
    /// of its end yet.
    pub fn wake(host: HostSockets) -> Self {
        let attachments = host.wake();
        let entries: Vec<Entry> = attachments.split(ATTACHMENT_END).filter_map(entry_of).collect();
        let next = entries.last().map_or(0, |entry| entry.id.0.wrapping_add(1));
        Self { host, entries, next }
    }

    fn position(&self, id: SocketId) -> Option<usize> {
        self.entries.binary_search_by_key(&id, |entry| entry.id).ok()
    }

    fn entry(&self, id: SocketId) -> Option<&Entry> {
        self.entries.get(self.position(id)?)
    }

    fn entry_mut(&mut self, id: SocketId) -> Option<&mut Entry> {
        let position = self.position(id)?;
        self.entries.get_mut(position)
    }

    fn take(&mut self, id: SocketId) -> Option<Visitor> {
        self.position(id).map(|position| self.entries.remove(position).visitor)
    }
}

fn entry_of(attachment: &str) -> Option<Entry> {
    let (number, visitor) = attachment.split_once(NUMBER_END)?;
    let id = SocketId(number.parse().ok()?);
    Some(Entry { id, visitor: Visitor::parse(visitor)?, messages: Bucket::default() })
}

fn attachment(id: SocketId, visitor: &Visitor) -> String {
    let mut text = id.0.to_string();
    text.push(NUMBER_END);
    text.push_str(&visitor.to_text());
    text
}

impl Sockets for RuntimeSockets {
    type Handle = JsValue;
    type Frame = Frame;

    fn add(&mut self, socket: JsValue, visitor: Visitor) -> Result<SocketId, NotAccepted> {
        let id = SocketId(self.next);
        if !self.host.accept(id.0, &socket, &attachment(id, &visitor)) {
            return Err(NotAccepted);
        }
        self.entries.push(Entry { id, visitor, messages: Bucket::default() });
        self.next = self.next.wrapping_add(1);
        Ok(id)
    }

    fn all(&self) -> impl Iterator<Item = (SocketId, &Visitor)> {
        self.entries.iter().map(|entry| (entry.id, &entry.visitor))
    }

    fn count(&self) -> usize {
        self.entries.len()
    }

    fn visitor(&self, socket: SocketId) -> Option<&Visitor> {
        self.entry(socket).map(|entry| &entry.visitor)
    }

    fn replace(&mut self, socket: SocketId, visitor: Visitor) {
        if let Some(entry) = self.entry_mut(socket) {
            entry.visitor = visitor;
            let text = attachment(socket, &entry.visitor);
            self.host.attach(socket.0, &text);
        }
    }

    fn messages(&mut self, socket: SocketId) -> Option<&mut Bucket> {
        self.entry_mut(socket).map(|entry| &mut entry.messages)
    }

    fn send(&mut self, to: SocketId, frame: &Frame) {
        self.host.send(to.0, frame.buffer());
    }

    fn send_all(&mut self, but: Option<SocketId>, frame: &Frame) {
        self.host.send_all(but.map(|id| id.0), frame.buffer());
    }

    fn remove(&mut self, socket: SocketId) -> Option<Visitor> {
        self.host.remove(socket.0);
        self.take(socket)
    }

    fn close(&mut self, socket: SocketId, closing: Closing) -> Option<Visitor> {
        self.host.close(socket.0, closing.code.number, &closing.reason());
        self.take(socket)
    }

    fn last_ping(&self, socket: SocketId) -> Option<Millis> {
        self.host.last_ping(socket.0).map(|at| at as Millis)
    }
}
