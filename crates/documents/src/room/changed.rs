//! The project's room is told of a change, once nobody has changed anything for a while (P13.12).

use validiant_core::Millis;

use super::Document;
use crate::ports::{Key, Sockets, Storage, Write};

/// How long after the last change the room is told.
const QUIET_MS: Millis = 30_000;

/// The newest change of which the project's room is not told.
#[derive(Debug, Default)]
pub(super) struct Change {
    /// When it came.
    at: Option<Millis>,
    /// When to try again, if the room could not be told.
    again_at: Option<Millis>,
}

impl Change {
    pub fn erase(&mut self) {
        *self = Self::default();
    }
}

impl<S: Sockets, T: Storage> Document<S, T> {
    /// The project's room has been told of the change that [`Document::alarm`] returned.
    pub fn told(&mut self, change: Millis, now: Millis) {
        // Unless the document was erased meanwhile.
        if self.change.at.is_some() {
            let told = Write { numbers: vec![(Key::Told, change)], ..Write::default() };
            // If it fails, the document is reset, and the room is told again.
            let _ = self.put(&told);
        }
        self.change.again_at = None;
        self.change.at = self.change.at.filter(|at| *at > change);
        self.arm_telling(now);
    }

    /// The project's room could not be told. It is tried again.
    pub fn not_told(&mut self, now: Millis) {
        self.change.again_at = Some(now.saturating_add(QUIET_MS));
        self.arm_telling(now);
    }

    /// Makes sure that the room is told of the newest change.
    pub(super) fn arm_telling(&mut self, now: Millis) {
        self.next_telling(now).into_iter().for_each(|at| self.arm(at, now));
    }

    /// Something has changed. The alarm for it is set when it is written, so that neither is lost without the other.
    pub(super) fn has_changed(&mut self, now: Millis) {
        if self.settings.tells_changes {
            self.know_timers(now);
            self.change.at = Some(now);
        }
    }

    pub(super) fn change_to_tell(&mut self, now: Millis) -> Option<Millis> {
        let at = self.change.at.filter(|_| self.due_at().is_some_and(|due| due <= now))?;
        // Until the caller says how it went.
        self.change.again_at = Some(Millis::MAX);
        Some(at)
    }

    /// When the room is to be told next.
    pub(super) fn next_telling(&self, now: Millis) -> Option<Millis> {
        self.due_at().filter(|at| *at < Millis::MAX).map(|at| at.max(now))
    }

    fn due_at(&self) -> Option<Millis> {
        let quiet = self.change.at?.saturating_add(QUIET_MS);
        Some(quiet.max(self.change.again_at.unwrap_or_default()))
    }

    /// After waking, whether there is such a change is stored.
    pub(super) fn know_change(&mut self) {
        if !self.settings.tells_changes || self.change.at.is_some() {
            return;
        }
        let (Ok(Some(changed_at)), Ok(told)) =
            (self.storage.changed_at(), self.storage.number(Key::Told))
        else {
            return;
        };
        self.change.at = Some(changed_at).filter(|at| *at > told);
    }
}
