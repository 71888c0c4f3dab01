//! How many there are elsewhere, as far as a leaf knows, and what it has told of that.

use super::Leaf;
use crate::tree::wire::{Counts, Head};

impl Leaf {
    /// How many there are at all other places, as last told.
    #[must_use]
    pub fn others(&self) -> Counts {
        self.others.unwrap_or_default()
    }

    /// A client has been told how many there are. `own`: at this place. If they are as many again as the root knows before
    /// it is called, nothing but this makes it tell everybody.
    pub fn has_told_counts(&mut self, own: Option<Counts>) {
        let is_guess = self.others.is_none() || self.has_old_others;
        if is_guess || self.outbox.may_tell_other_users(own) {
            self.has_to_tell_again();
        }
    }

    pub(super) fn has_to_tell_again(&mut self) {
        self.has_guessed = true;
        self.outbox.guesses_again();
    }

    /// Takes over what a head says of the other places.
    pub(super) fn learn(&mut self, head: &Head) {
        if head.places.version >= self.places.version {
            self.places.clone_from(&head.places);
        }
        // If the root has lost count, everybody may have been told otherwise since it told this place.
        self.has_old_others = head.others.is_none();
        self.others = head.others.or(self.others);
    }
}
