//! Who is in the document, and where (P13.7).

use validiant_core::Millis;
use validiant_core::member::SocketId;

use super::Document;
use crate::Unreadable;
use crate::awareness::{Awareness, Change, Who};
use crate::ports::{Sockets, Storage};
use crate::sync;
use crate::visitor::Visitor;

impl<S: Sockets, T: Storage> Document<S, T> {
    /// A client says something of itself.
    ///
    /// # Errors
    /// [`Unreadable`]; then nothing of it counts.
    pub(super) fn hear(
        &mut self,
        from: SocketId,
        update: &[u8],
        now: Millis,
    ) -> Result<(), Unreadable> {
        let Change { update, is_for_sender, reply, keep } =
            self.awareness().receive(from, update, now)?;
        for socket in keep {
            self.keep(socket);
        }
        let others = self.sockets.count().saturating_sub(1);
        // What is dropped here is told to who comes, and comes again with the next move.
        if let Some(update) = update
            && self.may_deliver(others, now)
        {
            let but = Some(from).filter(|_| !is_for_sender);
            self.sockets.send_all(but, &sync::awareness(&update).into());
        }
        if let Some(reply) = reply {
            self.sockets.send(from, &sync::awareness(&reply).into());
        }
        Ok(())
    }

    /// Sends a client all known states, if there are any.
    pub(super) fn tell_all_states(&mut self, to: SocketId) {
        if let Some(all) = self.awareness().all() {
            self.sockets.send(to, &sync::awareness(&all).into());
        }
    }

    /// A new socket can say something of itself.
    pub(super) fn has_joined(&mut self, socket: SocketId) {
        let Some(visitor) = self.sockets.visitor(socket) else { return };
        let who = who(visitor);
        self.awareness().join(socket, who, "");
    }

    /// Tells everybody that the clients of some sockets are gone.
    pub(super) fn tell_gone(&mut self, gone: &[(SocketId, Visitor)]) {
        let awareness = self.awareness.get_or_insert_default();
        let gone: Vec<_> = gone.iter().filter_map(|(socket, _)| awareness.leave(*socket)).collect();
        for update in gone {
            self.sockets.send_all(None, &sync::awareness(&update).into());
        }
    }

    /// What all sockets have said of themselves, from their attachments on waking.
    pub(super) fn awareness(&mut self) -> &mut Awareness {
        let Self { awareness, sockets, .. } = self;
        awareness.get_or_insert_with(|| {
            let mut awareness = Awareness::default();
            for (socket, visitor) in sockets.all() {
                awareness.join(socket, who(visitor), &visitor.awareness);
            }
            awareness
        })
    }

    fn keep(&mut self, socket: SocketId) {
        let kept = self.awareness().kept(socket);
        if let Some(visitor) = self.sockets.visitor(socket) {
            let visitor = Visitor { awareness: kept, ..visitor.clone() };
            self.sockets.replace(socket, visitor);
        }
    }
}

fn who(visitor: &Visitor) -> Who {
    Who {
        user: visitor.user.clone(),
        connection: visitor.connection_id.clone(),
        connected_at: visitor.connected_at,
    }
}
