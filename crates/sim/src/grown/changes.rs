//! The changes of presence data that clients have said, by client and number.

use std::collections::{BTreeMap, BTreeSet};

use super::socket::Key;

/// A change: the number of its client, and its own.
pub type Number = (u8, u8);

/// On which sockets they were said, and which may have been refused.
#[derive(Debug, Default)]
pub struct Changes {
    said_on: BTreeMap<Number, BTreeSet<Key>>,
    taken_back: BTreeMap<u8, u8>,
}

impl Changes {
    /// A client says one, perhaps again.
    pub fn say(&mut self, change: Number, socket: Key) {
        self.said_on.entry(change).or_default().insert(socket);
    }

    /// A client is told that something was refused: it may be any of its changes until this one.
    pub fn take_back(&mut self, (client, number): Number) {
        self.taken_back.insert(client, number);
    }

    /// Whether nobody who knows the one may be told the other. What comes over two sockets has no order (P15.10), and what
    /// was there before a change stands if that is refused (P15.9).
    pub fn is_over(&self, known: Number, told: Number) -> bool {
        let sockets = self.said_on.get(&told);
        let is_on_one =
            sockets == self.said_on.get(&known) && sockets.is_none_or(|sockets| sockets.len() == 1);
        let may_be_refused = self.taken_back.get(&known.0).is_some_and(|last| known.1 <= *last);
        known.0 == told.0 && known.1 > told.1 && is_on_one && !may_be_refused
    }
}
