//! When a leaf is called, and with what.

use super::{OnWay, Session};
use crate::Millis;
use crate::position::Seq;

impl Session {
    /// Whether there is anything to call the leaf for, now or later.
    #[must_use]
    pub fn has_work(&self) -> bool {
        self.on_way.is_some() || self.wants_call() || !self.unexpected.is_empty()
    }

    fn wants_call(&self) -> bool {
        self.must_reset || self.is_asked || self.is_asked_for_users || !self.queue.is_empty()
    }

    /// Whether the leaf is to be called now.
    #[must_use]
    pub fn is_due(&self, now: Millis) -> bool {
        let is_wanted = match &self.on_way {
            Some(way) => !way.is_called,
            None => self.wants_call(),
        };
        is_wanted && self.retry_at.is_none_or(|at| at <= now)
    }

    /// In how many milliseconds the leaf is to be called; `None` if that needs another event first. Nobody stays awake for
    /// a lost leaf.
    #[must_use]
    pub fn due_in(&self, now: Millis) -> Option<Millis> {
        if self.is_due(now) {
            return Some(0);
        }
        let waits = self.on_way.as_ref().is_some_and(|way| !way.is_called);
        self.retry_at.filter(|_| waits).map(|at| at.saturating_sub(now))
    }

    /// What to call the leaf with now. `newest` and `controls`: the newest kept event, and the number of the controls.
    /// `places`: their version, and whether the leaf takes no clients any more.
    pub fn call(
        &mut self,
        newest: Seq,
        controls: u64,
        (places, drains): (u64, bool),
        now: Millis,
    ) -> &OnWay {
        (self.retry_at, self.has_snapshot) = (None, false);
        let is_reset = self.on_way.is_none() && self.must_reset;
        if is_reset {
            // A life in which the leaf has got nothing yet, so that it can't take this for something that it has had.
            self.knows_no_root_before(self.root.saturating_add(1));
            (self.seq, self.controls) = (newest, controls);
            self.ended.clear();
            (self.must_reset, self.continues) = (false, false);
        }
        let Self { queue, on_way, seq, leaf, .. } = self;
        let way = on_way.get_or_insert_with(|| OnWay {
            entries: if is_reset { Vec::new() } else { queue.take() },
            is_reset,
            after: *seq,
            sent_at: now,
            wants_users: false,
            places,
            drains,
            leaf: *leaf,
            sendings: 0,
            is_called: true,
        });
        if way.sendings == 0 {
            way.wants_users |= std::mem::take(&mut self.is_asked_for_users);
            (way.places, way.drains) = (places, drains);
            // Only a call without entries asks for the counts: a leaf that sleeps need not read its users for an event.
            self.is_asked &= !way.entries.is_empty() || is_reset;
        }
        (way.is_called, way.sendings) = (true, way.sendings + 1);
        way
    }
}
