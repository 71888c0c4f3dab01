//! What the runtime and `src/project-room.js` do around a room: write a few milliseconds after something has happened,
//! tell the room when that is durable, and answer backends then; and take a room out of memory.

use validiant_core::Millis;

use crate::counts::Counts;
use crate::flaw::Flaw;
use crate::publication::Place;
use crate::site::Site;
use crate::step::End;
use crate::violation::{Checked, ensure};
use crate::world::World;

/// What has happened is written after at most so long.
pub const WRITES_AFTER_MS: Millis = 10;

impl World {
    pub fn write(&mut self, room: u8, end: End) -> Checked {
        let Self { sites, now, counts, .. } = self;
        let Some(site) = sites.get_mut(usize::from(room)) else { return Ok(()) };
        site.write(end, *now, counts)
    }

    pub fn confirm(&mut self, room: u8) -> Checked {
        let Some(site) = self.sites.get_mut(usize::from(room)) else { return Ok(()) };
        site.confirm(&mut self.counts)
    }

    pub fn stall(&mut self, room: u8, is_stalled: bool) -> Checked {
        let Some(site) = self.sites.get_mut(usize::from(room)) else { return Ok(()) };
        site.host.is_stalled = is_stalled;
        Ok(())
    }

    /// So much time passes that everything is written, and durable.
    pub fn settle(&mut self) -> Checked {
        self.sites.iter_mut().try_for_each(|site| site.settle(self.now, &mut self.counts))
    }
}

impl Site {
    /// The room has published events up to this one, or had done so before. The answer to the backend waits until they are
    /// durable.
    pub fn answer(&mut self, newest: Option<Place>) -> Checked {
        match newest {
            Some(newest) if self.room.awaits_write() && !self.has(Flaw::EarlyAnswers) => {
                self.host.unanswered.push(newest)
            }
            Some(newest) => self.answer_now(newest)?,
            None => {}
        }
        Ok(())
    }

    fn answer_now(&mut self, newest: Place) -> Checked {
        let durable = self.platform.borrow().disk.newest_durable();
        let is_there = self.model.journal.newest().is_some_and(|place| place.life == newest.life);
        let is_right = is_there && durable.is_some_and(|durable| newest.seq <= durable);
        ensure!(is_right, "Event {} is answered, and {durable:?} is durable.", newest.seq);
        self.model.journal.answer(newest);
        Ok(())
    }

    /// At most one write is under way.
    pub fn write(&mut self, end: End, now: Millis, counts: &mut Counts) -> Checked {
        let has_to = self.room.is_to_be_written() || !self.host.unanswered.is_empty();
        if !has_to || self.host.under_way.is_some() {
            return Ok(());
        }
        let turn = self.begin_turn(end);
        let written = self.room.write();
        ensure!(
            written.is_ok() || self.room.must_be_reset(),
            "A write has failed, and the room goes on."
        );
        if written.is_ok() {
            counts.add("writes");
            let is_left = self.room.is_to_be_written();
            ensure!(!is_left, "Room {} has not written all.", self.number);
            self.model.presence.write();
            self.host.under_way = Some(self.platform.borrow().disk.writes());
            self.host.answering = std::mem::take(&mut self.host.unanswered);
            self.observe_disk(now)?;
        }
        self.end_turn(turn, now, counts)
    }

    pub fn confirm(&mut self, counts: &mut Counts) -> Checked {
        let Some(writes) = self.host.under_way.filter(|_| !self.host.is_stalled) else {
            return Ok(());
        };
        self.host.under_way = None;
        self.platform.borrow_mut().disk.confirm_until(writes);
        self.model.presence.confirm();
        counts.add_many("answers that waited", self.host.answering.len());
        for newest in std::mem::take(&mut self.host.answering) {
            self.answer_now(newest)?;
        }
        self.room.is_written();
        Ok(())
    }

    /// Writes until nothing is left to write, if the storage works.
    pub fn settle(&mut self, now: Millis, counts: &mut Counts) -> Checked {
        for _ in 0..2 {
            self.confirm(counts)?;
            self.write(End::Commits, now, counts)?;
        }
        self.confirm(counts)
    }

    /// Whether something in memory, or on its way to the disk, would be lost with the room.
    pub fn is_at_risk(&self) -> bool {
        self.room.holds_events()
            || self.room.is_to_be_written()
            || self.room.awaits_write()
            || self.host.under_way.is_some()
    }
}
