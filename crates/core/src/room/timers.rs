//! The room's one alarm, shared by all that waits for a time.

use super::{RoomSettings, silence};
use crate::Millis;
use crate::ports::Storage;

/// An alarm that is later than this is taken for lost, and set anew on the next occasion.
const LATE_MS: Millis = 60_000;

/// When the alarm is set for. Setting it costs a billed row, so it is only ever moved earlier.
#[derive(Debug, Default)]
pub(super) struct Timers {
    alarm_at: Option<Millis>,
}

impl Timers {
    /// After waking, the alarm that was set in an earlier life is still set, but not known. It is
    /// no later than what is due next, and, if there are sockets, no later than the next look for silent ones.
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

    /// Sees to it that the alarm goes off at `at` or earlier.
    pub(super) fn arm(&mut self, at: Millis, now: Millis, storage: &mut impl Storage) {
        let is_early_enough = |set: Millis| set <= at && set.saturating_add(LATE_MS) > now;
        if !self.alarm_at.is_some_and(is_early_enough) {
            self.set(at, storage);
        }
    }

    /// Sees to it that silent sockets are looked for, one silence from now at the latest.
    pub(super) fn arm_look(
        &mut self,
        settings: &RoomSettings,
        now: Millis,
        storage: &mut impl Storage,
    ) {
        self.arm(now.saturating_add(settings.stale_socket_ms), now, storage);
    }

    /// Sets the alarm, whatever it was.
    pub(super) fn set(&mut self, at: Millis, storage: &mut impl Storage) {
        self.alarm_at = Some(at);
        storage.set_alarm(at);
    }
}
