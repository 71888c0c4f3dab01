//! What waits for a leaf.

use std::collections::VecDeque;
use std::rc::Rc;

use super::super::wire::{Control, Entry};
use super::tickets::Part;
use crate::ports::RosterEntry;
use crate::position::Seq;

/// Once so many bytes wait for a leaf, or so many entries, it is too far behind to catch up.
const MOST_BYTES: usize = 1_048_576;
const MOST_ENTRIES: usize = 1_000;

/// An entry as a call has it, made once for all leaves.
#[derive(Debug)]
pub struct Item {
    /// The text.
    pub text: String,
    /// Whether the leaf tells how many it has reached.
    pub is_counted: bool,
    /// The newest kept event after it, if it changes that.
    pub seq: Option<Seq>,
    /// The number of the controls after it, if it changes that.
    pub controls: Option<u64>,
    /// Whether what comes after it is of another history.
    pub ends_history: bool,
    /// The user who is to be expected, if that is what it says.
    pub expected: Option<Box<RosterEntry>>,
}

impl From<&Entry> for Item {
    #[inline(never)]
    fn from(entry: &Entry) -> Self {
        let mut text = String::new();
        entry.push_to(&mut text);
        let ends_history = matches!(entry, Entry::Control { control: Control::Erase(_), .. });
        let (seq, controls) = match entry {
            Entry::Event { seq, .. } => (*seq, None),
            Entry::Control { number, .. } => (ends_history.then_some(0), Some(*number)),
            _ => (None, None),
        };
        let expected = match entry {
            Entry::Expect { entry } => Some(Box::new(entry.clone())),
            _ => None,
        };
        Self { text, is_counted: is_counted(entry), seq, controls, ends_history, expected }
    }
}

/// Whether the answer to a call tells how many an entry has reached.
fn is_counted(entry: &Entry) -> bool {
    matches!(
        entry,
        Entry::Event { .. } | Entry::Said { .. } | Entry::Updated { .. } | Entry::Control { .. }
    )
}

/// An entry on its way to a leaf.
#[derive(Debug, Clone)]
pub struct Queued {
    /// What.
    pub item: Rc<Item>,
    /// The answer to a backend that waits for it, if any.
    pub part: Option<Part>,
    /// Whether those whom it reaches were not counted yet against what clients may say (P11.5).
    pub is_owed: bool,
}

/// The entries that wait for a leaf, in order.
#[derive(Debug, Default)]
pub struct Queue {
    entries: VecDeque<Queued>,
    bytes: usize,
}

impl Queue {
    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether an erasure waits.
    #[must_use]
    pub fn has_erasure(&self) -> bool {
        self.entries.iter().any(|queued| queued.item.ends_history)
    }

    /// Whether the leaf is too far behind.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.bytes >= MOST_BYTES || self.entries.len() >= MOST_ENTRIES
    }

    /// Adds an entry.
    pub fn push(&mut self, queued: Queued) {
        self.bytes += queued.item.text.len();
        self.entries.push_back(queued);
    }

    /// Takes everything out that can go in one call: all, but nothing after an erasure, because what comes then is of
    /// another history.
    pub fn take(&mut self) -> Vec<Queued> {
        let end = self.entries.iter().position(|queued| queued.item.ends_history);
        let end = end.map_or(self.entries.len(), |at| at + 1);
        let taken: Vec<Queued> = self.entries.drain(..end).collect();
        self.bytes -= taken.iter().map(|queued| queued.item.text.len()).sum::<usize>();
        taken
    }

    /// Takes out everything.
    pub fn clear(&mut self) -> VecDeque<Queued> {
        self.bytes = 0;
        std::mem::take(&mut self.entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room_call::erasure::Erasure;

    fn queued(entry: &Entry) -> Queued {
        Queued { item: Rc::new(entry.into()), part: None, is_owed: false }
    }

    fn everybody(bytes: usize) -> Queued {
        queued(&Entry::Everybody { frame: "x".repeat(bytes) })
    }

    #[test]
    fn nothing_goes_with_an_erasure_that_comes_after_it() {
        let mut queue = Queue::default();
        queue.push(everybody(1));
        let control = Control::Erase(Erasure::All);
        queue.push(queued(&Entry::Control { control, number: 1 }));
        queue.push(everybody(1));
        assert_eq!([queue.take().len(), queue.take().len(), queue.take().len()], [2, 1, 0]);
    }

    #[test]
    fn it_is_full_of_bytes_or_of_entries() {
        let mut queue = Queue::default();
        queue.push(everybody(MOST_BYTES - 100));
        assert!(!queue.is_full());
        queue.push(everybody(100));
        assert!(queue.is_full());
        queue.take();
        assert!(!queue.is_full() && queue.is_empty());
        (0..MOST_ENTRIES).for_each(|_| queue.push(everybody(0)));
        assert!(queue.is_full());
    }
}
