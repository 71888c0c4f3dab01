//! Drops expired events from the storage (P7.2).
//!
//! A page is dropped when all its events have expired. Until then, those that have are cut off only when the alarm goes
//! off for them, a while after they expired. While there are events an alarm is set: the one for sockets, or one for the
//! events.

use super::{Room, RoomSettings, silence, timers};
use crate::Millis;
use crate::history::Retention;
use crate::page::Page;
use crate::ports::{Gate, Sockets, Storage, StorageFailed, Write};

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
        if self.history.is_none() {
            self.history = Some(self.read_history(retention)?);
        }
        // Afterwards all pages are in the storage.
        self.write_first()?;
        let mut dropped = Vec::new();
        let mut first = self.storage.first_page_from(0)?;
        while let Some(page) = first.take_if(|page| is_all_over(page, retention, now)) {
            first = self.storage.first_page_from(page.key.saturating_add(1))?;
            match &first {
                Some(_) => dropped.push(page.key),
                // The number of the newest event stays.
                None => first = Some(page.emptied(page.newest().saturating_add(1))),
            }
        }
        let rest = first.map(|page| page.without(count_over(&page, retention, now)));
        let write = Write { pages: rest.iter().collect(), dropped, roster: Vec::new() };
        self.storage.write(&write, Gate::Open)?;
        if let Some((history, rest)) = self.history.as_mut().zip(rest.as_ref()) {
            history.is_cut_to(rest);
        }
        Ok(())
    }

    /// When the oldest event must be dropped at the latest.
    pub(super) fn next_drop(&mut self) -> Option<Millis> {
        let oldest_at = match &self.history {
            Some(history) => history.oldest_at(),
            None => self.storage.first_page_from(0).ok()??.oldest_at(),
        };
        Some(self.drop_of(oldest_at?))
    }

    /// When an event of the time `at` must be dropped at the latest.
    pub(super) fn drop_of(&self, at: Millis) -> Millis {
        let ttl_ms = self.settings.retention.map_or(0, |retention| retention.ttl_ms);
        at.saturating_add(ttl_ms).saturating_add(longest_delay(&self.settings))
    }

    /// The journal has just been opened, and its alarm may be lost. One that goes off at once is early enough for
    /// everything else that waits for one, and sets the next.
    #[inline(never)]
    pub(super) fn watch(&mut self, oldest_at: Option<Millis>, now: Millis) {
        let is_lost = |at: Millis| self.drop_of(at).saturating_add(timers::LATE_MS) <= now;
        if oldest_at.is_some_and(is_lost) {
            self.timers.set(now, &mut self.storage);
        }
    }

    /// The first event is about to come into the journal. If there are sockets, an alarm is already set that comes before
    /// it expires.
    #[inline(never)]
    pub(super) fn has_first_event(&mut self, now: Millis) {
        if self.sockets.count() == 0 {
            // So that an alarm for a user who may come back is not delayed.
            self.restore_presence(now);
            self.arm(self.drop_of(now), now);
        }
    }
}

/// Whether it has events, and all of them have expired.
fn is_all_over(page: &Page, retention: Retention, now: Millis) -> bool {
    !page.is_empty() && page.times().all(|at| retention.is_over(at, now))
}

/// How many of its first events have expired.
fn count_over(page: &Page, retention: Retention, now: Millis) -> usize {
    page.times().take_while(|at| retention.is_over(*at, now)).count()
}
