//! One document: a method for each thing that can happen to it.
//!
//! The document decides, and the two ports act ([`Sockets`], [`Storage`]). Its memory is a cache: [`Document::wake`]
//! rebuilds all of it from what the ports stored, so it can be lost at any moment. It never holds the text: it knows which
//! changes it has ([`Contents`](crate::update::Contents)), and reads the rows when somebody asks for the rest.
//!
//! # What the caller does
//!
//! **After every call** it asks [`Document::take_due`], and does what that says:
//! * [`Due::write_in`]: calls [`Document::write`] after that time. One timer is enough: a later answer never asks for an
//!   earlier time than the one before.
//! * [`Due::compact`]: calls [`Document::begin_compaction`], waits until that is durable (`storage.sync()`), and calls
//!   [`Document::compact`] in a turn of its own. If that traps, the mark of the first step is found on waking.
//! * [`Due::release`]: tells the project's room that nobody has the document open (P13.10).
//! * [`Due::trouble`]: logs it.
//!
//! And if [`Document::must_be_reset`], it aborts the object: a write has failed. So it does after a trap: what was not
//! written yet is lost then, and its senders bring it again only when they reconnect.
//!
//! **A client opens the document** in three steps (P13.10): [`Document::expect`]; then the caller asks the project's room,
//! which takes a while; then [`Document::connect`], or [`Document::turn_away`] if the room refused. Whatever removes,
//! revokes or erases in between also counts for who is expected.
//!
//! **The alarm** goes off: [`Document::alarm`]. If it returns a change to tell, the caller sends `DOC_CHANGED` to the
//! project's room (P13.12), and then calls [`Document::told`] or [`Document::not_told`].

mod alarm;
mod awareness;
mod changed;
mod compaction;
mod connect;
mod edit;
mod ending;
mod log;
mod message;
mod places;
mod refusal;
mod refused;
mod sealed;
mod sync;
mod whole;
mod writes;

use validiant_core::Millis;
use validiant_core::limits::rate::{Bucket, Rate};

use crate::awareness::Awareness;
use crate::ports::{Sockets, Storage};
use validiant_core::encryption::KeyEpoch;

use alarm::Timers;
use changed::Change;
use connect::Expected;
use ending::Registration;
use log::Log;
use writes::Unwritten;

pub use alarm::Alarmed;
pub use compaction::Compacted;
pub use connect::{Connected, Ticket};
pub use ending::Release;
pub use log::Trouble;
pub use message::{Closed, Incoming};
pub use whole::{NotRead, NotSeeded};
pub use writes::BETWEEN_WRITES_MS;

/// What a document needs of the settings.
#[derive(Debug, Clone, Copy)]
pub struct DocumentSettings {
    /// How long a socket outlives its token, in milliseconds.
    pub token_grace_ms: Millis,
    /// After how many milliseconds of silence a socket that used to ping is closed.
    pub stale_socket_ms: Millis,
    /// How many messages a client should send at most. There is no answer to more, but twenty times as many close its
    /// socket.
    pub messages: Rate,
    /// To how many sockets messages of clients are passed on.
    pub deliveries: Rate,
    /// How many sockets a user may have in the document.
    pub user_sockets: usize,
    /// How many sockets the document may have.
    pub room_sockets: usize,
    /// How large a frame, or the document, may be.
    pub max_bytes: usize,
    /// Whether the project's room is told of changes (P13.12).
    pub tells_changes: bool,
}

/// What the caller has to do, besides: see the [module](self).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Due {
    /// Call [`Document::write`] in so many milliseconds.
    pub write_in: Option<Millis>,
    /// Compact.
    pub compact: bool,
    /// Tell the project's room that nobody has the document open.
    pub release: Option<Release>,
    /// Log this.
    pub trouble: Option<Trouble>,
}

/// A shared document.
pub struct Document<S: Sockets, T> {
    settings: DocumentSettings,
    sockets: S,
    storage: T,
    /// What is stored. Read when it is first needed.
    log: Option<Log>,
    /// What is sent to the others but not stored yet.
    unwritten: Unwritten<S::Frame>,
    /// Who is in the document, and where. Restored on first use: see [`Self::awareness`].
    awareness: Option<Awareness>,
    /// Who is expected while the project's room is asked.
    expected: Expected,
    registration: Registration,
    timers: Timers,
    change: Change,
    /// To how many sockets messages may still be passed on.
    deliveries: Bucket,
    /// The lowest epoch of keys that is taken: see [`sealed`].
    floor: KeyEpoch,
    wants_compaction: bool,
    /// Whether a compaction is between its two steps.
    is_compacting: bool,
    trouble: Option<Trouble>,
    must_be_reset: bool,
}

impl<S: Sockets, T: Storage> Document<S, T> {
    /// Rebuilds the document from what the ports stored: the start of every life of the object, whether it is the first
    /// one, after hibernation, or after a crash. Nothing is read yet.
    ///
    /// `awake_since`: when the object in memory was created.
    pub fn wake(settings: DocumentSettings, sockets: S, storage: T, awake_since: Millis) -> Self {
        let told = sockets.all().filter_map(|(_, visitor)| visitor.floor);
        Self {
            settings,
            floor: told.max().unwrap_or_default(),
            registration: Registration::restore(sockets.count()),
            sockets,
            storage,
            log: None,
            unwritten: Unwritten::default(),
            awareness: None,
            expected: Expected::since(awake_since),
            timers: Timers::default(),
            change: Change::default(),
            deliveries: Bucket::default(),
            wants_compaction: false,
            is_compacting: false,
            trouble: None,
            must_be_reset: false,
        }
    }

    /// What the caller has to do now. What it says once it does not say again, except for when to write.
    pub fn take_due(&mut self, now: Millis) -> Due {
        Due {
            write_in: self.write_in(now),
            compact: std::mem::take(&mut self.wants_compaction),
            release: self.take_release(),
            trouble: self.trouble.take(),
        }
    }

    /// Whether a write has failed after what it was for had been sent: nobody may go on believing in it.
    #[must_use]
    pub fn must_be_reset(&self) -> bool {
        self.must_be_reset
    }

    /// The number of sockets.
    #[must_use]
    pub fn sockets(&self) -> usize {
        self.sockets.count()
    }
}
