//! The sockets in memory.

use std::collections::BTreeMap;
use std::rc::Rc;

use validiant_core::Millis;
use validiant_core::limits::rate::Bucket;
use validiant_core::member::SocketId;
use validiant_core::wire::close_code::Closing;
use validiant_documents::ports::{NotAccepted, Sockets};
use validiant_documents::visitor::Visitor;

use super::{Flaw, Shared};

/// A binary frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame(Rc<Vec<u8>>);

impl AsRef<[u8]> for Frame {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Frame {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Rc::new(bytes))
    }
}

impl Frame {
    /// Whether both are the very same frame, not only equal.
    pub fn is_same(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// What the server sends on a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Out {
    Frame(Frame),
    Close(Closing),
}

/// The server's ends of all sockets that there ever were.
#[derive(Default)]
pub struct Wires {
    wires: BTreeMap<SocketId, Wire>,
    next: u32,
    /// The next socket is not accepted.
    pub is_full: bool,
}

#[derive(Default)]
struct Wire {
    /// `None` once it is removed.
    attachment: Option<String>,
    last_ping: Option<Millis>,
    /// What leaves when so many turns are durable.
    sent: Vec<(usize, Out)>,
}

impl Wires {
    /// Takes what has left on a socket when so many turns are durable.
    pub fn take(&mut self, socket: SocketId, durable_turns: usize) -> Vec<Out> {
        let Some(wire) = self.wires.get_mut(&socket) else { return Vec::new() };
        let left = wire.sent.partition_point(|(gate, _)| *gate <= durable_turns);
        wire.sent.drain(..left).map(|(_, out)| out).collect()
    }

    /// Whether anything has not been taken.
    pub fn has_any_for(&self, socket: SocketId) -> bool {
        self.wires.get(&socket).is_some_and(|wire| !wire.sent.is_empty())
    }

    /// The sockets that the runtime still has.
    pub fn open(&self) -> Vec<SocketId> {
        let open = self.wires.iter().filter(|(_, wire)| wire.attachment.is_some());
        open.map(|(socket, _)| *socket).collect()
    }

    /// All sockets are lost, with what has not left.
    pub fn drop_all(&mut self, durable_turns: usize) {
        for wire in self.wires.values_mut() {
            wire.attachment = None;
            wire.sent.retain(|(gate, _)| *gate <= durable_turns);
        }
    }

    /// The runtime answers a ping.
    pub fn ping(&mut self, socket: SocketId, at: Millis) {
        if let Some(wire) = self.wires.get_mut(&socket) {
            wire.last_ping = Some(at);
        }
    }

    pub fn attachment(&self, socket: SocketId) -> Option<&str> {
        self.wires.get(&socket)?.attachment.as_deref()
    }
}

/// The port to the sockets.
pub struct MemorySockets {
    platform: Shared,
    entries: BTreeMap<SocketId, (Visitor, Bucket)>,
    /// The frame before, for [`Flaw::StaleFrame`].
    stale: Option<Frame>,
}

impl MemorySockets {
    pub fn wake(platform: Shared) -> Self {
        let flaw = platform.borrow().flaw;
        let wires = &platform.borrow().wires.wires;
        let read = |(socket, wire): (&SocketId, &Wire)| {
            let visitor = Visitor::parse(wire.attachment.as_deref()?).expect("its own text");
            Some((*socket, (visitor, Bucket::default())))
        };
        let mut entries: BTreeMap<SocketId, (Visitor, Bucket)> =
            wires.iter().filter_map(read).collect();
        let first = entries.values().next().and_then(|(visitor, _)| visitor.user.clone());
        for (visitor, _) in entries.values_mut() {
            visitor.may_write |= flaw == Some(Flaw::EverybodyWrites);
            if flaw == Some(Flaw::OneUser) {
                visitor.user.clone_from(&first);
            }
        }
        Self { platform: Rc::clone(&platform), entries, stale: None }
    }

    fn put(&self, socket: SocketId, out: Out) {
        let mut platform = self.platform.borrow_mut();
        let is_gated = platform.flaw != Some(Flaw::NoGate);
        let gate = if is_gated { platform.disk.gate() } else { 0 };
        if let Some(wire) = platform.wires.wires.get_mut(&socket) {
            wire.sent.push((gate, out));
        }
    }

    fn is_broken(&self, flaw: Flaw) -> bool {
        self.platform.borrow().flaw == Some(flaw)
    }

    fn attach(&self, socket: SocketId, attachment: Option<String>) {
        let wires = &mut self.platform.borrow_mut().wires.wires;
        wires.entry(socket).or_default().attachment = attachment;
    }
}

impl Sockets for MemorySockets {
    type Handle = ();
    type Frame = Frame;

    fn add(&mut self, (): (), visitor: Visitor) -> Result<SocketId, NotAccepted> {
        let socket = {
            let wires = &mut self.platform.borrow_mut().wires;
            if wires.is_full {
                return Err(NotAccepted);
            }
            wires.next += 1;
            SocketId(wires.next)
        };
        self.attach(socket, Some(visitor.to_text()));
        self.entries.insert(socket, (visitor, Bucket::default()));
        Ok(socket)
    }

    fn all(&self) -> impl Iterator<Item = (SocketId, &Visitor)> {
        self.entries.iter().map(|(socket, (visitor, _))| (*socket, visitor))
    }

    fn count(&self) -> usize {
        self.entries.len()
    }

    fn visitor(&self, socket: SocketId) -> Option<&Visitor> {
        self.entries.get(&socket).map(|(visitor, _)| visitor)
    }

    fn replace(&mut self, socket: SocketId, visitor: Visitor) {
        if let Some(entry) = self.entries.get_mut(&socket) {
            let text = visitor.to_text();
            entry.0 = visitor;
            if !self.is_broken(Flaw::ForgetfulAttachments) {
                self.attach(socket, Some(text));
            }
        }
    }

    fn messages(&mut self, socket: SocketId) -> Option<&mut Bucket> {
        self.entries.get_mut(&socket).map(|(_, bucket)| bucket)
    }

    fn send(&mut self, to: SocketId, frame: &Frame) {
        if self.entries.contains_key(&to) {
            let before = self.stale.replace(frame.clone());
            let stale = before.filter(|_| self.is_broken(Flaw::StaleFrame));
            self.put(to, Out::Frame(stale.unwrap_or_else(|| frame.clone())));
        }
    }

    fn send_all(&mut self, but: Option<SocketId>, frame: &Frame) {
        let but = but.filter(|_| !self.is_broken(Flaw::Echo));
        let deaf = self.entries.keys().last().filter(|_| self.is_broken(Flaw::DeafSocket));
        for socket in self.entries.keys().filter(|socket| Some(**socket) != but) {
            if Some(socket) != deaf {
                self.put(*socket, Out::Frame(frame.clone()));
            }
        }
    }

    fn remove(&mut self, socket: SocketId) -> Option<Visitor> {
        let (visitor, _) = self.entries.remove(&socket)?;
        self.attach(socket, None);
        Some(visitor)
    }

    fn close(&mut self, socket: SocketId, closing: Closing) -> Option<Visitor> {
        self.put(socket, Out::Close(closing));
        self.remove(socket)
    }

    fn last_ping(&self, socket: SocketId) -> Option<Millis> {
        self.platform.borrow().wires.wires.get(&socket)?.last_ping
    }
}
