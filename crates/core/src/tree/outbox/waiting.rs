//! What a leaf has to say to the root, and who is concerned if the root refuses it.

use std::rc::Rc;

use crate::member::SocketId;
use crate::names::{ConnectionId, UserId};
use crate::presence_data::PresenceData;
use crate::tree::wire::Entry;

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
    /// Where in the product they come to, if they were not there before.
    pub comes_to: Option<String>,
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
    pub(super) fn push(&mut self, frame: &Rc<str>) {
        match self.frames.len() < MOST_HELD_BACK {
            true => self.frames.push(Rc::clone(frame)),
            false => self.is_partial = true,
        }
    }
}

impl Change {
    /// Whether the connection is elsewhere in the product now.
    #[must_use]
    pub fn is_move(&self) -> bool {
        self.left() != self.after.as_ref().and_then(PresenceData::at)
    }

    /// Where in the product the connection was.
    pub(super) fn left(&self) -> Option<&str> {
        self.before.as_ref().and_then(PresenceData::at)
    }

    /// Whether it is one of this connection.
    #[must_use]
    pub fn is_of(&self, user: &UserId, connection: &ConnectionId) -> bool {
        (&self.user, &self.connection) == (user, connection)
    }
}

/// Who is concerned if the root refuses something.
#[derive(Debug)]
pub enum Asker {
    /// Nobody: it is never refused.
    Nobody,
    /// The client on this socket.
    Client(SocketId),
    /// The client that has changed its data.
    Changed(Box<Change>),
}

/// Something to say, and for whom.
#[derive(Debug)]
pub struct Waiting {
    /// What.
    pub entry: Entry,
    /// For whom.
    pub asker: Asker,
}

impl Waiting {
    /// Whether it is said in the next life of the leaf, too: where a user is expected, and what others are to believe of a
    /// connection. The sockets of this life are gone.
    pub(super) fn outlives(&mut self) -> bool {
        match &mut self.entry {
            Entry::Expect { .. } | Entry::Stale { .. } => true,
            Entry::Updated { but, always, is_limited, .. } => {
                (*but, *is_limited) = (None, false);
                always.clear();
                true
            }
            _ => false,
        }
    }

    /// Those who would have heard this hear that, too.
    pub(super) fn also_heard_by_those_of(&mut self, earlier: &Self) {
        let (Entry::Updated { heard_at, .. }, Entry::Updated { heard_at: more, .. }) =
            (&mut self.entry, &earlier.entry)
        else {
            return;
        };
        for at in more {
            if !heard_at.contains(at) {
                heard_at.push(at.clone());
            }
        }
    }

    /// The connection that it tells of, if it does.
    pub(super) fn connection(&self) -> Option<(&UserId, &ConnectionId)> {
        match &self.entry {
            Entry::Updated { about: Some(about), .. } => Some((&about.user, &about.connection)),
            _ => None,
        }
    }

    pub(super) fn bytes(&self) -> usize {
        const AROUND: usize = 128;
        AROUND + self.entry.frame().map_or(0, str::len)
    }
}
