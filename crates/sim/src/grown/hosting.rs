//! What the host of an object does: it writes a few milliseconds after something has happened, sends what waited, answers
//! backends once that is durable, and takes an idle object out of memory.

use validiant_core::Millis;
use validiant_core::answer::Ticket;
use validiant_core::tree::Place;

use super::due::Due;
use super::world::World;
use crate::violation::Checked;

/// What has happened is written after at most so long, and is durable as much later.
const WRITES_AFTER_MS: Millis = 8;
/// Events wait for others for at most so long (P3.4).
const SENDS_AFTER_MS: Millis = 5;
/// An object that nothing has happened to for this long is taken out of memory.
const SLEEPS_AFTER_MS: Millis = 10_000;

impl World {
    /// Sets the timers for what has gathered in a turn.
    pub fn set_timers(&mut self, place: Place) {
        let Some(object) = self.objects.get_mut(&place) else { return };
        let Some(room) = &object.room else { return };
        let of = (place, object.life);
        let has_to_write = room.is_to_be_written() || !object.unanswered.is_empty();
        let writes = has_to_write && !object.awaits_write && object.under_way.is_none();
        let flushes = room.holds_events() && !object.awaits_flush;
        object.awaits_write |= writes;
        object.awaits_flush |= flushes;
        if writes {
            let after = self.rng.u64(1..=WRITES_AFTER_MS);
            self.schedule(after, Due::Write { of });
        }
        if flushes {
            let after = self.rng.u64(1..=SENDS_AFTER_MS);
            self.schedule(after, Due::Flush { of });
        }
    }

    pub fn flush(&mut self, of: (Place, u32)) -> Checked {
        if !self.is_alive(of) {
            return Ok(());
        }
        if let Some(object) = self.objects.get_mut(&of.0) {
            object.awaits_flush = false;
        }
        self.act(of.0, |room, _| room.flush());
        self.end(of.0)
    }

    pub fn write(&mut self, of: (Place, u32)) -> Checked {
        if !self.is_alive(of) {
            return Ok(());
        }
        let _ = self.act(of.0, |room, _| room.write());
        if let Some(object) = self.objects.get_mut(&of.0) {
            object.awaits_write = false;
            object.under_way = Some(object.platform.borrow().disk.writes());
            object.answering = std::mem::take(&mut object.unanswered);
        }
        let after = self.rng.u64(1..=WRITES_AFTER_MS);
        self.schedule(after, Due::Written { of });
        self.end(of.0)
    }

    pub fn written(&mut self, of: (Place, u32)) -> Checked {
        if !self.is_alive(of) {
            return Ok(());
        }
        let Some(object) = self.objects.get_mut(&of.0) else { return Ok(()) };
        if let Some(writes) = object.under_way.take() {
            object.platform.borrow_mut().disk.confirm_until(writes);
        }
        let answering = std::mem::take(&mut object.answering);
        if of.0 == Place::ROOT {
            self.is_durable(answering)?;
        }
        self.act(of.0, |room, _| room.is_written());
        self.end(of.0)
    }

    /// An object is taken out of memory if nothing keeps it there.
    pub fn sleep(&mut self, place: Place) {
        let now = self.now;
        let Some(object) = self.objects.get_mut(&place) else { return };
        let is_quiet = now >= object.last_event + SLEEPS_AFTER_MS;
        let waits = place == Place::ROOT && !self.tickets.is_empty();
        if object.room.is_some() && is_quiet && object.is_idle() && !waits {
            object.lose_memory();
            self.counts.add(if place == Place::ROOT {
                "root hibernated"
            } else {
                "leaf hibernated"
            });
        }
    }

    /// All idle objects are taken out of memory.
    pub fn sleep_all(&mut self) {
        let places: Vec<Place> = self.objects.keys().copied().collect();
        places.into_iter().for_each(|place| self.sleep(place));
    }

    /// A ticket is given out by the root: somebody waits for it, but not for ever.
    pub fn await_ticket(&mut self, ticket: Ticket, patience: Millis, what: super::world::Waiting) {
        let Some(root) = self.objects.get(&Place::ROOT) else { return };
        let life = root.life;
        self.tickets.insert(ticket, what);
        self.schedule(patience, Due::Patience { life, ticket });
    }

    pub fn lose_patience(&mut self, life: u32, ticket: Ticket) -> Checked {
        if !self.is_alive((Place::ROOT, life)) || !self.tickets.contains_key(&ticket) {
            return Ok(());
        }
        let settled = self.act(Place::ROOT, |room, now| room.settle(ticket, now));
        if let Some(settled) = settled {
            self.is_settled(settled)?;
        }
        self.end(Place::ROOT)
    }

    /// Takes the answers that the leaves were waited for.
    pub fn settle_tickets(&mut self, place: Place) -> Checked {
        loop {
            let now = self.now;
            let room = self.objects.get_mut(&place).and_then(|object| object.room.as_mut());
            let Some(settled) = room.and_then(|room| room.next_settled(now)) else { return Ok(()) };
            self.is_settled(settled)?;
        }
    }
}
