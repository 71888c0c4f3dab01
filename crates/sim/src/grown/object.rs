//! One object of the room: the root, or a leaf.

use std::collections::BTreeMap;

use validiant_core::Millis;
use validiant_core::names::ProjectId;
use validiant_core::room::RoomSettings;
use validiant_core::tree::Place;

use super::gate::Attempt;
use crate::platform::{self, MemoryRoom, Shared};

/// The epochs that an object makes are numbered from its own number on, so that none has the name of another's.
const EPOCHS_PER_OBJECT: u64 = 1_000_000;

/// An object with what the runtime and its host keep of it.
pub struct Object {
    pub place: Place,
    pub platform: Shared,
    /// `None` while it is not in memory.
    pub room: Option<MemoryRoom>,
    /// Counts the times that it was lost from memory.
    pub life: u32,
    /// The calls on their way to others, by number.
    pub calls: BTreeMap<Place, u64>,
    /// When a call is due that has to wait.
    pub call_due_at: Option<Millis>,
    /// Whether a timer is set for what is to be written, and for what waits to be sent.
    pub awaits_write: bool,
    pub awaits_flush: bool,
    /// How many of its writes must be durable until the one under way is.
    pub under_way: Option<usize>,
    /// The posts to answer once the write under way is durable, and those that wait for the next one.
    pub answering: Vec<usize>,
    pub unanswered: Vec<usize>,
    /// The clients that wait until it knows more.
    pub parked: Vec<Attempt>,
    pub last_event: Millis,
    /// Until when no call reaches it or comes from it.
    pub cut_until: Millis,
    /// The newest event that any of its sockets was sent, plus one.
    pub progress: usize,
}

impl Object {
    pub fn new(place: Place, number: u64) -> Self {
        let platform = Shared::default();
        platform.borrow_mut().disk.number_epochs_from(number * EPOCHS_PER_OBJECT);
        Self {
            place,
            platform,
            room: None,
            life: 0,
            calls: BTreeMap::new(),
            call_due_at: None,
            awaits_write: false,
            awaits_flush: false,
            under_way: None,
            answering: Vec::new(),
            unanswered: Vec::new(),
            parked: Vec::new(),
            last_event: 0,
            cut_until: 0,
            progress: 0,
        }
    }

    /// A turn of the runtime begins: the object is woken if it is not in memory.
    pub fn begin(
        &mut self,
        project: &ProjectId,
        settings: RoomSettings,
        now: Millis,
    ) -> &mut MemoryRoom {
        self.last_event = now;
        self.platform.borrow_mut().disk.begin_turn();
        let Self { room, platform, place, .. } = self;
        room.get_or_insert_with(|| platform::wake_at(platform, project, *place, settings, now))
    }

    pub fn alarm(&self) -> Option<Millis> {
        self.platform.borrow().disk.alarm()
    }

    /// Whether something in memory, or on its way to the disk, would be lost with it.
    fn is_at_risk(&self) -> bool {
        let is_room_at_risk = |room: &MemoryRoom| {
            room.holds_events() || room.is_to_be_written() || room.awaits_write()
        };
        self.under_way.is_some() || self.room.as_ref().is_some_and(is_room_at_risk)
    }

    /// Whether nothing keeps it in memory: no timer, no call on its way, no client that waits.
    pub fn is_idle(&self) -> bool {
        let has_timer = self.call_due_at.is_some() || self.awaits_write || self.awaits_flush;
        !has_timer && !self.is_at_risk() && self.calls.is_empty() && self.parked.is_empty()
    }

    /// It is lost from memory, but not its sockets and its storage.
    pub fn lose_memory(&mut self) {
        let platform = Shared::clone(&self.platform);
        let kept = Self::new(self.place, 0);
        let Self { life, last_event, cut_until, progress, .. } = *self;
        *self = Self { platform, life: life + 1, last_event, cut_until, progress, ..kept };
    }

    /// The server dies, with all its sockets. Of the writes that are not durable, the first `kept` reach the disk.
    pub fn die(&mut self, kept: usize) {
        let mut platform = self.platform.borrow_mut();
        platform.crash(kept);
        platform.drop_sockets();
        drop(platform);
        self.lose_memory();
    }
}
