//! Whether a leaf takes a call from the root.

use super::Leaf;
use crate::Millis;
use crate::tree::wire::{Down, DownOutcome, Head};

/// A call for no known life of a leaf is not taken this long after it was sent, nor if it is a repeat, nor if the leaf has
/// stored a later change of what keeps clients out: an earlier life may have had it.
const LATE_MS: Millis = 5_000;

/// What is to become of a [`Down`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judged {
    /// It is taken. First all sockets are closed, if that is said.
    Take {
        /// Whether something may be missing.
        closes: bool,
    },
    /// It is not taken, and this is the answer.
    Answer(String),
    /// Something is missing: the leaf begins another life.
    Doubt,
    /// It is for another object.
    NotMine,
}

impl Leaf {
    /// Judges a call from the root, by its head alone.
    pub fn judge(&mut self, down: &Down, has_sockets: bool, now: Millis) -> Judged {
        if down.place != self.place {
            return Judged::NotMine;
        }
        self.outlive(down.leaf);
        if down.root < self.root {
            return self.answered(DownOutcome::Stale { root: self.root });
        }
        if down.leaf != 0 && down.leaf != self.incarnation {
            return self.answered(DownOutcome::Again { wants_controls: false });
        }
        if down.root > self.root {
            return self.judge_first(down, has_sockets, now);
        }
        match down.number {
            // A repeat keeps its time. Another call of this number belongs to a session of which the leaf knows nothing.
            number if number <= self.taken && down.sent_at > self.taken_sent_at => Judged::Doubt,
            number if number == self.taken && !self.answer.is_empty() => {
                Judged::Answer(self.answer.clone())
            }
            number if number <= self.taken => self.answered(DownOutcome::Done),
            // The root knows this life by now: a late repeat of a call from before.
            _ if down.leaf == 0 => self.answered(DownOutcome::Again { wants_controls: false }),
            _ if down.reset => self.begin_with(down, true),
            // What is erased has no position. All sockets are closed with it.
            number if number == self.taken + 1 && (self.is_at(&down.head) || down.erases()) => {
                self.hear(&down.head);
                Judged::Take { closes: false }
            }
            _ => Judged::Doubt,
        }
    }

    /// The same for the first call of a life of the root.
    fn judge_first(&mut self, down: &Down, has_sockets: bool, now: Millis) -> Judged {
        if down.number != 1 && !down.reset {
            return self.answered(DownOutcome::Again { wants_controls: false });
        }
        let is_late = down.is_repeat || now.saturating_sub(down.sent_at) > LATE_MS;
        let has_more = self.controls.is_some_and(|controls| controls > down.head.controls);
        if self.ring.is_none() && down.leaf == 0 && (is_late || has_more) {
            return self.answered(DownOutcome::Again { wants_controls: false });
        }
        let goes_on = down.continues && self.is_at(&down.head);
        self.begin_with(down, down.reset || (has_sockets && !goes_on))
    }

    fn begin_with(&mut self, down: &Down, closes: bool) -> Judged {
        self.begin(down.root, down.number.saturating_sub(1), &down.head);
        Judged::Take { closes }
    }

    /// Whether this is where the leaf stands, if it knows.
    pub(super) fn is_at(&self, head: &Head) -> bool {
        let newest = self.newest();
        newest.is_none_or(|newest| newest == head.seq && self.epoch == head.epoch)
    }
}
