//! What keeps clients out, at all places: each change has a number, which is stored before the change is made.

use super::super::Room;
use super::super::once_read::once_read;
use crate::Millis;
use crate::answer::Ticket;
use crate::ports::{Sockets, Storage, StorageFailed};
use crate::tree::Tree;
use crate::tree::root::Root;
use crate::tree::root::tickets::Answer;
use crate::tree::wire::{Control, Controls, Entry};

impl<S: Sockets, P: Storage> Room<S, P> {
    /// Numbers a change that is about to be made, so that a leaf that misses it knows.
    pub(in super::super) fn number_control(&mut self) -> Result<(), StorageFailed> {
        match &self.tree {
            Tree::Root(_) => self.number_next(),
            _ => Ok(()),
        }
    }

    #[inline(never)]
    fn number_next(&mut self) -> Result<(), StorageFailed> {
        if let Some(root) = self.root_mut() {
            root.controls = root.controls.saturating_add(1);
        }
        self.store_tree()
    }

    pub(super) fn store_tree(&mut self) -> Result<(), StorageFailed> {
        let Self { tree, storage, .. } = self;
        let Tree::Root(root) = tree else { return Ok(()) };
        storage.save_tree(Some(&Root::to_text(&root.places, root.controls)))
    }

    /// The history is about to end. The leaves know it until they have confirmed that.
    pub(in super::super) fn ends_history_of_leaves(
        &mut self,
        now: Millis,
    ) -> Result<(), StorageFailed> {
        if !self.is_grown() {
            return Ok(());
        }
        let epoch = self.open_history(now)?.map(|history| history.epoch().clone());
        if let Some(root) = self.root_mut() {
            for session in &mut root.sessions {
                session.ended.extend(epoch.clone());
            }
        }
        Ok(())
    }

    /// Tells the leaves of a change, which has its number and is stored. The answer waits until all have confirmed it.
    pub(in super::super) fn tell_control(
        &mut self,
        control: impl FnOnce() -> Control,
        answer: impl FnOnce() -> Answer,
    ) -> Option<Ticket> {
        match &self.tree {
            Tree::Root(_) => self.share_control(control(), answer()),
            _ => None,
        }
    }

    #[inline(never)]
    fn share_control(&mut self, control: Control, answer: Answer) -> Option<Ticket> {
        let root = self.root_mut()?;
        let number = root.controls;
        let places: Vec<_> = root.places.leaves.iter().map(|leaf| leaf.place).collect();
        let part = root.tickets.open_for_controls(answer, number, places.into_iter());
        root.share(&Entry::Control { control, number }, |_| false, Some(part));
        root.sessions.iter_mut().for_each(|session| session.is_heard());
        Some(part.ticket)
    }

    /// All that keeps clients out.
    pub(super) fn all_controls(&mut self) -> Result<Controls, StorageFailed> {
        let min_key_epoch = self.min_key_epoch()?;
        let Self { storage, removals, revocations, .. } = self;
        let removed = once_read(removals, || storage.load_removals())?;
        let removals = removed.iter().map(|(user, until)| (user.clone(), *until)).collect();
        let revocations = once_read(revocations, || storage.load_revocations())?.all();
        let number = self.root().map_or(0, |root| root.controls);
        Ok(Controls { number, removals, revocations, min_key_epoch })
    }
}
