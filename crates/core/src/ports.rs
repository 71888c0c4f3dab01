//! The two ports through which a room acts on the outside world, small and synchronous.
//!
//! The Worker implements them on the runtime, and the tests in memory, so the tests run the real code.

use crate::Millis;
use crate::encryption::KeyEpoch;
use crate::limits::Allowance;
use crate::member::{Member, SocketId, User};
use crate::names::{DocId, Epoch, UserId};
use crate::page::Page;
use crate::position::Seq;
use crate::presence_data::LastData;
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

    /// Sends every socket the frames that `choose` selects for it and its member, as places in `frames`, in the order in
    /// which the sockets connected. Returns how many sockets accepted one. This is the hot path.
    fn fan_out<C: IntoIterator<Item = usize>>(
        &mut self,
        frames: &[impl AsRef<str>],
        choose: impl FnMut(SocketId, &Member) -> C,
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
    /// The data of their last connection, if it had any; `None` while they have a socket.
    pub last: Option<LastData>,
}

/// A read or a write of the storage failed. The port has logged why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StorageFailed;

/// What a room writes at once.
#[derive(Debug)]
pub struct Write<'a> {
    /// Pages of the journal, new or longer than before.
    pub pages: Vec<&'a Page>,
    /// The keys of pages that are dropped.
    pub dropped: Vec<Seq>,
    /// The entries of users in the roster; `None` for those who left.
    pub roster: Vec<(UserId, Option<RosterEntry>)>,
}

/// What a removal changes, and a call that raises the key epoch alone.
#[derive(Debug, Clone, Copy)]
pub struct Exclusion<'a> {
    /// A user, and until when they are kept out.
    pub until: Option<(&'a UserId, Millis)>,
    /// The lowest key epoch that is still taken.
    pub min_key_epoch: Option<KeyEpoch>,
}

/// What waits until a write is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// Everything that is sent after it.
    Closed,
    /// Nothing. If the object is lost, so can be the newest of these writes, but none without all that came after it.
    Open,
}

/// What a room is to remember of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentNote {
    /// It is open.
    Opened,
    /// It exists. If it is open already, it stays so.
    Exists,
    /// It is open no longer, but exists.
    Closed,
    /// It is gone.
    Gone,
}

/// Separates the ids of documents in a text. No id has control characters.
pub const ID_END: char = '\u{1e}';

/// Some documents of a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Documents {
    /// Those that are open.
    Open,
    /// All that exist or are open.
    All,
}

/// The events that a room keeps for clients that reconnect (P7), in storage that outlives the object.
pub trait Journal {
    /// The epoch of the journal, if there is one.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn epoch(&mut self) -> Result<Option<Epoch>, StorageFailed>;

    /// Makes an empty journal with a new epoch, as a write with an open [`Gate`].
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn create(&mut self) -> Result<Epoch, StorageFailed>;

    /// The first page with this key or a higher one.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn first_page_from(&self, key: Seq) -> Result<Option<Page>, StorageFailed>;

    /// The last page with this key or a lower one.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn last_page_until(&self, key: Seq) -> Result<Option<Page>, StorageFailed>;

    /// Drops the whole journal including the epoch, if there is one. This is always durable before anything else is sent:
    /// after a crash, an older journal would have gaps.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn erase_all(&mut self) -> Result<(), StorageFailed>;
}

/// What outlives the object: the roster of present users, the removed users who may not come back yet, the lowest key
/// epoch, the revoked tokens, the documents, the room's other objects, the journal of events, and one alarm.
///
/// The journal and the roster are written by [`Self::write`]. All else but the alarm is always durable before anything else
/// is sent.
pub trait Storage: Journal {
    /// The whole roster. An unreadable one is empty: the port has logged why.
    fn load_roster(&mut self) -> Vec<RosterEntry>;

    /// Writes to the journal and the roster: all or nothing.
    ///
    /// # Errors
    /// [`StorageFailed`]; then nothing is written.
    fn write(&mut self, write: &Write<'_>, gate: Gate) -> Result<(), StorageFailed>;

    /// The removed users, and until when each is kept out.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn load_removals(&mut self) -> Result<Vec<(UserId, Millis)>, StorageFailed>;

    /// The lowest key epoch that is still taken; 0 if none was ever stored.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn load_key_epoch(&mut self) -> Result<KeyEpoch, StorageFailed>;

    /// Stores who is kept out, by their id or by the epoch of their keys: all or nothing.
    ///
    /// # Errors
    /// [`StorageFailed`]; then nothing is stored.
    fn save_exclusion(&mut self, exclusion: Exclusion<'_>) -> Result<(), StorageFailed>;

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

    /// Remembers something of a document.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn note_document(&mut self, document: &DocId, note: DocumentNote) -> Result<(), StorageFailed>;

    /// The ids of the documents that are remembered, in one text that goes through to whoever calls them, with
    /// [`ID_END`] between two.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn load_documents(&mut self, which: Documents) -> Result<String, StorageFailed>;

    /// What the room knows of its other objects (P15), as it was stored; `None` if it never was.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn load_tree(&mut self) -> Result<Option<String>, StorageFailed>;

    /// Stores what the room knows of its other objects; `None` for nothing. Durable before anything else is sent.
    ///
    /// # Errors
    /// [`StorageFailed`]; then nothing is stored.
    fn save_tree(&mut self, tree: Option<&str>) -> Result<(), StorageFailed>;

    /// Erases everything including the alarm and the epoch, except the documents, what is known of the room's other
    /// objects, and the removals, the key epoch and the revocations if they are to stay.
    ///
    /// # Errors
    /// [`StorageFailed`]; then nothing is erased.
    fn erase_room(&mut self, erasure: Erasure) -> Result<(), StorageFailed>;

    /// Sets the one alarm, replacing an earlier one, as a write with an open [`Gate`]. It outlives the object.
    fn set_alarm(&mut self, at: Millis);
}
