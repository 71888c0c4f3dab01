//! What a room has, over all its places (P15).

use super::Room;
use crate::Millis;
use crate::ports::{Sockets, Storage, StorageFailed};
use crate::tree::Tree;
use crate::tree::wire::Counts;

impl<S: Sockets, P: Storage> Room<S, P> {
    /// Whether there are other places. Read on first use.
    ///
    /// # Errors
    /// [`StorageFailed`]; then nothing may be said to anybody that the others would have to know.
    pub(super) fn know_tree(&mut self, now: Millis) -> Result<bool, StorageFailed> {
        match &self.tree {
            Tree::Alone => Ok(false),
            Tree::Unread => self.read_tree(now),
            Tree::Root(_) | Tree::Leaf(_) => Ok(true),
        }
    }

    /// The same, as far as it is known.
    pub(super) fn is_grown(&self) -> bool {
        matches!(self.tree, Tree::Root(_) | Tree::Leaf(_))
    }

    /// How many there are at the other places, as far as is known.
    pub(super) fn others(&self) -> Counts {
        match &self.tree {
            Tree::Unread | Tree::Alone => Counts::default(),
            Tree::Root(root) => root.others(),
            Tree::Leaf(leaf) => leaf.others(),
        }
    }

    /// A client has been told how many there are. If that is not known of all places, or the root does not know
    /// it of this one, everybody is told once it is.
    pub(super) fn has_told_counts(&mut self) {
        let own = self.own_counts();
        match &mut self.tree {
            Tree::Unread | Tree::Alone => {}
            Tree::Root(root) if root.can_tell_counts() => {}
            Tree::Root(_) => self.summary.is_due(),
            Tree::Leaf(leaf) => leaf.has_told_counts(own),
        }
    }

    /// How many sockets there are at all places.
    pub(super) fn all_sockets(&self) -> usize {
        self.sockets.count().saturating_add(self.others().sockets as usize)
    }

    /// How many users are present at all places.
    pub(super) fn all_users(&self) -> usize {
        self.presence.count().saturating_add(self.others().users as usize)
    }
}
