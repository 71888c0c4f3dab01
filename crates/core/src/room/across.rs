//! TEMPORARY until root's lands.
use super::Room;
use crate::Millis;
use crate::ports::{Sockets, Storage};
use crate::tree::Tree;
use crate::tree::wire::Entry;
impl<S: Sockets, P: Storage> Room<S, P> {
    pub(super) fn is_grown(&self) -> bool {
        matches!(self.tree, Tree::Root(_) | Tree::Leaf(_))
    }
    pub(super) fn order(&mut self, entry: Entry, now: Millis) {
        self.apply_entry(&entry, now);
    }
}
