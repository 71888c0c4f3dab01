//! What comes of the answer to a call, or of none.

use super::super::super::wire::{Counts, DownAnswer, DownOutcome, Reached};
use super::super::queue::Queued;
use super::super::tickets::Part;
use super::Session;
use crate::Millis;

/// After how many milliseconds a call that failed is made again; after the last of them, the leaf is lost.
const RETRY_AFTER_MS: [Millis; 3] = [100, 500, 2_000];
/// A lost leaf is called at most this often, in milliseconds.
const LOST_RETRY_MS: Millis = 5_000;
/// So many times in a row a leaf may want the same call again at once.
const MOST_AGAIN: usize = 4;

/// What came of an answer, or of none.
#[derive(Debug)]
pub enum Step {
    /// The leaf has confirmed this.
    Confirmed(Vec<(Queued, Reached)>),
    /// The call is made again. Contains what is not made again, and waits in vain.
    Again(Vec<Part>),
    /// The leaf is lost. Contains what waits for it in vain.
    Lost(Vec<Part>),
}

impl Session {
    /// The call was answered.
    pub fn answered(&mut self, answer: &DownAnswer, now: Millis) -> Step {
        match answer.outcome {
            DownOutcome::Done => return self.confirmed(answer),
            DownOutcome::Again { wants_controls } => {
                // Another one could have more than it has waited for, and close those whom it has let in since.
                self.wants_snapshot = wants_controls && !self.has_snapshot;
                self.meet(answer.leaf);
                let vain = self.goes_to_another_life();
                if self.on_way.is_none() {
                    return Step::Again(vain);
                }
            }
            DownOutcome::Stale { root } => {
                self.knows_no_root_before(root.max(self.root).saturating_add(1));
            }
        }
        if self.agains >= MOST_AGAIN {
            return self.lose(now);
        }
        // It answers: one that was slow to start is not lost for what it has to ask then.
        (self.agains, self.attempts, self.retry_at) = (self.agains + 1, 0, None);
        if let Some(way) = &mut self.on_way {
            way.is_called = false;
        }
        Step::Again(Vec::new())
    }

    /// What is on its way goes to this life of the leaf. If that is not the one of before, which may have taken it, the leaf
    /// must be reset, even if it is empty: whoever comes next may have had it from the one before.
    fn goes_to_another_life(&mut self) -> Vec<Part> {
        let leaf = self.leaf;
        let Some(way) = self.on_way.as_mut().filter(|way| way.leaf != leaf) else {
            return Vec::new();
        };
        if way.sendings > 1 && !way.entries.is_empty() {
            return self.drop_on_way();
        }
        (way.leaf, way.sendings) = (leaf, 0);
        Vec::new()
    }

    /// Makes a reset of what is on its way and of what waits.
    pub(super) fn drop_on_way(&mut self) -> Vec<Part> {
        let entries = self.on_way.take().map(|way| way.entries).unwrap_or_default();
        let mut vain = self.give_up(entries);
        vain.extend(self.reset());
        (self.agains, self.attempts, self.retry_at) = (0, 0, None);
        vain
    }

    fn confirmed(&mut self, answer: &DownAnswer) -> Step {
        let Some(way) = self.on_way.take() else { return Step::Again(Vec::new()) };
        (self.agains, self.attempts, self.retry_at) = (0, 0, None);
        if self.leaf == 0 {
            self.leaf = answer.leaf;
        } else if self.leaf != answer.leaf {
            // Another life than the one that was called has confirmed it: nobody knows what it has.
            self.reset();
        }
        self.number = self.number.saturating_add(1);
        if way.is_reset {
            (self.is_lost, self.continues) = (false, true);
        }
        // Only such a call lets it forget what keeps clients out, and only if nobody is there then.
        let is_empty = way.entries.is_empty() && answer.counts == Some(Counts::default());
        self.drains = way.drains && is_empty && !self.has_snapshot;
        self.places = way.places;
        if way.entries.is_empty() && answer.counts.is_none() {
            self.counts = self.counts.or(Some(Counts::default()));
        }
        self.wants_snapshot = false;
        let mut reached = answer.reached.iter().copied();
        let mut confirmed = Vec::with_capacity(way.entries.len());
        for queued in way.entries {
            self.seq = queued.item.seq.unwrap_or(self.seq);
            if queued.item.ends_history {
                self.ended.pop_front();
                self.erased_in = self.number;
            }
            self.controls = self.controls.max(queued.item.controls.unwrap_or(0));
            let counted = if queued.item.is_counted { reached.next() } else { None };
            confirmed.push((queued, counted.unwrap_or_default()));
        }
        Step::Confirmed(confirmed)
    }

    /// The call has failed.
    pub fn failed(&mut self, now: Millis) -> Step {
        let Some(way) = &mut self.on_way else { return Step::Again(Vec::new()) };
        way.is_called = false;
        let is_another = way.leaf != self.leaf;
        if self.is_lost {
            return self.lose(now);
        }
        if is_another && !way.entries.is_empty() {
            return Step::Again(self.drop_on_way());
        }
        let Some(after) = RETRY_AFTER_MS.get(self.attempts) else { return self.lose(now) };
        self.attempts += 1;
        self.retry_at = Some(now.saturating_add(*after));
        Step::Again(Vec::new())
    }

    fn lose(&mut self, now: Millis) -> Step {
        let vain = self.drop_on_way();
        (self.is_lost, self.counts) = (true, None);
        self.retry_at = Some(now.saturating_add(LOST_RETRY_MS));
        Step::Lost(vain)
    }
}
