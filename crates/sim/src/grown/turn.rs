//! Each call to an object is a turn of the runtime. What the object sends in it is checked at its end.

use validiant_core::Millis;
use validiant_core::tree::{Note, Place};

use super::object::Object;
use super::world::World;
use crate::platform::{MemoryRoom, Outgoing, Sent};
use crate::violation::{Checked, ensure};

impl World {
    /// Begins a turn of an object, which is woken if it is not in memory. The caller then calls [`Self::end`].
    pub fn act<R>(&mut self, place: Place, act: impl FnOnce(&mut MemoryRoom, Millis) -> R) -> R {
        let Self { objects, project, settings, now, .. } = self;
        let number = objects.len() as u64;
        let object = objects.entry(place).or_insert_with(|| Object::new(place, number));
        act(object.begin(project, *settings, *now), *now)
    }

    /// Ends a turn: what was written for good is durable, and what was sent and called for leaves.
    pub fn end(&mut self, place: Place) -> Checked {
        let Some(object) = self.objects.get_mut(&place) else { return Ok(()) };
        let notes = object.room.as_mut().map(MemoryRoom::take_notes).unwrap_or_default();
        self.hand_out(place)?;
        notes.into_iter().try_for_each(|note| self.is_noted(note))?;
        let room = self.objects.get(&place).and_then(|object| object.room.as_ref());
        if room.is_some_and(MemoryRoom::must_be_reset) {
            self.counts.add("reset");
            return self.kill(place, u8::MAX);
        }
        self.pump(place)?;
        self.hand_out(place)?;
        self.set_timers(place);
        Ok(())
    }

    /// What an object has sent reaches its sockets.
    fn hand_out(&mut self, place: Place) -> Checked {
        let Some(object) = self.objects.get_mut(&place) else { return Ok(()) };
        let sent = {
            let mut platform = object.platform.borrow_mut();
            platform.disk.confirm_closed();
            std::mem::take(&mut platform.sent)
        };
        if place == Place::ROOT {
            self.learn_epoch();
        }
        for Sent { socket, what, .. } in sent {
            match what {
                Outgoing::Frame(text) => self.is_sent((place, socket), &text)?,
                Outgoing::Close(closing) => self.is_closed((place, socket), closing)?,
            }
        }
        Ok(())
    }

    /// While nothing goes wrong, no leaf is lost, and none doubts anything.
    fn is_noted(&mut self, note: Note) -> Checked {
        let (name, is_trouble) = match note {
            Note::Resized { from, to } if from < to => ("room grew", false),
            Note::Resized { .. } => ("room shrank", false),
            Note::Lost(_) => ("leaf lost", true),
            Note::Found(_) => ("leaf found again", true),
            Note::Doubted { reason, .. } => (reason, true),
            Note::Moved { .. } => ("clients moved", false),
        };
        self.counts.add(name);
        // An erasure closes all sockets, and so does a root that wakes without sockets of its own.
        let is_reset = matches!(note, Note::Doubted { reason: "reset" | "no_answer", .. });
        let is_fine = self.plan.is_fine() && !is_reset;
        ensure!(!is_trouble || !is_fine, "The weather is fine, and {note:?} is noted.");
        Ok(())
    }

    /// The life of a history that the root has begun last.
    pub fn newest_epoch(&self) -> Option<String> {
        Some(self.objects.get(&Place::ROOT)?.platform.borrow().disk.newest_epoch())
    }

    /// What the root calls the life of its history.
    pub fn learn_epoch(&mut self) {
        let Some(root) = self.objects.get(&Place::ROOT) else { return };
        if let Some(epoch) = root.platform.borrow().disk.epoch() {
            self.log.has_epoch(epoch);
        }
    }
}
