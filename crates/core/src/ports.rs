//! The two ports through which a room acts on the outside world, small and synchronous.
//!
//! The Worker implements them on the runtime, and the tests in memory, so the tests run the real code.

use std::ops::RangeInclusive;

use crate::Millis;
use crate::limits::Allowance;
use crate::member::{Member, SocketId, User};
use crate::names::{Epoch, IdempotencyKey, UserId};
use crate::position::Seq;
use crate::publication::audience::Audience;
use crate::room_call::erasure::Erasure;
use crate::room_call::revocation::Revocation;
use crate::wire::close_code::Closing;

/// The runtime did not accept a socket, for example because the object is at its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAccepted;

/// The sockets of one room, with their members.
pub trait Sockets {
    /// A socket that is not yet in the room.
    type Handle;

    /// Adds a socket to the room.
    ///
    /// # Errors
    /// [`NotAccepted`]; then nothing has changed.
    fn add(&mut self, socket: Self::Handle, member: Member) -> Result<SocketId, NotAccepted>;

    /// The number of sockets.
    fn count(&self) -> usize;

    /// The members of all sockets.
    fn members(&self) -> impl Iterator<Item = &Member>;

    /// Sends every socket the frames that `choose` selects for its member, as places in `frames`, in the order in which
    /// the sockets connected. Returns how many sockets accepted one. This is the hot path.
    fn fan_out<C: IntoIterator<Item = usize>>(
        &mut self,
        frames: &[impl AsRef<str>],
        choose: impl FnMut(&Member) -> C,
    ) -> usize;

    /// Sends `frame` to one socket, if it still exists.
    fn send(&mut self, to: SocketId, frame: &str);

    /// Removes a socket and returns its member; `None` if it was already removed.
    fn remove(&mut self, socket: SocketId) -> Option<Member>;

    /// The sockets whose members match `is_meant`.
    fn select(&self, is_meant: impl Fn(&Member) -> bool) -> Vec<SocketId>;

    /// The member of a socket; `None` if it was removed.
    fn member(&self, socket: SocketId) -> Option<&Member>;

    /// Replaces the member of a socket, if the socket still exists.
    fn replace(&mut self, socket: SocketId, member: Member);

    /// What the client may still send on a socket; `None` if it was removed.
    fn allowance(&mut self, socket: SocketId) -> Option<&mut Allowance>;

    /// Closes a socket and removes it; `None` as in [`Self::remove`].
    fn close(&mut self, socket: SocketId, closing: Closing) -> Option<Member>;

    /// When a socket last pinged; `None` if it never did.
    fn last_ping(&self, socket: SocketId) -> Option<Millis>;
}

/// A user as stored, to be remembered when all sockets and the object are gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterEntry {
    /// Who.
    pub user: User,
    /// Since when they have been present.
    pub joined_at: Millis,
    /// When they count as gone unless they come back; `None` while they have a socket.
    pub leaves_at: Option<Millis>,
}

/// A read or a write of the storage failed. The port has logged why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StorageFailed;

/// The state of a room's history when it wakes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedJournal {
    /// Generated at random when the storage was made.
    pub epoch: Epoch,
    /// The oldest and the newest row; `None` if there is none.
    pub kept: Option<(Seq, Seq)>,
    /// When the oldest event was published; `None` if nothing is left but perhaps the number of the newest.
    pub oldest_at: Option<Millis>,
    /// Whether an alarm is set for as long as there are events: see [`Journal::is_watched_from_now_on`].
    pub is_watched: bool,
}

/// An event on its way into the journal.
#[derive(Debug, Clone, Copy)]
pub struct NewEvent<'a> {
    /// Its number.
    pub seq: Seq,
    /// The event whose row it overwrites, instead of using a new row.
    pub replaces: Option<Seq>,
    /// When it was published.
    pub at: Millis,
    /// Who gets it.
    pub audience: &'a Audience,
    /// The frame to send.
    pub frame: &'a str,
    /// Set on the last event of a publication with a key: the key, and how many of the publication's events are kept.
    pub publication: Option<(&'a IdempotencyKey, usize)>,
}

/// An event from the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptEvent {
    /// When it was published.
    pub at: Millis,
    /// Who gets it.
    pub audience: Audience,
    /// The frame, as it was sent.
    pub frame: String,
}

/// A publication that can be retried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPublication {
    /// The backend's key for it.
    pub key: IdempotencyKey,
    /// Its last event.
    pub last: Seq,
    /// How many events it has in the journal.
    pub events: usize,
    /// When it was published.
    pub at: Millis,
}

/// The events that a room keeps for clients that reconnect (P7), in storage that outlives the object.
///
/// Frames sent in the same turn as a write reach nobody before the write is durable: the runtime holds them back.
pub trait Journal {
    /// Opens the journal. Creates it with a new epoch if there is none.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn open(&mut self) -> Result<OpenedJournal, StorageFailed>;

    /// Writes events, one row each: all or none.
    ///
    /// # Errors
    /// [`StorageFailed`]; then none is written.
    fn append(&mut self, events: &[NewEvent<'_>]) -> Result<(), StorageFailed>;

    /// The events in `range`, in order; `None` if their frames total more than `max_bytes`.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn read(
        &self,
        range: RangeInclusive<Seq>,
        max_bytes: usize,
    ) -> Result<Option<Vec<KeptEvent>>, StorageFailed>;

    /// The newest event published at or before `time`; 0 if there is none.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn newest_until(&self, time: Millis) -> Result<Seq, StorageFailed>;

    /// When each of the events in `range` was published, in order; 0 for one that was dropped.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn times(&self, range: RangeInclusive<Seq>) -> Result<Vec<Millis>, StorageFailed>;

    /// When the oldest event was published, if there is any.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn oldest_at(&mut self) -> Result<Option<Millis>, StorageFailed>;

    /// Notes that the room drops expired events by alarm. An earlier version did not.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn is_watched_from_now_on(&mut self) -> Result<(), StorageFailed>;

    /// The publications with a key, in order.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn publications(&self) -> Result<Vec<KeptPublication>, StorageFailed>;

    /// Drops the events up to `seq`. The number of the newest event stays, so that numbering continues from it.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn drop_until(&mut self, seq: Seq) -> Result<(), StorageFailed>;

    /// Drops the whole journal including the epoch, if there is one.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn erase_all(&mut self) -> Result<(), StorageFailed>;
}

/// What outlives the object: the roster of present users, the removed users who may not come back yet, the revoked
/// tokens, the journal of events, and one alarm.
///
/// The port logs a failed write to the roster. The room continues with what it has in memory; the worst result is a user
/// who is announced twice after a restart.
pub trait Storage: Journal {
    /// The whole roster.
    fn load_roster(&mut self) -> Vec<RosterEntry>;

    /// Writes or replaces one user's entry.
    fn save(&mut self, entry: &RosterEntry);

    /// Erases one user's entry.
    fn erase(&mut self, user: &UserId);

    /// The removed users, and until when each is kept out.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn load_removals(&mut self) -> Result<Vec<(UserId, Millis)>, StorageFailed>;

    /// Stores until when a user is kept out.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn save_removal(&mut self, user: &UserId, until: Millis) -> Result<(), StorageFailed>;

    /// Drops the users who may come back at `now`.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn drop_removals(&mut self, now: Millis) -> Result<(), StorageFailed>;

    /// The stored revocations.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn load_revocations(&mut self) -> Result<Vec<Revocation>, StorageFailed>;

    /// Stores a revocation, replacing one of the same scope.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn save_revocation(&mut self, revocation: &Revocation) -> Result<(), StorageFailed>;

    /// Drops the revocations from before `time`, but not the one for all.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn drop_revocations(&mut self, time: Millis) -> Result<(), StorageFailed>;

    /// Erases everything including the alarm and the epoch, except the removals and the revocations if they are to stay.
    ///
    /// # Errors
    /// [`StorageFailed`]; then nothing is erased.
    fn erase_room(&mut self, erasure: Erasure) -> Result<(), StorageFailed>;

    /// Sets the one alarm, replacing an earlier one. It outlives the object.
    fn set_alarm(&mut self, at: Millis);
}
