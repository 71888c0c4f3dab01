//! When a leaf calls the root, and what it says.

use super::Leaf;
use crate::Millis;
use crate::tree::outbox::{OnWay, Waiting};
use crate::tree::wire::{Counts, Up};

/// No call is due later than this. If one seems to be, the clock was set back.
const LATEST_MS: Millis = 2_000;

impl Leaf {
    /// Whether there is anything to say to the root, now or later. `counts`: of this leaf, if it has read its roster.
    #[must_use]
    pub fn wants_call(&self, counts: Option<Counts>) -> bool {
        if self.outbox.is_busy() {
            return self.outbox.retry_at().is_some();
        }
        !self.is_retired && (self.has_something_to_say() || self.outbox.is_news(counts))
    }

    fn has_something_to_say(&self) -> bool {
        self.asks_at.is_some()
            || !self.outbox.is_empty()
            || self.positions.are_wanted()
            || self.wants_controls
            || self.has_guessed
    }

    /// When the next call is due; `None` if none is, or one is being made.
    #[must_use]
    pub fn call_due_at(&self, counts: Option<Counts>) -> Option<Millis> {
        if self.outbox.is_busy() || self.is_retired {
            return self.outbox.retry_at();
        }
        let is_due = !self.outbox.is_empty() || self.positions.are_wanted();
        let controls = self.wants_controls.then_some(self.asks_not_before);
        let has_news = self.has_guessed || self.outbox.is_news(counts);
        let news = has_news.then(|| self.outbox.news_due_at());
        let due_at = is_due
            .then_some(0)
            .into_iter()
            .chain(self.asks_at)
            .chain(controls)
            .chain(news)
            .min()?;
        // Without a session it can only ask where it stands.
        let first = if self.has_session() { 0 } else { self.asks_not_before };
        Some(due_at.max(first))
    }

    /// The next call to make now.
    pub fn next_call(&mut self, counts: Option<Counts>, now: Millis) -> Option<String> {
        let due_at = self.call_due_at(counts)?;
        if self.outbox.is_busy() {
            return self.outbox.retry(now);
        }
        if due_at > now && due_at <= now.saturating_add(LATEST_MS) {
            return None;
        }
        Some(self.make_call(counts, now))
    }

    fn make_call(&mut self, counts: Option<Counts>, now: Millis) -> String {
        let waiting = if self.has_session() { self.outbox.take() } else { Vec::new() };
        let pulls = if self.has_session() { self.positions.to_ask() } else { Vec::new() };
        self.number += u64::from(self.has_session());
        self.asks_at = None;
        let mut up = Up {
            place: self.place,
            leaf: self.incarnation,
            root: self.root,
            number: self.number,
            seq: self.newest(),
            taken: self.taken,
            counts,
            is_news: self.has_guessed || self.outbox.has_other_users(counts),
            // A new leaf has none.
            wants_controls: self.wants_controls || (self.root == 0 && self.controls == Some(0)),
            pulls,
            entries: Vec::new(),
        };
        let (entries, askers): (Vec<_>, Vec<_>) =
            waiting.into_iter().map(|Waiting { entry, asker }| (entry, asker)).unzip();
        up.entries = entries;
        let mut on_way = OnWay::new(up.to_text(), self.root, now);
        let parts = up.entries.into_iter().zip(askers);
        on_way.waiting = parts.map(|(entry, asker)| Waiting { entry, asker }).collect();
        (on_way.counts, on_way.pulls) = (counts, up.pulls);
        on_way.has_guessed = self.has_guessed;
        let text = on_way.text.clone();
        self.outbox.make(on_way);
        text
    }
}
