//! What a leaf has to say to the root, and who is concerned if the root refuses it.

use super::Change;
use crate::member::SocketId;
use crate::names::{ConnectionId, UserId};
use crate::tree::wire::Entry;

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

impl Asker {
    /// The change of its data, if that is what the client has asked for.
    pub(super) fn change(&self) -> Option<&Change> {
        match self {
            Self::Changed(change) => Some(change),
            _ => None,
        }
    }

    pub(super) fn change_mut(&mut self) -> Option<&mut Change> {
        match self {
            Self::Changed(change) => Some(change),
            _ => None,
        }
    }
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
