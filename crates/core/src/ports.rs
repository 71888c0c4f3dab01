//! The two ports through which a room reaches the world, small and synchronous.
//!
//! The Worker implements them on the runtime, the tests in memory: what is tested is what runs.

use std::ops::RangeInclusive;

use crate::Millis;
use crate::audience::Audience;
use crate::close_code::Closing;
use crate::erasure::Erasure;
use crate::limits::Allowance;
use crate::member::{Member, SocketId, User};
use crate::names::{Epoch, IdempotencyKey, UserId};
use crate::position::Seq;
use crate::revocation::Revocation;

/// A socket that the runtime did not take, for example because the object has its most already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAccepted;

/// The sockets of one room, with who sits at each.
pub trait Sockets {
    /// A socket that is not yet in the room.
    type Handle;

    /// Takes a socket into the room.
    ///
    /// # Errors
    /// [`NotAccepted`]; then nothing has changed.
    fn add(&mut self, socket: Self::Handle, member: Member) -> Result<SocketId, NotAccepted>;

    /// How many there are.
    fn count(&self) -> usize;

    /// Who sits at each of them.
    fn members(&self) -> impl Iterator<Item = &Member>;

    /// Hands every socket the frames that `choose` chooses for its member, by their places in `frames`, in
    /// the order in which the sockets connected. Answers how many took one. This is the hot path.
    fn fan_out<C: IntoIterator<Item = usize>>(
        &mut self,
        frames: &[impl AsRef<str>],
        choose: impl FnMut(&Member) -> C,
    ) -> usize;

    /// Hands `frame` to one socket, if it is still there.
    fn send(&mut self, to: SocketId, frame: &str);

    /// Takes a socket out and answers who sat there; `None` if it was taken out before.
    fn remove(&mut self, socket: SocketId) -> Option<Member>;

    /// The sockets whose member `is_meant` is true of.
    fn select(&self, is_meant: impl Fn(&Member) -> bool) -> Vec<SocketId>;

    /// Who sits at a socket; `None` if it was taken out.
    fn member(&self, socket: SocketId) -> Option<&Member>;

    /// Gives a socket another member in place of its own, if it is still there.
    fn replace(&mut self, socket: SocketId, member: Member);

    /// What may still be said on a socket; `None` if it was taken out.
    fn allowance(&mut self, socket: SocketId) -> Option<&mut Allowance>;

    /// Closes a socket and takes it out; `None` as in [`Self::remove`].
    fn close(&mut self, socket: SocketId, closing: Closing) -> Option<Member>;

    /// When a socket pinged last; `None` if it never did.
    fn last_ping(&self, socket: SocketId) -> Option<Millis>;
}

/// A user as the room remembers them when all sockets are gone and the object with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterEntry {
    /// Who.
    pub user: User,
    /// Since when they are here.
    pub joined_at: Millis,
    /// When they count as gone, if they have no socket and do not return; `None` while they have.
    pub leaves_at: Option<Millis>,
}

/// A read or a write of the storage that failed. The port has logged why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StorageFailed;

/// What a room finds of its history when it wakes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedJournal {
    /// Drawn at random when the storage was made.
    pub epoch: Epoch,
    /// The oldest and the newest event that is kept; `None` if there is none.
    pub kept: Option<(Seq, Seq)>,
}

/// An event on its way into the journal.
#[derive(Debug, Clone, Copy)]
pub struct NewEvent<'a> {
    /// Its number.
    pub seq: Seq,
    /// The event whose row it takes, in place of a row of its own.
    pub replaces: Option<Seq>,
    /// When it was published.
    pub at: Millis,
    /// Who gets it.
    pub audience: &'a Audience,
    /// The frame, as it is sent.
    pub frame: &'a str,
    /// Set on the last event of a publication that has a key: the key, and how many of the publication's
    /// events are kept.
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

/// A publication that may be repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPublication {
    /// What the backend calls it.
    pub key: IdempotencyKey,
    /// Its last event.
    pub last: Seq,
    /// How many events it has in the journal.
    pub events: usize,
    /// When it was published.
    pub at: Millis,
}

/// The events that a room keeps for clients that return (P7), in storage that outlives the object.
///
/// What is sent in the same turn as a write reaches nobody before the write is durable: the runtime holds it
/// back.
pub trait Journal {
    /// Opens the journal, and makes it with a fresh epoch if there is none.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn open(&mut self) -> Result<OpenedJournal, StorageFailed>;

    /// Writes events, one row each: all of them or none.
    ///
    /// # Errors
    /// [`StorageFailed`]; then none is written.
    fn append(&mut self, events: &[NewEvent<'_>]) -> Result<(), StorageFailed>;

    /// The events in `range`, in order; `None` if their frames have more than `max_bytes` together.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn read(
        &self,
        range: RangeInclusive<Seq>,
        max_bytes: usize,
    ) -> Result<Option<Vec<KeptEvent>>, StorageFailed>;

    /// The newest event that was published at `time` or before; 0 if there is none.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn newest_until(&self, time: Millis) -> Result<Seq, StorageFailed>;

    /// The publications with a key, in order.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn publications(&self) -> Result<Vec<KeptPublication>, StorageFailed>;

    /// Drops the events up to `seq`.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn drop_until(&mut self, seq: Seq) -> Result<(), StorageFailed>;

    /// Drops all of it, the epoch too, if there is anything.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn erase_all(&mut self) -> Result<(), StorageFailed>;
}

/// What outlives the object: the roster of present users, the users who may not return yet, the tokens that were
/// revoked, the journal of events, and one alarm.
///
/// A write to the roster that fails is the port's to log. The room goes on with what it has in memory; the worst
/// that follows is a user who is announced twice after a restart.
pub trait Storage: Journal {
    /// The whole roster.
    fn load_roster(&mut self) -> Vec<RosterEntry>;

    /// Writes or replaces one user's entry.
    fn save(&mut self, entry: &RosterEntry);

    /// Erases one user's entry.
    fn erase(&mut self, user: &UserId);

    /// The users who were removed, and until when each may not return.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn load_removals(&mut self) -> Result<Vec<(UserId, Millis)>, StorageFailed>;

    /// Writes until when a user may not return.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn save_removal(&mut self, user: &UserId, until: Millis) -> Result<(), StorageFailed>;

    /// Drops the users who may return at `now`.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn drop_removals(&mut self, now: Millis) -> Result<(), StorageFailed>;

    /// The revocations that were written.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn load_revocations(&mut self) -> Result<Vec<Revocation>, StorageFailed>;

    /// Writes a revocation, in place of one of the same scope.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn save_revocation(&mut self, revocation: &Revocation) -> Result<(), StorageFailed>;

    /// Drops the revocations whose time is before `time`, but not the one for all.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn drop_revocations(&mut self, time: Millis) -> Result<(), StorageFailed>;

    /// Erases all of it, the alarm and the epoch too, but for the removals and the revocations if they are to stay.
    ///
    /// # Errors
    /// [`StorageFailed`]; then nothing is erased.
    fn erase_room(&mut self, erasure: Erasure) -> Result<(), StorageFailed>;

    /// Sets the one alarm, in place of an earlier one. It survives the object.
    fn set_alarm(&mut self, at: Millis);
}
