//! Which clients a leaf lets in, and what it hands to those who come back.

use super::super::Room;
use crate::Millis;
use crate::history::MAX_REPLAY_BYTES;
use crate::member::Member;
use crate::ports::{Sockets, Storage};
use crate::position::Position;
use crate::tree::Readiness;
use crate::tree::leaf::Leaf;

/// How long what the root has told of the places counts as new, in milliseconds.
const PLACES_FRESH_MS: Millis = 1_000;

impl<S: Sockets, P: Storage> Room<S, P> {
    /// Whether a client can connect to this leaf now.
    pub(in super::super) fn leaf_readiness(
        &mut self,
        member: &Member,
        since: Option<&Position>,
        now: Millis,
    ) -> Readiness {
        if self.stored_controls().is_err() {
            return Readiness::Later;
        }
        let Some(leaf) = self.leaf_mut() else { return Readiness::Moved };
        if leaf.is_retired {
            return Readiness::Moved;
        }
        if leaf.is_in_step() && leaf.places.home_of(member) != leaf.place {
            // The gate may know newer places.
            if leaf.has_asked_since(now.saturating_sub(PLACES_FRESH_MS)) {
                return Readiness::Moved;
            }
            if !leaf.outbox.is_busy() {
                leaf.ask(now);
            }
            return Readiness::Later;
        }
        if is_moving(leaf, member) {
            return Readiness::Later;
        }
        leaf.is_ready_for(since, now)
    }

    /// Whether a client can connect: always, but to a leaf that does not know where it stands.
    pub(in super::super) fn is_in_step(&self) -> bool {
        self.leaf().is_none_or(Leaf::is_in_step)
    }

    /// As [`Self::missed_after`], from what the leaf remembers.
    #[inline(never)]
    pub(in super::super) fn missed_at_leaf(
        &self,
        position: &Position,
        member: &Member,
        now: Millis,
    ) -> Option<Vec<String>> {
        let leaf = self.leaf()?;
        let (epoch, _) = leaf.position()?;
        let retention = self.settings.retention.filter(|_| position.epoch == *epoch)?;
        let (mut missed, mut bytes) = (Vec::new(), 0);
        for event in leaf.ring()?.after(position.seq)? {
            bytes += event.frame.len();
            if bytes > MAX_REPLAY_BYTES || retention.is_over(event.at, now) {
                return None;
            }
            if event.audience.admits(member) {
                missed.push(event.frame.clone());
            }
        }
        Some(missed)
    }
}

/// Whether the connection of a client that comes back is somewhere else in the product, if the root does not refuse it. Where
/// it is must be certain: that place is told to the client.
fn is_moving(leaf: &Leaf, member: &Member) -> bool {
    let user = member.present_user();
    user.is_some_and(|user| leaf.outbox.is_moving(&user.id, &member.connection_id))
}
