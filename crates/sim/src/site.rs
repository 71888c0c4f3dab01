//! A room with its platform, and the simple model of what it must do.

use std::collections::BTreeMap;

use validiant_core::Millis;
use validiant_core::member::SocketId;
use validiant_core::names::ProjectId;
use validiant_core::position::Position;
use validiant_core::room::RoomSettings;

use crate::bucket::Bucket;
use crate::documents::Documents;
use crate::flaw::Flaw;
use crate::floor::{App, Floor};
use crate::host::Host;
use crate::journal::Journal;
use crate::plan::{Plan, SIZES};
use crate::platform::{self, MemoryRoom, Shared};
use crate::presence::Presence;
use crate::publication::Posted;
use crate::refusals::Refusals;
use crate::revocations::Revocations;
use crate::said::Told;
use crate::users::User;
use crate::violation::{Checked, Violation, ensure};
use crate::wire::Socket;

/// How long an expired event may stay on the disk (P7.2).
const LONGEST_STAY_MS: Millis = 300_000;

/// The truth about a room, as far as anybody was told or will be.
#[derive(Debug, Clone)]
pub struct Model {
    pub journal: Journal,
    pub presence: Presence,
    pub refusals: Refusals,
    pub revocations: Revocations,
    pub floor: Floor,
}

/// A room with everything around it.
pub struct Site {
    pub number: u8,
    project: ProjectId,
    pub settings: RoomSettings,
    pub platform: Shared,
    pub room: MemoryRoom,
    pub model: Model,
    pub host: Host,
    pub sockets: BTreeMap<SocketId, Socket>,
    pub documents: Documents,
    pub app: App,
    /// Everything that backends have posted, answered or not.
    pub posts: Vec<Posted>,
    /// The position in the last state of the room that was read.
    pub told: Option<Position>,
    /// Whether the clock was set back since the alarm was set. A room that wakes assumes that the alarm is earlier than it
    /// is, so until one has gone off, whatever waits for an alarm may be late.
    pub alarm_may_be_late: bool,
    /// Whether the clock was set back since the disk last had no event: then some events are dropped late.
    pub events_may_stay: bool,
    /// How much it may still pass on for its clients, if they may talk to each other.
    pub bucket: Option<Bucket>,
    /// Whether the roster is complete. A failed write to it is not repaired: while its disk is full, a room promises
    /// nothing about who is present after its next life has begun.
    pub is_presence_known: bool,
}

impl Site {
    pub fn new(number: u8, plan: &Plan, now: Millis, flaw: Option<Flaw>) -> Checked<Self> {
        let project = ProjectId::parse(&format!("p{number}"))
            .map_err(|_| Violation("A room has no valid name.".into()))?;
        let (settings, platform) = (plan.settings(number, plan.size), Shared::default());
        platform.borrow_mut().flaw = flaw;
        let size = SIZES.get(usize::from(plan.size)).copied().unwrap_or_default();
        Ok(Self {
            number,
            room: platform::wake(&platform, &project, settings, now),
            project,
            settings,
            platform,
            model: Model {
                journal: Journal::new(size, plan.ttl_ms),
                presence: Presence::new(plan.grace_ms),
                refusals: Refusals::default(),
                revocations: Revocations::default(),
                floor: Floor::default(),
            },
            host: Host::default(),
            sockets: BTreeMap::new(),
            documents: Documents::default(),
            app: App::default(),
            posts: Vec::new(),
            told: None,
            alarm_may_be_late: false,
            events_may_stay: false,
            bucket: settings.limits.client_events.as_ref().map(Bucket::new),
            is_presence_known: true,
        })
    }

    /// Whether this break is planted.
    pub fn has(&self, flaw: Flaw) -> bool {
        self.platform.borrow().has(flaw)
    }

    /// The break that is planted, if there is one.
    pub fn flaw(&self) -> Option<Flaw> {
        self.platform.borrow().flaw
    }

    pub fn project(&self) -> &ProjectId {
        &self.project
    }

    pub fn disk_is_full(&self) -> bool {
        self.platform.borrow().disk.is_full
    }

    /// Whether the removals and the revocations can be read.
    pub fn tables_are_readable(&self) -> bool {
        !self.platform.borrow().disk.is_unreadable
    }

    pub fn alarm(&self) -> Option<Millis> {
        self.platform.borrow().disk.alarm()
    }

    /// The journal on the disk has lost nothing too early.
    pub fn observe_disk(&mut self, now: Millis) -> Checked {
        let (oldest, newest) = self.platform.borrow().disk.range();
        self.model.journal.observe(oldest, newest, now)?;
        // A crash brings back what was dropped by a write that is not durable.
        let is_durable = self.platform.borrow().disk.unconfirmed() == 0;
        self.events_may_stay &= !(self.model.journal.is_empty() && is_durable);
        Ok(())
    }

    /// When the oldest event on the disk is gone at the latest (P7.2).
    pub fn next_drop(&self) -> Option<Millis> {
        let oldest_at = self.platform.borrow().disk.oldest_at()?;
        Some(oldest_at + self.model.journal.ttl_ms + LONGEST_STAY_MS)
    }

    /// The sockets that the room has.
    pub fn in_room(&self) -> impl Iterator<Item = (SocketId, &Socket)> {
        self.sockets
            .iter()
            .filter(|(_, socket)| socket.is_in_room)
            .map(|(id, socket)| (*id, socket))
    }

    /// The sockets of one user.
    pub fn sockets_of(&self, user: User) -> Vec<SocketId> {
        self.in_room().filter(|(_, socket)| socket.user == Some(user)).map(|(id, _)| id).collect()
    }

    /// What connections have said, and who may come back.
    pub fn truth(&self) -> Told {
        let presence = &self.model.presence;
        Told { all: presence.said.all(), waiting: presence.waiting() }
    }

    /// Checks the epoch and seq that the room announces: none if it has no history open.
    pub fn check_position(&mut self, is_open: bool, told: Option<(&str, u64)>) -> Checked {
        let newest = self.model.journal.newest().filter(|_| is_open).map(|place| place.seq);
        let seq = told.map(|(_, seq)| seq);
        ensure!(seq == newest, "The room tells the seq {seq:?}, which is {newest:?}.");
        told.map_or(Ok(()), |(epoch, _)| self.model.journal.hear_epoch(epoch))
    }

    /// After anything but accepting an event, nothing may be waiting.
    pub fn holds_nothing(&self) -> Checked {
        ensure!(!self.room.holds_events(), "Room {} still holds events.", self.number);
        Ok(())
    }
}
