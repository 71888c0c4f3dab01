//! What the root puts in order: all that crosses places.

use crate::Millis;
use crate::encryption::KeyEpoch;
use crate::member::SocketId;
use crate::names::{ConnectionId, UserId};
use crate::ports::RosterEntry;
use crate::position::Seq;
use crate::publication::audience::Audience;
use crate::room_call::erasure::Erasure;
use crate::room_call::revocation::Revocation;
use crate::tree::Place;

/// Where something in a room comes from, or goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At {
    /// The place.
    pub place: Place,
    /// The socket there.
    pub socket: SocketId,
}

/// A connection of which a place tells something. For a moment, others may have sockets of it, too: old ones, whose end is
/// not noticed yet, or newer ones. What its newest socket has said stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Whose it is.
    pub user: UserId,
    /// Which one.
    pub connection: ConnectionId,
    /// When its newest socket at the place connected; `None` if it has none there any more.
    pub since: Option<Millis>,
}

/// Something that the root has put in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// An event of a backend. Counted: see [`Reached`](super::Reached).
    Event {
        /// Its number, if it is kept.
        seq: Option<Seq>,
        /// When it was published.
        at: Millis,
        /// Who gets it.
        audience: Audience,
        /// The frame.
        frame: String,
    },
    /// An event of a client (P11), which does not go back to its socket. Counted.
    Said {
        /// The socket that it comes from.
        from: At,
        /// Who gets it.
        audience: Audience,
        /// The frame.
        frame: String,
    },
    /// A `USER_UPDATED`, for those who are at certain places in the product (P12.7). Counted.
    Updated {
        /// Where in the product.
        heard_at: Vec<String>,
        /// The place of the sockets below.
        from: Place,
        /// The socket that does not get it, because it comes from there.
        but: Option<SocketId>,
        /// The other sockets of its connection, which get it wherever in the product they are.
        always: Vec<SocketId>,
        /// Whether a client has asked for it, so that it is refused over the limit (P11.5).
        is_limited: bool,
        /// The connection whose data the frame tells, if it tells any.
        about: Option<Subject>,
        /// The frame.
        frame: String,
    },
    /// What was told of connections at certain places in the product may be out of date, and nobody can correct it: the
    /// clients there connect anew.
    Stale {
        /// Not those at this place of the room: it has told it.
        but: Option<Place>,
        /// Where in the product; anywhere if there is none.
        told_at: Vec<String>,
    },
    /// A frame for everybody, such as a `PRESENCE`.
    Everybody {
        /// The frame.
        frame: String,
    },
    /// A frame for one socket.
    One {
        /// Which one.
        to: At,
        /// Whether it introduces somebody: of those, a socket gets a few only (P12.7).
        is_introduction: bool,
        /// The frame.
        frame: String,
    },
    /// Somebody has come to a place in the product: each leaf answers with an [`Entry::One`] for each connection there.
    Introduce {
        /// Who gets the answers.
        to: At,
        /// Where in the product.
        heard_at: String,
        /// Whose own connection is not introduced.
        user: UserId,
        /// That connection.
        connection: ConnectionId,
    },
    /// A user has left their old place, and is expected at this one, their home.
    Expect {
        /// The user, as waited for.
        entry: RosterEntry,
    },
    /// Something that keeps clients out has changed.
    Control {
        /// What.
        control: Control,
        /// The number of the change: as [`Head::controls`](super::Head::controls) from then on.
        number: u64,
    },
}

impl Entry {
    /// The frame, if it has one.
    #[must_use]
    pub fn frame(&self) -> Option<&str> {
        match self {
            Self::Event { frame, .. }
            | Self::Said { frame, .. }
            | Self::Updated { frame, .. }
            | Self::Everybody { frame }
            | Self::One { frame, .. } => Some(frame),
            Self::Stale { .. }
            | Self::Introduce { .. }
            | Self::Expect { .. }
            | Self::Control { .. } => None,
        }
    }
}

/// What keeps clients out. Each leaf stores it before it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    /// A user is removed, and kept out until then, if that is later than now.
    Remove {
        /// Who.
        user: UserId,
        /// Until when they are kept out; `None` if they may come back.
        until: Option<Millis>,
        /// The lowest key epoch that is taken from now on.
        min_key_epoch: Option<KeyEpoch>,
    },
    /// Tokens are revoked.
    Revoke(Revocation),
    /// The lowest key epoch that is taken.
    KeyEpoch(KeyEpoch),
    /// The room is erased.
    Erase(Erasure),
}

/// All that keeps clients out, for a leaf that has missed a change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Controls {
    /// As [`Head::controls`](super::Head::controls).
    pub number: u64,
    /// The removed users, and until when.
    pub removals: Vec<(UserId, Millis)>,
    /// The revocations.
    pub revocations: Vec<Revocation>,
    /// The lowest key epoch; 0 for none.
    pub min_key_epoch: KeyEpoch,
}
