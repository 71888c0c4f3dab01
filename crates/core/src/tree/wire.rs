//! What the objects of a grown room say to each other.

mod entry;

use super::{Place, Places};
use crate::Millis;
use crate::encryption::KeyEpoch;
use crate::limits::Exceeded;
use crate::member::User;
use crate::names::Epoch;
use crate::position::Seq;
use crate::publication::audience::Audience;

pub use entry::{At, Control, Controls, Entry, Subject};

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
