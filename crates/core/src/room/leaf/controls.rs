//! What keeps clients out of a leaf. It is stored before the leaf answers, so that it holds after a crash, too.

use super::super::key_epoch::judge_event;
use super::super::{Room, Timers};
use crate::Millis;
use crate::member::SocketId;
use crate::ports::{Exclusion, Sockets, Storage, StorageFailed};
use crate::room_call::erasure::Erasure;
use crate::room_call::removal::Removal;
use crate::room_call::revocation::Revocation;
use crate::tree::Tree;
use crate::tree::leaf::Leaf;
use crate::tree::places::LeafEntry;
use crate::tree::wire::{Control, Controls, Counts, Down, Reached};
use crate::wire::frame;

impl<S: Sockets, P: Storage> Room<S, P> {
    /// Whether nothing that keeps clients out is missing before the entries of this call, or what was is in its snapshot.
    pub(super) fn has_controls_of(
        &mut self,
        down: &Down,
        now: Millis,
    ) -> Result<bool, StorageFailed> {
        let known = self.stored_controls()?;
        if let Some(snapshot) = &down.snapshot {
            // It has got all that it had asked for with an answer, and has let clients in since. What has changed then comes
            // by itself.
            let is_late = snapshot.number > known && !down.reset && self.sockets.count() > 0;
            if is_late && self.leaf().is_some_and(|leaf| !leaf.wants_controls) {
                return Ok(false);
            }
            self.take_snapshot(snapshot, now)?;
            return Ok(true);
        }
        let is_in_step = known >= down.head.controls;
        if let Some(leaf) = self.leaf_mut() {
            leaf.wants_controls = !is_in_step;
            if !is_in_step {
                // The root calls again with all of them.
                leaf.has_asked_in_vain(now);
            }
        }
        Ok(is_in_step)
    }

    /// Does what a backend has asked for at the root. Returns how many sockets were closed for it. What came in a snapshot is
    /// done: whoever is here was let in after it. But an erasure begins another history, and what comes after it counts anew.
    pub(super) fn take_control(
        &mut self,
        control: &Control,
        number: u64,
        now: Millis,
    ) -> Result<Reached, StorageFailed> {
        let erases = matches!(control, Control::Erase(_));
        if number <= self.stored_controls()? && !erases {
            return Ok(Reached::default());
        }
        let before = self.sockets.select(|_| true);
        let closed = match control {
            Control::Remove { user, until, min_key_epoch } => {
                let refuse_ms = until.map_or(0, |until| until.saturating_sub(now));
                let min_key_epoch = min_key_epoch.unwrap_or(0);
                let removal = Removal { user_id: user.clone(), refuse_ms, min_key_epoch };
                self.remove_user(&removal, now)?.disconnected.len()
            }
            Control::Revoke(revocation) => {
                let revoked = self.revoke(revocation.clone(), now).map_err(|_| StorageFailed)?;
                revoked.disconnected.len()
            }
            Control::KeyEpoch(epoch) => {
                self.raise_key_epoch(*epoch, now)?;
                0
            }
            Control::Erase(erasure) => {
                let erased = self.erase(*erasure, now)?;
                if let Some(leaf) = self.leaf_mut() {
                    leaf.controls = Some(0);
                    leaf.forget_position(now);
                    leaf.outbox.forget_all();
                }
                erased.disconnected.len()
            }
        };
        self.has_stored(number)?;
        self.forget_those_gone(&before);
        self.refuse_under_old_keys(now)?;
        Ok(Reached { recipients: 0, excluded: closed as u64 })
    }

    /// Nothing comes from those who were closed any more.
    fn forget_those_gone(&mut self, before: &[SocketId]) {
        let Self { tree: Tree::Leaf(leaf), sockets, .. } = self else { return };
        let is_gone = |socket| before.contains(&socket) && sockets.member(socket).is_none();
        leaf.outbox.forget_clients(is_gone);
    }

    /// The key epoch may have gone up: what clients have said is judged again if it still waits (P14.5).
    fn refuse_under_old_keys(&mut self, now: Millis) -> Result<(), StorageFailed> {
        let least = self.min_key_epoch()?;
        let Some(leaf) = self.leaf_mut().filter(|_| least > 0) else { return Ok(()) };
        let judge = |frame: &str| judge_event(frame::payload_of_client_event(frame), least);
        for (socket, refusal) in leaf.outbox.refuse(judge) {
            self.refuse(socket, refusal, now);
        }
        Ok(())
    }

    /// The changes up to this one are stored.
    fn has_stored(&mut self, number: u64) -> Result<(), StorageFailed> {
        let known = self.stored_controls()?;
        let Self { tree: Tree::Leaf(leaf), storage, .. } = self else { return Ok(()) };
        if number > known {
            leaf.controls = Some(number);
            let stored = storage.save_tree(leaf.to_store().as_deref());
            return stored.inspect_err(|_| leaf.controls = Some(known));
        }
        Ok(())
    }

    /// Takes over all that keeps clients out. Whoever is connected was let in without it.
    #[inline(never)]
    pub(super) fn take_snapshot(
        &mut self,
        snapshot: &Controls,
        now: Millis,
    ) -> Result<(), StorageFailed> {
        if snapshot.number > self.stored_controls()? {
            self.close_everybody("controls", now);
            self.forget_what_is_over(snapshot, now)?;
            self.store_all(snapshot)?;
            self.has_stored(snapshot.number)?;
        }
        if let Some(leaf) = self.leaf_mut() {
            leaf.wants_controls = false;
        }
        Ok(())
    }

    /// If something is known that holds no longer, all is forgotten.
    fn forget_what_is_over(
        &mut self,
        snapshot: &Controls,
        now: Millis,
    ) -> Result<(), StorageFailed> {
        let removals = self.storage.load_removals()?;
        let revocations = self.storage.load_revocations()?;
        let holds = |known: &Revocation| {
            snapshot.revocations.iter().any(|revocation| revocation.scope == known.scope)
        };
        let is_removed = |user| snapshot.removals.iter().any(|(removed, _)| removed == user);
        let is_over = removals.iter().any(|(user, until)| *until > now && !is_removed(user))
            || !revocations.iter().all(holds)
            || self.storage.load_key_epoch()? > snapshot.min_key_epoch;
        if is_over { self.erase_stored(now) } else { Ok(()) }
    }

    /// A leaf that is draining and empty is about to be given up, and nobody can tell it anything then: so it keeps nothing.
    /// Should it be needed after all, it asks for all that keeps clients out.
    pub(super) fn forget_if_given_up(
        &mut self,
        down: &Down,
        now: Millis,
    ) -> Result<(), StorageFailed> {
        let is_draining = |leaf: &LeafEntry| leaf.is_draining;
        let is_asked = down.entries.is_empty()
            && down.head.places.find(down.place).is_some_and(is_draining)
            && self.counts_to_answer() == Some(Counts::default());
        self.stored_controls()?;
        let has_nothing = |leaf: &Leaf| leaf.to_store().is_none();
        if !is_asked || self.leaf().is_none_or(has_nothing) {
            return Ok(());
        }
        self.erase_stored(now)?;
        self.storage.save_tree(None)?;
        if let Some(leaf) = self.leaf_mut() {
            leaf.controls = Some(0);
            leaf.has_told_all();
        }
        Ok(())
    }

    /// Erases all that is stored, with the alarm. Those who are present are stored again.
    fn erase_stored(&mut self, now: Millis) -> Result<(), StorageFailed> {
        self.storage.erase_room(Erasure::All)?;
        (self.removals, self.min_key_epoch, self.revocations) = (None, None, None);
        self.changed_users.extend(self.presence.entries().map(|entry| (entry.user.id, ())));
        self.timers = Timers::default();
        if let Some(at) = self.presence.next_leave() {
            self.arm(at, now);
        }
        Ok(())
    }

    fn store_all(&mut self, snapshot: &Controls) -> Result<(), StorageFailed> {
        (self.removals, self.min_key_epoch, self.revocations) = (None, None, None);
        let Controls { removals, revocations, min_key_epoch, .. } = snapshot;
        for (user, until) in removals {
            let until = Some((user, *until));
            self.storage.save_exclusion(Exclusion { until, min_key_epoch: None })?;
        }
        if *min_key_epoch > 0 {
            let min_key_epoch = Some(*min_key_epoch);
            self.storage.save_exclusion(Exclusion { until: None, min_key_epoch })?;
        }
        for revocation in revocations {
            self.storage.save_revocation(revocation)?;
        }
        Ok(())
    }
}
