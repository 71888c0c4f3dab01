//! The room's only alarm, shared by everything that waits for a time.

use super::{Room, RoomSettings, silence};
use crate::Millis;
use crate::ports::{Sockets, Storage};

/// An alarm that is this late is assumed lost, and set again at the next opportunity.
pub(super) const LATE_MS: Millis = 60_000;

/// When the alarm is set for. Setting it costs a billed row, so it is only ever moved earlier.
#[derive(Debug, Default)]
pub(super) struct Timers {
    alarm_at: Option<Millis>,
}

impl Timers {
    /// After waking, the alarm from an earlier life is still set, but its time is unknown. It is no later than what is
    /// due next and, if there are sockets, no later than the next check for silent ones.
    pub(super) fn restore(
        &self,
        due: Option<Millis>,
        has_sockets: bool,
        settings: &RoomSettings,
        now: Millis,
    ) -> Self {
        let look =
            has_sockets.then(|| now.saturating_add(silence::longest_between_looks(settings)));
        let known = self.alarm_at;
        Self { alarm_at: due.into_iter().chain(look).chain(known).min() }
    }

    /// The alarm has gone off, so none is set.
    pub(super) fn fired(&mut self) {
        self.alarm_at = None;
    }

    /// Whether the alarm goes off at `at` or earlier.
    fn goes_off_until(&self, at: Millis, now: Millis) -> bool {
        let is_early_enough = |set: Millis| set <= at && set.saturating_add(LATE_MS) > now;
        self.alarm_at.is_some_and(is_early_enough)
    }

    /// Sets the alarm, replacing any other.
    pub(super) fn set(&mut self, at: Millis, storage: &mut impl Storage) {
        self.alarm_at = Some(at);
        storage.set_alarm(at);
    }
}

impl<S: Sockets, P: Storage> Room<S, P> {
    /// Makes sure that the alarm goes off at `at` or earlier.
    pub(super) fn arm(&mut self, at: Millis, now: Millis) {
        if !self.timers.goes_off_until(at, now) {
            self.set_alarm(at, now);
        }
    }

    /// Makes sure that silent sockets are checked, at the latest after one full silence from now.
    pub(super) fn arm_look(&mut self, now: Millis) {
        self.arm(now.saturating_add(self.settings.stale_socket_ms), now);
    }

    /// Sets the alarm for `at`, or for when events must be dropped, if that is earlier: their alarm may be the one that
    /// this replaces.
    pub(super) fn set_alarm(&mut self, at: Millis, now: Millis) {
        let again = now.saturating_add(LATE_MS);
        let next_drop = self.next_drop().map(|drop| if drop > now { drop } else { again });
        let at = next_drop.map_or(at, |drop| drop.min(at));
        self.timers.set(at, &mut self.storage);
    }
}
