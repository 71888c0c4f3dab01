//! The document's only alarm: tokens that expire (P9.5), sockets that have gone silent (P5.6), and a change to tell
//! (P13.12).

use validiant_core::Millis;
use validiant_core::member::SocketId;
use validiant_core::wire::close_code::CloseCode;

use super::Document;
use crate::ports::{Sockets, Storage};
use crate::visitor::Visitor;

/// An alarm that is this late is assumed lost, and set again at the next opportunity.
const LATE_MS: Millis = 60_000;

/// When the alarm is set for. Setting it costs a billed row, so it is only ever moved earlier.
#[derive(Debug, Default)]
pub(super) struct Timers {
    /// Whether it is known: see [`Document::know_timers`].
    is_known: bool,
    alarm_at: Option<Millis>,
}

impl Timers {
    /// The alarm is gone.
    pub fn erase(&mut self) {
        *self = Self { is_known: true, alarm_at: None };
    }
}

/// What an alarm did.
#[derive(Debug, Default)]
pub struct Alarmed {
    /// The visitors of the sockets that it closed because they were silent.
    pub silent: Vec<Visitor>,
    /// The visitors of the sockets that it closed because their token has expired.
    pub expired: Vec<Visitor>,
    /// The change that the project's room must be told: see [`Document::told`].
    pub change: Option<Millis>,
}

impl<S: Sockets, T: Storage> Document<S, T> {
    /// The alarm has gone off: sockets that are dead or whose token has expired are closed.
    pub fn alarm(&mut self, now: Millis) -> Alarmed {
        self.know_timers(now);
        self.timers.alarm_at = None;
        let silent = self.close_all(self.silent(now), CloseCode::TRY_AGAIN.into(), now);
        let expired = self.close_all(self.expired(now), CloseCode::TOKEN_EXPIRED.into(), now);
        let change = self.change_to_tell(now);
        let next = [self.next_look(now), self.next_end(), self.next_telling(now)];
        next.into_iter().flatten().min().into_iter().for_each(|at| self.arm(at, now));
        self.is_maybe_abandoned(true);
        Alarmed { silent, expired, change }
    }

    /// After waking, the alarm from an earlier life is still set, but its time is unknown. It is no later than what is
    /// due next and, if there are sockets, no later than the latest check for silent ones.
    pub(super) fn know_timers(&mut self, now: Millis) {
        if self.timers.is_known {
            return;
        }
        self.timers.is_known = true;
        self.know_change();
        let known = [self.latest_look(now), self.next_end(), self.next_telling(now)];
        self.timers.alarm_at = known.into_iter().flatten().min();
    }

    /// Makes sure that the alarm goes off at `at` or earlier.
    pub(super) fn arm(&mut self, at: Millis, now: Millis) {
        self.know_timers(now);
        let is_early_enough = |set: Millis| set <= at && set.saturating_add(LATE_MS) > now;
        if !self.timers.alarm_at.is_some_and(is_early_enough) {
            self.timers.alarm_at = Some(at);
            self.storage.set_alarm(at);
        }
    }

    /// Makes sure that silent sockets are checked, at the latest after one full silence from now.
    pub(super) fn arm_look(&mut self, now: Millis) {
        self.arm(self.after_a_silence(now), now);
    }

    /// When a socket is closed because of its token, if it has one.
    pub(super) fn end_of(&self, visitor: &Visitor) -> Option<Millis> {
        let token = visitor.token.as_ref()?;
        Some(token.expires_at.saturating_add(self.settings.token_grace_ms))
    }

    fn next_end(&self) -> Option<Millis> {
        self.sockets.all().filter_map(|(_, visitor)| self.end_of(visitor)).min()
    }

    fn expired(&self, now: Millis) -> Vec<SocketId> {
        self.select(|visitor| self.end_of(visitor).is_some_and(|at| at <= now))
    }
}
