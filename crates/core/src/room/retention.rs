//! Drops expired events from the storage (P7.2).
//!
//! Dropping an event is a billed row. So a new event overwrites the row of an expired one, and the alarm only drops events
//! that expired a while ago. While there are events an alarm is set: the one for sockets, or one for the events.

use super::{Room, RoomSettings, silence, timers};
use crate::Millis;
use crate::history::History;
use crate::ports::{Sockets, Storage, StorageFailed};

/// An event is dropped at most this long after it expires, unless the clock is set back. This is no shorter than the time
/// between two checks for silent sockets, so if there are sockets, no other alarm is needed.
pub(super) fn longest_delay(settings: &RoomSettings) -> Millis {
    silence::longest_between_looks(settings)
}

impl<S: Sockets, P: Storage> Room<S, P> {
    /// The alarm has gone off: drops expired events once one of them expired long enough ago, and all events if no history
    /// is kept any more. Returns when to check again.
    pub(super) fn drop_over(&mut self, now: Millis) -> Option<Millis> {
        let next = self.next_drop()?;
        if next > now && self.settings.retention.is_some() {
            return Some(next);
        }
        match self.drop_now(now) {
            Ok(()) => self.next_drop(),
            Err(StorageFailed) => Some(now.saturating_add(longest_delay(&self.settings))),
        }
    }

    fn drop_now(&mut self, now: Millis) -> Result<(), StorageFailed> {
        let Some(retention) = self.settings.retention else { return self.erase_history() };
        let over = self.storage.newest_until(now.saturating_sub(retention.ttl_ms))?;
        // Open the journal again next time: its state is uncertain.
        self.history = None;
        self.storage.drop_until(over)
    }

    /// When the oldest event must be dropped at the latest.
    pub(super) fn next_drop(&mut self) -> Option<Millis> {
        let oldest_at = self.storage.oldest_at().ok()??;
        Some(self.drop_of(oldest_at))
    }

    /// When an event of the time `at` must be dropped at the latest.
    pub(super) fn drop_of(&self, at: Millis) -> Millis {
        let ttl_ms = self.settings.retention.map_or(0, |retention| retention.ttl_ms);
        at.saturating_add(ttl_ms).saturating_add(longest_delay(&self.settings))
    }

    /// The journal has just been opened, and there may be no alarm for it: an earlier version wrote it, or the alarm was
    /// lost. An alarm that goes off at once is early enough for everything else that waits for one, and sets the next.
    #[inline(never)]
    pub(super) fn watch(&mut self, oldest_at: Option<Millis>, is_watched: bool, now: Millis) {
        let Some(oldest_at) = oldest_at else {
            if !is_watched {
                self.note_watched();
            }
            return;
        };
        let is_lost = self.drop_of(oldest_at).saturating_add(timers::LATE_MS) <= now;
        if !is_watched || is_lost {
            self.note_watched();
            self.timers.set(now, &mut self.storage);
        }
    }

    fn note_watched(&mut self) {
        // If this fails, it is tried again in the next life.
        let _ = self.storage.is_watched_from_now_on();
    }

    /// The first event is in the journal. If there are sockets, an alarm is already set that comes before it expires.
    #[inline(never)]
    pub(super) fn has_first_event(&mut self, now: Millis) {
        if self.sockets.count() == 0 {
            // So that an alarm for a user who may come back is not delayed.
            self.restore_presence(now);
            self.arm(self.drop_of(now), now);
        }
    }

    /// How many of the oldest rows `events` new events can overwrite, because the old events have expired.
    pub(super) fn rows_over(&mut self, events: usize, now: Millis) -> usize {
        let rows = self.history.as_ref().and_then(|history| history.perhaps_over(events, now));
        // If it can't be read, the new events get new rows.
        let times = rows.and_then(|rows| self.storage.times(rows).ok());
        let learn = |history: &mut History| history.learn_times(&times?, now).into();
        self.history.as_mut().and_then(learn).unwrap_or_default()
    }
}
