//! The changes of presence data that a leaf has told the root, and that the root may refuse.

use std::rc::Rc;

use super::{Asker, Outbox};
use crate::member::SocketId;
use crate::names::{ConnectionId, UserId};
use crate::presence_data::PresenceData;
use crate::sorted::SortedSet;

/// A change of presence data that the root may refuse.
#[derive(Debug)]
pub struct Change {
    /// The socket that has asked for it.
    pub from: SocketId,
    /// All sockets of its connection.
    pub own: Vec<SocketId>,
    /// The data that they had.
    pub before: Option<PresenceData>,
    /// The data that they have.
    pub after: Option<PresenceData>,
    /// Whose they are.
    pub user: UserId,
    /// Their connection.
    pub connection: ConnectionId,
    /// Whether others may have been told it meanwhile by something that is not refused.
    pub is_told: bool,
    /// What is kept from its sockets meanwhile.
    pub held_back: HeldBack,
}

/// So much is held back from a client that moves. It is a few milliseconds of what is told at one place in the product.
const MOST_HELD_BACK: usize = 256;

/// What was told where a client was, while it is not certain whether it has moved.
#[derive(Debug, Default)]
pub struct HeldBack {
    /// The frames, in order.
    pub frames: Vec<Rc<str>>,
    /// Whether that is not all.
    pub is_partial: bool,
}

impl HeldBack {
    fn push(&mut self, frame: &Rc<str>) {
        match self.frames.len() < MOST_HELD_BACK {
            true => self.frames.push(Rc::clone(frame)),
            false => self.is_partial = true,
        }
    }
}

impl Change {
    /// Whether the connection is elsewhere in the product now.
    fn is_move(&self) -> bool {
        self.left() != self.at()
    }

    /// Where in the product the connection is now.
    #[must_use]
    pub fn at(&self) -> Option<&str> {
        self.after.as_ref().and_then(PresenceData::at)
    }

    /// The same, if it was not there before.
    #[must_use]
    pub fn comes_to(&self) -> Option<&str> {
        self.at().filter(|_| self.is_move())
    }

    /// Where in the product the connection was.
    fn left(&self) -> Option<&str> {
        self.before.as_ref().and_then(PresenceData::at)
    }

    /// Whether it is one of this connection.
    #[must_use]
    pub fn is_of(&self, user: &UserId, connection: &ConnectionId) -> bool {
        (&self.user, &self.connection) == (user, connection)
    }
}

impl Outbox {
    /// The changes of presence data that wait, or are on their way. Collected, so that the two loops are there once.
    #[inline(never)]
    fn changes(&self) -> Vec<&Change> {
        let on_way = self.on_way.iter().flat_map(|on_way| &on_way.waiting);
        on_way.chain(&self.waiting).filter_map(|waiting| waiting.asker.change()).collect()
    }

    #[inline(never)]
    fn changes_mut(&mut self) -> Vec<&mut Change> {
        let on_way = self.on_way.iter_mut().flat_map(|on_way| &mut on_way.waiting);
        on_way.chain(&mut self.waiting).filter_map(|waiting| waiting.asker.change_mut()).collect()
    }

    /// Whether it is not certain yet where in the product a connection is.
    #[must_use]
    pub fn is_moving(&self, user: &UserId, connection: &ConnectionId) -> bool {
        self.changes().iter().any(|change| change.is_move() && change.is_of(user, connection))
    }

    /// Others are told what these changes have made of a connection.
    pub fn tells(&mut self, is_meant: impl Fn(&Change) -> bool) {
        for change in self.changes_mut() {
            change.is_told |= is_meant(change);
        }
    }

    /// The sockets that were at certain places in the product, and move away if the root does not refuse that.
    pub fn moved_from(&self, is_meant: impl Fn(&str) -> bool) -> Vec<SocketId> {
        let mut sockets = Vec::new();
        for change in self.changes() {
            if change.is_move() && change.left().is_some_and(&is_meant) {
                sockets.extend(&change.own);
            }
        }
        sockets
    }

    /// Keeps what is told at certain places in the product from the sockets that move away from there: it is theirs if the
    /// root refuses that. Returns all sockets that move. `but`: not for the connection of this socket.
    pub fn hold_back(
        &mut self,
        frame: &str,
        but: Option<SocketId>,
        is_told_at: impl Fn(&str) -> bool,
    ) -> SortedSet<SocketId> {
        let (mut moving, mut shared) = (SortedSet::default(), None);
        for change in self.changes_mut().into_iter().filter(|change| change.is_move()) {
            let mut is_first = true;
            for socket in &change.own {
                is_first &= !moving.contains(socket);
                moving.insert(*socket, ());
            }
            let is_own = but.is_some_and(|but| change.own.contains(&but));
            if is_first && !is_own && change.left().is_some_and(&is_told_at) {
                change.held_back.push(shared.get_or_insert_with(|| Rc::from(frame)));
            }
        }
        moving
    }

    /// The data of a connection that others may still believe in, because a change may yet be refused.
    #[must_use]
    pub fn data_before_changes(
        &self,
        user: &UserId,
        connection: &ConnectionId,
    ) -> Vec<PresenceData> {
        let of_it = self.changes().into_iter().filter(|change| change.is_of(user, connection));
        of_it.filter_map(|change| change.before.clone()).collect()
    }

    /// Takes out the changes of certain connections that wait.
    pub fn take_changes_of(
        &mut self,
        is_meant: impl Fn(&UserId, &ConnectionId) -> bool,
    ) -> Vec<Box<Change>> {
        let mut taken = Vec::new();
        for waiting in std::mem::take(&mut self.waiting) {
            match waiting.asker {
                Asker::Changed(change) if is_meant(&change.user, &change.connection) => {
                    taken.push(change);
                }
                _ => self.waiting.push(waiting),
            }
        }
        self.count_bytes();
        taken
    }
}
