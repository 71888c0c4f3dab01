//! What a leaf does that may have missed something, or is none any more.

use super::super::{Batch, Room};
use crate::Millis;
use crate::ports::{Sockets, Storage};

impl<S: Sockets, P: Storage> Room<S, P> {
    /// Something may be missing at a client: all connect anew, and recover (P7). Another life of the leaf begins.
    #[inline(never)]
    pub(super) fn doubt(&mut self, reason: &'static str, now: Millis) {
        self.batch = Batch::default();
        if let Some(leaf) = self.leaf_mut() {
            leaf.forget();
            leaf.has_asked_in_vain(now);
            // Its counts are told by and by.
            leaf.outbox.has_told(None, now);
        }
        self.close_everybody(reason, now);
    }

    /// The same, unless nobody is here and nothing is known: then the root calls by and by.
    pub(super) fn doubt_or_wait(&mut self, reason: &'static str, now: Millis) {
        let is_empty = self.sockets.count() == 0;
        match self.leaf_mut().filter(|leaf| is_empty && !leaf.has_session()) {
            Some(leaf) => leaf.waits_for_reset(now),
            None => self.doubt(reason, now),
        }
    }

    /// The room has this place no more.
    pub(super) fn retire(&mut self, now: Millis) {
        self.doubt("retired", now);
        if let Some(leaf) = self.leaf_mut() {
            leaf.retire();
        }
        self.stores_leaf();
    }
}
