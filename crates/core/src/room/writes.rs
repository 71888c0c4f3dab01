//! What the room writes soon after it has happened, several things at once (P7.6).
//!
//! Events leave first, and are written a few milliseconds later, together with those that came in the meantime. The same
//! goes for the roster, where losing the last changes does no harm: after a crash every user has to come back anyway. One
//! who is missing is announced again when they do, and one who had just left counts as waited for, and leaves once more.

use super::Room;
use crate::history::History;
use crate::names::UserId;
use crate::ports::{Gate, RosterEntry, Sockets, Storage, StorageFailed, Write};
use crate::position::Seq;
use crate::sorted::SortedSet;

impl<S: Sockets, P: Storage> Room<S, P> {
    /// Whether there is anything to write. Then the caller calls [`Self::write`] soon.
    #[must_use]
    pub fn is_to_be_written(&self) -> bool {
        !self.changed_users.is_empty()
            || self.history.as_ref().is_some_and(|history| history.unwritten().next().is_some())
    }

    /// Writes what has gathered. Nothing waits for it but the answers to backends.
    ///
    /// # Errors
    /// [`StorageFailed`]; then [`Self::must_be_reset`] is true.
    pub fn write(&mut self) -> Result<(), StorageFailed> {
        self.write_with(Gate::Open).inspect_err(|_| self.must_be_reset = true)
    }

    /// The same, before anything else is sent or set. So an alarm that has gone off does it: after a crash, nobody would
    /// come back to what it did, because its end would be durable and the rest would not.
    pub(super) fn write_first(&mut self) -> Result<(), StorageFailed> {
        if !self.is_to_be_written() {
            return Ok(());
        }
        self.write_with(Gate::Closed).inspect_err(|_| self.must_be_reset = true)?;
        self.is_written();
        Ok(())
    }

    /// The writes up to the last [`Self::write`] are durable.
    pub fn is_written(&mut self) {
        if let Some(history) = &mut self.history {
            history.durable();
        }
        self.look_at_told();
    }

    /// Whether something could be lost that the sockets do not tell again: events, or who has no socket any more.
    #[must_use]
    pub fn is_at_risk(&self) -> bool {
        let is_away = |user| {
            self.presence.entry(user).is_none_or(|entry: RosterEntry| entry.leaves_at.is_some())
        };
        self.awaits_write() || self.changed_users.keys().any(is_away)
    }

    /// Whether something that was published is not durable yet. An answer that says it is has to wait.
    #[must_use]
    pub fn awaits_write(&self) -> bool {
        self.history.as_ref().is_some_and(|history| !history.is_durable())
    }

    /// Whether a write has failed after the events that it was for had been sent: nobody may go on believing in them.
    #[must_use]
    pub fn must_be_reset(&self) -> bool {
        self.must_be_reset
    }

    #[inline(never)] // Not a part of every broadcast.
    pub(super) fn write_with(&mut self, gate: Gate) -> Result<(), StorageFailed> {
        // If it fails, open the journal again next time: its state is uncertain.
        self.try_to_write(gate).inspect_err(|_| self.history = None)
    }

    fn try_to_write(&mut self, gate: Gate) -> Result<(), StorageFailed> {
        self.history.iter_mut().for_each(History::cut_expired);
        let dropped = self.drop_surplus()?;
        let roster = self.changed_entries();
        let pages = self.history.iter().flat_map(History::unwritten).collect();
        self.storage.write(&Write { pages, dropped, roster }, gate)?;
        self.changed_users = SortedSet::default();
        if let Some(history) = &mut self.history {
            history.written();
        }
        Ok(())
    }

    /// The keys of the pages that are beyond the limit.
    fn drop_surplus(&mut self) -> Result<Vec<Seq>, StorageFailed> {
        let mut dropped = Vec::new();
        let Some(history) = &mut self.history else { return Ok(dropped) };
        while let Some(key) = history.surplus() {
            dropped.push(key);
            let next = self.storage.first_page_from(key.saturating_add(1))?;
            let first_in_memory = history.pages().next().map_or(0, |page| page.key);
            history.begins_with(next.filter(|page| page.key < first_in_memory).as_ref());
        }
        Ok(dropped)
    }

    fn changed_entries(&self) -> Vec<(UserId, Option<RosterEntry>)> {
        let entry = |user: &UserId| (user.clone(), self.presence.entry(user));
        self.changed_users.keys().map(entry).collect()
    }

    /// The user's entry in the roster has changed.
    pub(super) fn remember(&mut self, user: &UserId) {
        self.changed_users.insert(user.clone(), ());
    }
}
