//! How many there are at the leaves, and what everybody is told of it (P5.5).

use super::super::Room;
use crate::Millis;
use crate::ports::{Sockets, Storage};
use crate::tree::Place;
use crate::tree::root::session::Session;
use crate::tree::wire::{Counts, Entry};
use crate::wire::frame;

/// The least time between two summaries, and how much of it each place adds, in milliseconds. All sockets get one.
const SUMMARY_MS: Millis = 1_000;
const SUMMARY_MS_BY_PLACE: Millis = 250;

impl<S: Sockets, P: Storage> Room<S, P> {
    /// A leaf has told how many there are. `is_news`: whether it says that this has changed.
    pub(super) fn has_counts(
        &mut self,
        at: Place,
        counts: Option<Counts>,
        is_news: bool,
        now: Millis,
    ) {
        let Some(counts) = counts else { return };
        let Some(session) = self.root_mut().and_then(|root| root.session_mut(at)) else { return };
        if session.is_lost {
            return;
        }
        let before = session.has_told(counts);
        if is_news || before.is_some_and(|before| before.users != counts.users) {
            self.summary.is_due();
        }
        self.measure(now);
    }

    /// Tells everybody how many are present, if it is time and all leaves have told. Those that have not are asked.
    pub(in super::super) fn flush_summary_of_all(&mut self, now: Millis) {
        let knows_all = self.root_mut().is_some_and(|root| root.knows_counts());
        if !knows_all || self.summary_due_in(now) != Some(0) {
            return;
        }
        self.restore_presence(now);
        let frame = frame::presence(self.all_users(), None, now);
        self.flush();
        self.send_to(&frame, |_| true);
        if let Some(root) = self.root_mut() {
            root.share(&Entry::Everybody { frame }, |_| false, None);
        }
        self.summary.sent(now);
    }

    /// In how many milliseconds a summary is due.
    pub(super) fn summary_due_in(&self, now: Millis) -> Option<Millis> {
        let root = self.root()?;
        // Once those are known that are being asked for.
        if root.sessions.iter().any(Session::has_unknown_counts) {
            return None;
        }
        let active = root.places.active();
        let interval = SUMMARY_MS.max(SUMMARY_MS_BY_PLACE * Millis::from(active));
        let due = self.summary.not_before(interval, now);
        self.summary.is_pending().then(|| due.saturating_sub(now))
    }
}
