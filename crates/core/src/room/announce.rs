//! Telling a room who comes and goes: each of them, or in a large room a summary (P5.5).

use super::Room;
use crate::Millis;
use crate::frame;
use crate::member::User;
use crate::names::UserId;
use crate::ports::{Sockets, Storage};

/// The least time between two summaries.
const SUMMARY_INTERVAL_MS: Millis = 1_000;

/// Whether the room is told in summaries, and what it has been told.
#[derive(Debug, Default)]
pub(super) struct Summary {
    /// The room has more users than are told one by one.
    active: bool,
    /// Something changed since the last summary.
    pending: bool,
    last_sent: Option<Millis>,
}

impl Summary {
    /// After waking nobody knows whether a summary was held back, so one is owed.
    pub(super) fn restore(active: bool) -> Self {
        Self { active, pending: active, last_sent: None }
    }

    fn sent(&mut self, now: Millis) {
        self.pending = false;
        self.last_sent = Some(now);
    }

    /// When the next one may go out. A clock that was set back does not hold it up.
    fn not_before(&self, now: Millis) -> Millis {
        match self.last_sent {
            Some(sent) if sent <= now => sent.saturating_add(SUMMARY_INTERVAL_MS),
            _ => now,
        }
    }
}

impl<S: Sockets, P: Storage> Room<S, P> {
    pub(super) fn announce_joined(&mut self, user: &UserId, now: Millis) {
        if self.is_told_one_by_one(now)
            && let Some(present) = self.presence.find(user)
        {
            let frame = frame::user_joined(present, &self.project_id, now);
            self.send_to(&frame, |member| member.user_id() != Some(user));
        }
    }

    pub(super) fn announce_left(&mut self, users: &[User], now: Millis) {
        if !users.is_empty() && self.is_told_one_by_one(now) {
            for user in users {
                let frame = frame::user_left(user, &self.project_id, now);
                // As with a join: a socket of theirs that only listens knows who they are.
                self.send_to(&frame, |member| member.user_id() != Some(&user.id));
            }
        }
    }

    /// Whether the change that just happened is told as it is. If not, a summary tells it.
    fn is_told_one_by_one(&mut self, now: Millis) -> bool {
        let was_active = self.summary.active;
        self.summary.active = self.presence.count() > self.settings.presence_events_max;
        if self.summary.active {
            self.summary.pending = true;
            self.flush_summary(now);
        } else if was_active {
            self.tell_everybody(now);
        }
        !self.summary.active && !was_active
    }

    /// Sends the summary that is owed, now or by alarm as soon as it may be sent.
    pub(super) fn flush_summary(&mut self, now: Millis) {
        if !self.summary.pending {
            return;
        }
        let not_before = self.summary.not_before(now);
        if now < not_before {
            self.timers.arm(not_before, now, &mut self.storage);
            return;
        }
        self.send_summary(false, now);
    }

    /// The room is small enough again: one list of all who are here takes the place of the joins and
    /// leaves that nobody was told. It is not held back: were the room to lose its memory meanwhile,
    /// nobody would know that a list is owed.
    fn tell_everybody(&mut self, now: Millis) {
        self.send_summary(true, now);
    }

    fn send_summary(&mut self, lists_users: bool, now: Millis) {
        let users = lists_users.then(|| self.presence.list(frame::MAX_USERS));
        let frame = frame::presence(self.presence.count(), users, now);
        self.send_to(&frame, |_| true);
        self.summary.sent(now);
    }
}
