//! The room's only alarm, shared by everything that waits for a time.

use super::{RoomSettings, silence};
use crate::Millis;
use crate::ports::Storage;

/// An alarm that is this late is assumed lost, and set again at the next opportunity.
const LATE_MS: Millis = 60_000;

/// When the alarm is set for. Setting it costs a billed row, so it is only ever moved earlier.
#[derive(Debug, Default)]
pub(super) struct Timers {
    alarm_at: Option<Millis>,
}

impl Timers {
    /// After waking, the alarm from an earlier life is still set, but its time is unknown. It is no later than what is
    /// due next and, if there are sockets, no later than the next check for silent ones.
    pub(super) fn restore(
        due: Option<Millis>,
        has_sockets: bool,
        settings: &RoomSettings,
        now: Millis,
    ) -> Self {
        let look =
            has_sockets.then(|| now.saturating_add(silence::longest_between_looks(settings)));
        Self { alarm_at: due.into_iter().chain(look).min() }
    }

    /// The alarm has gone off, so none is set.
    pub(super) fn fired(&mut self) {
        self.alarm_at = None;
    }

    /// Makes sure that the alarm goes off at `at` or earlier.
    pub(super) fn arm(&mut self, at: Millis, now: Millis, storage: &mut impl Storage) {
        let is_early_enough = |set: Millis| set <= at && set.saturating_add(LATE_MS) > now;
        if !self.alarm_at.is_some_and(is_early_enough) {
            self.set(at, storage);
        }
    }

    /// Makes sure that silent sockets are checked, at the latest after one full silence from now.
    pub(super) fn arm_look(
        &mut self,
        settings: &RoomSettings,
        now: Millis,
        storage: &mut impl Storage,
    ) {
        self.arm(now.saturating_add(settings.stale_socket_ms), now, storage);
    }

    /// Sets the alarm, replacing any other.
    pub(super) fn set(&mut self, at: Millis, storage: &mut impl Storage) {
        self.alarm_at = Some(at);
        storage.set_alarm(at);
    }
}
