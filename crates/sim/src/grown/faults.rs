//! Objects die, and are cut off.

use validiant_core::Millis;
use validiant_core::tree::Place;

use super::client::Link;
use super::socket::Key;
use super::world::World;
use crate::violation::{Checked, ensure};
use crate::wire::short;

/// A client whose object has died is back after at most so long.
const BACK_AFTER_MS: Millis = 2_000;

impl World {
    pub fn kill_one(&mut self, which: u8, kept: u8) -> Checked {
        let place = if which == 0 { Some(Place::ROOT) } else { self.which(which) };
        place.map_or(Ok(()), |place| self.kill(place, kept))
    }

    pub fn kill_all(&mut self, kept: u8) -> Checked {
        let places: Vec<Place> = self.objects.keys().copied().collect();
        places.into_iter().try_for_each(|place| self.kill(place, kept))
    }

    /// An object dies, with its sockets. Of the writes that were not durable, the first `kept` reach the disk.
    pub fn kill(&mut self, place: Place, kept: u8) -> Checked {
        let Some(object) = self.objects.get_mut(&place) else { return Ok(()) };
        self.counts.add(if place == Place::ROOT { "root died" } else { "leaf died" });
        object.die(kept.into());
        // No two lives of an object begin in the same moment, from which they have their numbers.
        self.now += 1;
        if let Some(object) = self.objects.get(&place) {
            self.forget_at_death(object);
        }
        if place == Place::ROOT {
            self.no_answers();
            self.root_has_died()?;
        }
        let gone: Vec<Key> = self.sockets.keys().filter(|key| key.0 == place).copied().collect();
        for key in gone {
            self.sockets.remove(&key);
        }
        self.stays.forget();
        self.breaks_links(place);
        Ok(())
    }

    /// What was answered is still there.
    fn root_has_died(&mut self) -> Checked {
        let Some(root) = self.objects.get(&Place::ROOT) else { return Ok(()) };
        let platform = root.platform.borrow();
        let (epoch, newest) = (platform.disk.epoch(), platform.disk.range().1);
        let lost = self.log.crash(epoch, newest);
        let frame = lost.map(|entry| short(&entry.frame));
        ensure!(frame.is_none(), "{frame:?} was answered, and is lost.");
        Ok(())
    }

    fn breaks_links(&mut self, place: Place) {
        let is_there = |link: Link| matches!(link, Link::On(key) if key.0 == place);
        let there: Vec<u8> =
            self.clients.iter().filter(|it| is_there(it.link)).map(|it| it.number).collect();
        for client in there {
            let after = self.rng.u64(0..BACK_AFTER_MS);
            self.retreat(client, after);
        }
    }

    /// No call reaches an object for a while, and none comes from it.
    pub fn cut(&mut self, which: u8, ms: Millis) -> Checked {
        let until = self.now + ms;
        if let Some(place) = self.which(which)
            && let Some(object) = self.objects.get_mut(&place)
        {
            object.cut_until = until;
        }
        Ok(())
    }
}
