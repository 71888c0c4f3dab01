//! The room's in-memory ports: what the runtime keeps, and what it would send.

mod disk;
mod sockets;
mod storage;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use validiant_core::Millis;
use validiant_core::limits::Limits;
use validiant_core::member::{Member, SocketId};
use validiant_core::names::ProjectId;
use validiant_core::room::{Room, RoomSettings};
use validiant_core::tree::Place;
use validiant_core::wire::close_code::Closing;

use crate::flaw::Flaw;

pub use disk::Disk;
pub use sockets::MemorySockets;
pub use storage::MemoryStorage;

/// A room on these ports.
pub type MemoryRoom = Room<MemorySockets, MemoryStorage>;

/// The highest limits, for use without rate limiting.
pub const UNHURRIED: Limits = Limits {
    client_frame_bytes: 16_384,
    client_messages_per_second: 1_000_000_000,
    client_message_burst: 100_000_000,
    publishes_per_second: 1_000_000_000,
    publish_burst: 100_000_000,
    user_sockets: 30_000,
    room_sockets: 30_000,
    connects_per_minute: None,
    client_events: None,
};

/// Something that the room sent in a turn of the runtime.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The recipient.
    pub socket: SocketId,
    /// What was sent.
    pub what: Outgoing,
    /// How many of the room's writes must be durable before the runtime sends it.
    pub gate: usize,
}

/// A frame, or the end of a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outgoing {
    /// A text frame.
    Frame(String),
    /// The socket is closed.
    Close(Closing),
}

/// The runtime's state of one object.
#[derive(Debug, Default)]
pub struct Platform {
    /// Its storage.
    pub disk: Disk,
    /// What the room has sent, in order, until somebody takes it.
    pub sent: Vec<Sent>,
    attachments: BTreeMap<SocketId, Member>,
    last_pings: BTreeMap<SocketId, Millis>,
    next_socket: u32,
    /// What is broken, if anything is.
    pub(crate) flaw: Option<Flaw>,
}

impl Platform {
    /// Whether this break is planted.
    pub(crate) fn has(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    /// The server dies. Of the writes that are not durable, the first `left` reach the disk.
    pub(crate) fn crash(&mut self, left: usize) {
        if self.has(Flaw::LostBeginning) {
            self.disk.lose_beginning();
        } else {
            self.disk.crash(left);
        }
    }

    /// The sockets that the runtime has.
    pub fn sockets(&self) -> impl Iterator<Item = SocketId> {
        self.attachments.keys().copied()
    }

    /// Ends all sockets without telling the room.
    pub fn drop_sockets(&mut self) {
        self.attachments.clear();
    }

    /// The runtime answers a ping.
    pub fn ping(&mut self, socket: SocketId, now: Millis) {
        self.last_pings.insert(socket, now);
    }

    fn send(&mut self, socket: SocketId, what: Outgoing) {
        let gate = self.disk.gate();
        self.sent.push(Sent { socket, what, gate });
    }
}

/// The runtime, shared by the ports and the test.
pub type Shared = Rc<RefCell<Platform>>;

/// Wakes a room from the platform's state.
#[must_use]
pub fn wake(
    platform: &Shared,
    project: &ProjectId,
    settings: RoomSettings,
    now: Millis,
) -> MemoryRoom {
    wake_at(platform, project, Place::ROOT, settings, now)
}

/// The same for any object of the room.
#[must_use]
pub fn wake_at(
    platform: &Shared,
    project: &ProjectId,
    place: Place,
    settings: RoomSettings,
    now: Millis,
) -> MemoryRoom {
    let storage = MemoryStorage(Rc::clone(platform));
    let mut settings = settings;
    if platform.borrow().has(Flaw::NoBucket)
        && let Some(limits) = &mut settings.limits.client_events
    {
        limits.client_delivery_burst = u32::MAX;
        limits.client_deliveries_per_second = u32::MAX;
    }
    let sockets = MemorySockets::wake(platform);
    Room::wake(project.clone(), place, settings, sockets, storage, now)
}
