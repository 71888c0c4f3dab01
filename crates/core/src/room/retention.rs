//! Events leave the storage when their time is over (P7.2).
//!
//! Dropping an event is a billed row. So a new event takes the row of one that is over, and the alarm drops only what has
//! been over for a while. While there are events an alarm is set: the one for sockets, or one of their own.

use super::{Room, RoomSettings, silence, timers};
use crate::Millis;
use crate::history::History;
use crate::ports::{Sockets, Storage, StorageFailed};

/// An event is dropped at most so long after its time is over, unless the clock is set back. No shorter than between two
/// looks for silent sockets: so where there are sockets, no other alarm is needed.
pub(super) fn longest_delay(settings: &RoomSettings) -> Millis {
    silence::longest_between_looks(settings)
}

impl<S: Sockets, P: Storage> Room<S, P> {
    /// The alarm has gone off: drops what is over, once some of it has been over for long enough, and all where no history
    /// is kept any more. Answers when to look again.
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
        // What the journal has now is its to say.
        self.history = None;
        self.storage.drop_until(over)
    }

    /// When the oldest event is to be dropped at the latest.
    pub(super) fn next_drop(&mut self) -> Option<Millis> {
        let oldest_at = self.storage.oldest_at().ok()??;
        Some(self.drop_of(oldest_at))
    }

    /// When an event of `at` is to be dropped at the latest.
    pub(super) fn drop_of(&self, at: Millis) -> Millis {
        let ttl_ms = self.settings.retention.map_or(0, |retention| retention.ttl_ms);
        at.saturating_add(ttl_ms).saturating_add(longest_delay(&self.settings))
    }

    /// The journal has just been opened, and perhaps no alarm is set for it: an earlier version wrote it, or the alarm was
    /// lost. One that goes off at once is early enough for whatever else waits for it, and sets the next.
    #[inline(never)]
    pub(super) fn watch(&mut self, oldest_at: Option<Millis>, is_watched: bool, now: Millis) {
        let Some(oldest_at) = oldest_at else {
            return if !is_watched {
                self.note_watched()
            };
        };
        let is_lost = self.drop_of(oldest_at).saturating_add(timers::LATE_MS) <= now;
        if !is_watched || is_lost {
            self.note_watched();
            self.timers.set(now, &mut self.storage);
        }
    }

    fn note_watched(&mut self) {
        // If that fails, it is tried again in the next life.
        let _ = self.storage.is_watched_from_now_on();
    }

    /// The first event is in the journal. Where there are sockets, an alarm is set that comes before the event is over.
    #[inline(never)]
    pub(super) fn has_first_event(&mut self, now: Millis) {
        if self.sockets.count() == 0 {
            // Not to put off an alarm for somebody who may return.
            self.restore_presence(now);
            self.arm(self.drop_of(now), now);
        }
    }

    /// How many of the oldest rows `events` new events may take, because theirs are over.
    pub(super) fn rows_over(&mut self, events: usize, now: Millis) -> usize {
        let rows = self.history.as_ref().and_then(|history| history.perhaps_over(events, now));
        // If it can not be read, the new events get rows of their own.
        let times = rows.and_then(|rows| self.storage.times(rows).ok());
        let learn = |history: &mut History| history.learn_times(&times?, now).into();
        self.history.as_mut().and_then(learn).unwrap_or_default()
    }
}
