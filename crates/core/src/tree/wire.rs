//! What the objects of a grown room say to each other.

use super::{Place, Places};
use crate::Millis;
use crate::encryption::KeyEpoch;
use crate::limits::Exceeded;
use crate::member::{SocketId, User};
use crate::names::{ConnectionId, Epoch, UserId};
use crate::ports::RosterEntry;
use crate::position::Seq;
use crate::publication::audience::Audience;
use crate::room_call::erasure::Erasure;
use crate::room_call::revocation::Revocation;

/// The version of this format. Objects of another version are not understood (P15).
pub const VERSION: u32 = 1;

/// A life of an object, as the others know it: a later one has a higher number.
pub type Incarnation = u64;

/// How many there are at a place, or at several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Sockets.
    pub sockets: u64,
    /// Users who are present.
    pub users: u64,
}

/// What a leaf needs to know of its room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The life of the history; `None` if none is kept.
    pub epoch: Option<Epoch>,
    /// The newest kept event that the leaf has been sent and has confirmed.
    pub seq: Seq,
    /// Counts the changes of what keeps clients out: see [`Control`].
    pub controls: u64,
    /// The places; none, of version 0, if the leaf knows them.
    pub places: Places,
    /// The sockets and users of all other places; `None` if the root does not know those of all.
    pub others: Option<Counts>,
}

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
    /// An event of a backend. Counted: see [`Reached`].
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
        /// The number of the change: as [`Head::controls`] from then on.
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
    /// As [`Head::controls`].
    pub number: u64,
    /// The removed users, and until when.
    pub removals: Vec<(UserId, Millis)>,
    /// The revocations.
    pub revocations: Vec<Revocation>,
    /// The lowest key epoch; 0 for none.
    pub min_key_epoch: KeyEpoch,
}

/// A call from the root to a leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Down {
    /// To whom.
    pub place: Place,
    /// The life of the root.
    pub root: Incarnation,
    /// The life of the leaf; 0 if the root does not know it.
    pub leaf: Incarnation,
    /// The number of this call in the session of these two lives, from 1.
    pub number: u64,
    /// When it was sent first.
    pub sent_at: Millis,
    /// Whether it has been sent before, and was not answered.
    pub is_repeat: bool,
    /// Whether this life of the root goes on where the one before it ended, with nothing lost.
    pub continues: bool,
    /// Whether the leaf must close its sockets, because something may be missing.
    pub reset: bool,
    /// What the leaf needs to know, as before the entries.
    pub head: Head,
    /// All that keeps clients out, if the leaf has asked for it.
    pub snapshot: Option<Controls>,
    /// Whether the answer is to list the users.
    pub wants_users: bool,
    /// What has happened, in order.
    pub entries: Vec<Entry>,
}

impl Down {
    /// Whether everything is erased with it.
    #[must_use]
    pub fn erases(&self) -> bool {
        let erases =
            |entry: &Entry| matches!(entry, Entry::Control { control: Control::Erase(_), .. });
        self.entries.iter().any(erases)
    }
}

/// How many sockets an entry that is counted was sent to, and how many were excluded (P2.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reached {
    /// Sockets that got it.
    pub recipients: u64,
    /// Sockets that would have got it but for an exclusion; for a removal, those that were closed.
    pub excluded: u64,
}

/// The answer to a [`Down`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DownAnswer {
    /// The life of the leaf.
    pub leaf: Incarnation,
    /// What became of the call.
    pub outcome: DownOutcome,
    /// How many there are at this leaf; `None` if it has not read its roster yet, so that nothing has changed.
    pub counts: Option<Counts>,
    /// Of the entries that are counted and of the controls, in order.
    pub reached: Vec<Reached>,
    /// The users with their devices, if asked for.
    pub users: Vec<ListedUser>,
}

/// What became of a [`Down`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DownOutcome {
    /// It was taken, now or before.
    Done,
    /// It was for another life of the leaf, or lacks something: the leaf wants it again with its own number.
    Again {
        /// With all that keeps clients out.
        wants_controls: bool,
    },
    /// The leaf knows a later life of the root.
    Stale {
        /// Which.
        root: Incarnation,
    },
}

/// A user in the state of a room (P1.9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedUser {
    /// Who.
    pub user: User,
    /// Since when.
    pub joined_at: Millis,
    /// Their distinct connections.
    pub devices: u64,
}

/// A call from a leaf to the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Up {
    /// By whom.
    pub place: Place,
    /// The life of the leaf.
    pub leaf: Incarnation,
    /// The life of the root; 0 if the leaf does not know it. Then nothing else has happened: it asks where it stands.
    pub root: Incarnation,
    /// The number of this call in the session of these two lives, from 1; 0 if it does not know the root.
    pub number: u64,
    /// The newest kept event that the leaf has got, if it knows.
    pub seq: Option<Seq>,
    /// The number of the last [`Down`] that the leaf has taken in this session.
    pub taken: u64,
    /// How many there are at this leaf, as in [`DownAnswer`].
    pub counts: Option<Counts>,
    /// Whether its users have changed since the root has last confirmed to have heard of them.
    pub is_news: bool,
    /// Whether it wants all that keeps clients out.
    pub wants_controls: bool,
    /// The positions of clients that have missed more than the leaf knows, in ascending order.
    pub pulls: Vec<Seq>,
    /// What has happened here.
    pub entries: Vec<Entry>,
}

/// The answer to an [`Up`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpAnswer {
    /// The life of the root.
    pub root: Incarnation,
    /// The life of the leaf that the root knows; 0 for none. A leaf whose own number is lower takes a higher one.
    pub leaf: Incarnation,
    /// Whether it goes on where the life before it ended, with nothing lost.
    pub continues: bool,
    /// What became of the call.
    pub outcome: UpOutcome,
    /// The number of the last [`Down`] that this leaf has confirmed in this session; [`Head::seq`] is as after it.
    pub confirmed: u64,
    /// What the leaf needs to know.
    pub head: Head,
    /// All that keeps clients out, if asked for.
    pub snapshot: Option<Controls>,
    /// Of each entry: why it is refused, if it is.
    pub refused: Vec<Option<Refused>>,
    /// What was asked for, in order, up to the first position for which there are events: these cover all later ones.
    pub pulled: Vec<Pulled>,
}

/// Why the root refuses something that a client of a leaf has said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// For a limit of the room (P11.5).
    Over(Exceeded),
    /// It was on its way while the lowest key epoch went up to this (P14.5).
    OldKey(KeyEpoch),
}

impl From<Exceeded> for Refused {
    fn from(exceeded: Exceeded) -> Self {
        Self::Over(exceeded)
    }
}

/// What became of an [`Up`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpOutcome {
    /// It was taken, now or before.
    Done,
    /// It was for another life of the root. Nothing was taken.
    Other,
    /// The room has no such place. Nothing was taken.
    NotAPlace,
    /// The leaf must close its sockets, because something may be missing. Nothing was taken.
    Reset,
}

/// What came after a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pulled {
    /// The position.
    pub since: Seq,
    /// The events after it; `None` if they can't be had.
    pub events: Option<Vec<Kept>>,
}

/// A kept event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its number.
    pub seq: Seq,
    /// When it was published.
    pub at: Millis,
    /// Who gets it.
    pub audience: Audience,
    /// The frame.
    pub frame: String,
}
