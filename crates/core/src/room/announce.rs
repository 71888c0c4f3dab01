//! Announces joins and leaves: one by one, or as a summary in a large room (P5.5).

use super::Room;
use crate::Millis;
use crate::names::UserId;
use crate::ports::{RosterEntry, Sockets, Storage};
use crate::tree::Tree;
use crate::wire::frame;

/// The minimum time between two summaries.
const SUMMARY_INTERVAL_MS: Millis = 1_000;

/// Whether the room gets summaries, and what it has been told.
#[derive(Debug, Default)]
pub(super) struct Summary {
    /// The room has too many users to announce them one by one.
    active: bool,
    /// Something changed since the last summary.
    pending: bool,
    last_sent: Option<Millis>,
}

impl Summary {
    /// After waking it is unknown whether a summary was held back, so one is pending.
    pub(super) fn restore(active: bool) -> Self {
        Self { active, pending: active, last_sent: None }
    }

    /// The same where it is known whether one was held back, as in a room of several places: whoever holds one back there
    /// stays awake.
    pub(super) fn restore_known(&self) -> Self {
        Self { active: true, pending: self.pending, last_sent: None }
    }

    /// Something has changed.
    pub(super) fn is_due(&mut self) {
        self.pending = true;
    }

    pub(super) fn is_pending(&self) -> bool {
        self.pending
    }

    pub(super) fn sent(&mut self, now: Millis) {
        self.pending = false;
        self.last_sent = Some(now);
    }

    /// When the next one may be sent. A clock that was set back does not delay it.
    pub(super) fn not_before(&self, interval: Millis, now: Millis) -> Millis {
        match self.last_sent {
            Some(sent) if sent <= now => sent.saturating_add(interval),
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

    pub(super) fn announce_left(&mut self, gone: &[RosterEntry], now: Millis) {
        if gone.is_empty() {
            return;
        }
        if self.is_told_one_by_one(now) {
            for RosterEntry { user, .. } in gone {
                let frame = frame::user_left(user, &self.project_id, now);
                // As with a join: the user's own listening sockets are not told.
                self.send_to(&frame, |member| member.user_id() != Some(&user.id));
            }
        } else if self.summary.active {
            gone.iter().for_each(|gone| self.tell_left(gone, gone.last.as_ref(), now));
        }
    }

    /// Whether the change that just happened is announced on its own. If not, a summary covers it.
    fn is_told_one_by_one(&mut self, now: Millis) -> bool {
        let was_active = self.summary.active;
        self.summary.active = self.is_large();
        if self.summary.active {
            self.summary.pending = true;
            if !was_active && self.has_presence_data() && !self.is_grown() {
                // At once: from now on, most of what anybody believes of the others can be out of date.
                self.send_summary(false, now);
            } else {
                self.flush_summary(now);
            }
        } else if was_active {
            self.tell_everybody(now);
        }
        !self.summary.active && !was_active
    }

    /// Sends the pending summary, now or with an alarm as soon as it may be sent.
    pub(super) fn flush_summary(&mut self, now: Millis) {
        if !self.summary.pending {
            return;
        }
        match &self.tree {
            Tree::Unread | Tree::Alone => self.flush_own_summary(now),
            Tree::Root(_) => self.flush_summary_of_all(now),
            // The root hears how many there are, and tells everybody.
            Tree::Leaf(_) => self.summary.pending = false,
        }
    }

    fn flush_own_summary(&mut self, now: Millis) {
        let not_before = self.summary.not_before(SUMMARY_INTERVAL_MS, now);
        if now < not_before {
            self.arm(not_before, now);
            return;
        }
        self.send_summary(false, now);
    }

    /// The room has more places, or fewer, and so another size.
    pub(super) fn has_new_size(&mut self, now: Millis) {
        self.is_told_one_by_one(now);
    }

    /// The room is small enough again: one list of everybody replaces the joins and leaves that were not announced. It
    /// is sent at once. If it were held back and the room lost its memory, it would never be sent.
    fn tell_everybody(&mut self, now: Millis) {
        self.send_summary(true, now);
    }

    fn send_summary(&mut self, lists_users: bool, now: Millis) {
        let users = lists_users.then(|| self.listed());
        let frame = frame::presence(self.presence.count(), users, now);
        self.send_to(&frame, |_| true);
        self.summary.sent(now);
    }
}
