//! What a leaf stores of its own: up to which change it knows what keeps clients out, and where something was told of its
//! connections.

use super::super::Room;
use crate::ports::{Sockets, Storage, StorageFailed};
use crate::tree::Tree;
use crate::tree::leaf::Leaf;

impl<S: Sockets, P: Storage> Room<S, P> {
    /// The number of the last stored change of what keeps clients out.
    pub(super) fn stored_controls(&mut self) -> Result<u64, StorageFailed> {
        let Self { tree: Tree::Leaf(leaf), storage, began_empty, .. } = self else { return Ok(0) };
        if leaf.controls.is_none() {
            leaf.read_stored(&storage.load_tree()?.unwrap_or_default(), *began_empty);
        }
        Ok(leaf.controls.unwrap_or(0))
    }

    /// Something is about to be told of connections here, at these places in the product. Stored before it is told.
    pub(in super::super) fn tells_at(&mut self, places: &[String]) {
        let is_known = self.stored_controls().is_ok();
        let Some(leaf) = self.leaf_mut() else { return };
        if !is_known || leaf.tells_at(places.iter().map(String::as_str)) && !self.stores_leaf() {
            // What the next life of the leaf does not know, it can't correct.
            self.must_be_reset = true;
        }
    }

    /// If nobody is here, and the root has all that was said, nothing that was told has to be corrected any more.
    pub(in super::super) fn look_at_told(&mut self) {
        let is_at_rest = self.sockets.count() == 0 && !self.is_to_be_written();
        let is_said = |leaf: &&mut Leaf| leaf.outbox.is_empty() && !leaf.outbox.is_busy();
        let leaf = self.leaf_mut().filter(|_| is_at_rest).filter(is_said);
        if leaf.is_some_and(Leaf::has_told_all) {
            // If it can't be stored, the next life says too much.
            self.stores_leaf();
        }
    }

    pub(super) fn stores_leaf(&mut self) -> bool {
        let Self { tree: Tree::Leaf(leaf), storage, .. } = self else { return true };
        storage.save_tree(leaf.to_store().as_deref()).is_ok()
    }
}
