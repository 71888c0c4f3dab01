//! Who is in an encrypted document, and where: each client says one thing, which replaces what it said before. What it says
//! is encrypted, so it is checked by whoever can read it.

use validiant_core::Millis;
use validiant_core::member::SocketId;

use super::super::Document;
use crate::ports::{Sockets, Storage};
use crate::sealed::{Sealed, awareness};
use crate::visitor::Visitor;

/// An attachment is a text. Each byte is a character from here on, none of which separates anything.
const FIRST: u32 = 0x100;

impl<S: Sockets, T: Storage> Document<S, T> {
    /// A client says something of itself.
    pub(super) fn hear_sealed(
        &mut self,
        socket: SocketId,
        sealed: Option<Sealed<'_>>,
        now: Millis,
    ) {
        let (epoch, bytes) =
            sealed.map_or((self.floor, [].as_slice()), |sealed| (sealed.epoch, sealed.bytes));
        if self.refuses(socket, 0, epoch, true) {
            return;
        }
        let Some(visitor) = self.sockets.visitor(socket) else { return };
        let visitor = Visitor { awareness: to_text(bytes), ..visitor.clone() };
        let update = awareness(std::iter::once((name(socket, &visitor), visitor.sender(), bytes)));
        self.sockets.replace(socket, visitor);
        let others = self.sockets.count().saturating_sub(1);
        // What is dropped here is told to who comes, and comes again with the next move.
        if self.may_deliver(others, now) {
            self.sockets.send_all(Some(socket), &update.into());
        }
    }

    /// Sends a client what all others say, if they say anything.
    pub(in crate::room) fn tell_all_sealed(&mut self, to: SocketId) {
        let said = |(socket, visitor): (SocketId, &Visitor)| {
            let bytes = to_bytes(&visitor.awareness);
            (!bytes.is_empty()).then(|| (name(socket, visitor), visitor.sender(), bytes))
        };
        let all: Vec<_> = self.sockets.all().filter_map(said).collect();
        if !all.is_empty() {
            let all = all
                .iter()
                .map(|(name, sender, bytes)| (name.clone(), sender.clone(), bytes.as_slice()));
            self.sockets.send(to, &awareness(all).into());
        }
    }

    /// Tells the others who is gone that had said something.
    pub(in crate::room) fn tell_gone_sealed(&mut self, gone: &[(SocketId, Visitor)]) {
        let had_said = |(_, visitor): &&(SocketId, Visitor)| {
            visitor.is_sealed() && !visitor.awareness.is_empty()
        };
        let mut gone = gone.iter().filter(had_said).peekable();
        if gone.peek().is_some() {
            let gone = gone
                .map(|(socket, visitor)| (name(*socket, visitor), visitor.sender(), [].as_slice()));
            self.sockets.send_all(None, &awareness(gone).into());
        }
    }
}

/// Names a socket: never the same for two.
fn name(socket: SocketId, visitor: &Visitor) -> String {
    [socket.0.to_string(), visitor.connected_at.to_string()].join(".")
}

fn to_text(bytes: &[u8]) -> String {
    bytes.iter().filter_map(|byte| char::from_u32(FIRST + u32::from(*byte))).collect()
}

fn to_bytes(text: &str) -> Vec<u8> {
    text.chars().filter_map(|it| u8::try_from(u32::from(it).checked_sub(FIRST)?).ok()).collect()
}
