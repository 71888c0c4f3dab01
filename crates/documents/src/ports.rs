//! The two ports through which a document acts on the outside world, small and synchronous.
//!
//! The Worker implements them on the runtime, and the tests in memory, so the tests run the real code.

use validiant_core::Millis;
use validiant_core::limits::rate::Bucket;
use validiant_core::member::SocketId;
use validiant_core::wire::close_code::Closing;

pub use validiant_core::ports::{NotAccepted, StorageFailed};

use crate::visitor::Visitor;

/// The sockets of one document, with their visitors.
pub trait Sockets {
    /// A socket that is not yet in the document.
    type Handle;

    /// A binary frame: one that came in, or one made of bytes. It is passed on as it is, so an implementation that keeps
    /// what the runtime delivered need not copy it again for each socket.
    type Frame: AsRef<[u8]> + From<Vec<u8>>;

    /// Adds a socket to the document.
    ///
    /// # Errors
    /// [`NotAccepted`]; then nothing has changed.
    fn add(&mut self, socket: Self::Handle, visitor: Visitor) -> Result<SocketId, NotAccepted>;

    /// All sockets, in the order in which they connected.
    fn all(&self) -> impl Iterator<Item = (SocketId, &Visitor)>;

    /// The number of sockets.
    fn count(&self) -> usize;

    /// The visitor of a socket; `None` if it was removed.
    fn visitor(&self, socket: SocketId) -> Option<&Visitor>;

    /// Replaces the visitor of a socket, if the socket still exists.
    fn replace(&mut self, socket: SocketId, visitor: Visitor);

    /// What counts the messages that came on a socket, for as long as the document stays in memory; `None` if the socket
    /// was removed.
    fn messages(&mut self, socket: SocketId) -> Option<&mut Bucket>;

    /// Sends a frame to one socket, if it still exists.
    fn send(&mut self, to: SocketId, frame: &Self::Frame);

    /// Sends a frame to all sockets but one. This is the hot path.
    fn send_all(&mut self, but: Option<SocketId>, frame: &Self::Frame);

    /// Removes a socket and returns its visitor; `None` if it was already removed.
    fn remove(&mut self, socket: SocketId) -> Option<Visitor>;

    /// Closes a socket and removes it; `None` as in [`Self::remove`].
    fn close(&mut self, socket: SocketId, closing: Closing) -> Option<Visitor>;

    /// When a socket last pinged; `None` if it never did.
    fn last_ping(&self, socket: SocketId) -> Option<Millis>;
}

/// The number of a row. Numbers begin at 1 and go up without gaps, except where old rows were dropped.
pub type Seq = u64;

/// A stored row: an update, or a part of one that is too long for a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its number.
    pub seq: Seq,
    /// Whether the update ends with this row.
    pub ends: bool,
    /// When the newest change in it came.
    pub changed_at: Millis,
    /// The bytes.
    pub data: Vec<u8>,
}

/// A row to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewRow<'a> {
    /// Its number. A row that has it already is replaced, at the cost of one row written.
    pub seq: Seq,
    /// See [`Row::ends`].
    pub ends: bool,
    /// See [`Row::changed_at`].
    pub changed_at: Millis,
    /// The bytes.
    pub data: &'a [u8],
}

/// A number that is stored beside the rows, under its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// The first row of the current generation: its snapshot, if there is one, and all updates after it.
    Start,
    /// The first row of the generation before; 0 if there is none, and so no snapshot.
    Previous,
    /// The bytes of the generation at whose compaction somebody is, or has died; 0 for nobody.
    Compacting,
    /// The newest change of which the project's room knows (P13.12).
    Told,
    /// When an encrypted log was begun; 0 if it is plain.
    Sealed,
}

impl Key {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Start, Self::Previous, Self::Compacting, Self::Told, Self::Sealed];

    /// The name under which it is stored.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Previous => "previous",
            Self::Compacting => "compacting",
            Self::Told => "told",
            Self::Sealed => "sealed",
        }
    }
}

/// What is written at once: all or nothing.
#[derive(Debug, Default)]
pub struct Write<'a> {
    /// Rows, new or replaced.
    pub rows: Vec<NewRow<'a>>,
    /// Numbers beside the rows.
    pub numbers: Vec<(Key, u64)>,
    /// All rows before this one are dropped.
    pub drop_before: Option<Seq>,
}

/// What outlives the object: the rows, a few numbers, and one alarm.
///
/// A write counts at once, and everything that is sent after it waits until it is durable: the output gate of the runtime
/// does that.
pub trait Storage {
    /// A stored number; 0 if there is none.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn number(&mut self, key: Key) -> Result<u64, StorageFailed>;

    /// All rows from this one, in order.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn rows(&mut self, from: Seq) -> Result<Vec<Row>, StorageFailed>;

    /// [`Row::changed_at`] of the last row; `None` if there are no rows.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn changed_at(&mut self) -> Result<Option<Millis>, StorageFailed>;

    /// Writes: all or nothing.
    ///
    /// # Errors
    /// [`StorageFailed`]; then [`crate::room::Document::must_be_reset`] is true.
    fn write(&mut self, write: &Write<'_>) -> Result<(), StorageFailed>;

    /// Erases everything including the alarm.
    ///
    /// # Errors
    /// [`StorageFailed`]; then nothing is erased.
    fn erase(&mut self) -> Result<(), StorageFailed>;

    /// Sets the one alarm, replacing an earlier one. It outlives the object.
    fn set_alarm(&mut self, at: Millis);
}
