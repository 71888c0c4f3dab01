//! The room as the root of its leaves (P15): which calls it makes, and what comes of them.

mod answers;
mod calls;
mod controls;
mod counts;
mod order;
mod pulls;
mod size;
mod ups;

use super::Room;
use crate::Millis;
use crate::ports::{Sockets, Storage, StorageFailed};
use crate::position::Seq;
use crate::tree::Tree;
use crate::tree::root::Root;

impl<S: Sockets, P: Storage> Room<S, P> {
    /// Reads whether there are leaves.
    #[inline(never)]
    pub(super) fn read_tree(&mut self, now: Millis) -> Result<bool, StorageFailed> {
        let Some(text) = self.storage.load_tree()? else {
            self.tree = Tree::Alone;
            return Ok(false);
        };
        let (places, controls) = Root::parse(&text).ok_or(StorageFailed)?;
        let newest = self.newest_kept(now)?;
        let root = Root::new(places, controls, self.awake_since, !self.began_empty, newest);
        self.tree = Tree::Root(Box::new(root));
        Ok(true)
    }

    /// The newest kept event; 0 if none is kept.
    fn newest_kept(&mut self, now: Millis) -> Result<Seq, StorageFailed> {
        Ok(self.open_history(now)?.map_or(0, |history| history.newest()))
    }

    fn root(&self) -> Option<&Root> {
        match &self.tree {
            Tree::Root(root) => Some(root),
            _ => None,
        }
    }

    fn root_mut(&mut self) -> Option<&mut Root> {
        match &mut self.tree {
            Tree::Root(root) => Some(root),
            _ => None,
        }
    }
}
