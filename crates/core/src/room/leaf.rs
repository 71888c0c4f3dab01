//! The room as a leaf of its root (P15).

use super::Room;
use crate::Millis;
use crate::member::Member;
use crate::ports::{Sockets, Storage};
use crate::position::Position;
use crate::tree::{Call, Readiness};

impl<S: Sockets, P: Storage> Room<S, P> {
    pub(super) fn leaf_wants_calls(&self) -> bool {
        false
    }

    pub(super) fn next_up(&mut self, _now: Millis) -> Option<Call> {
        None
    }

    pub(super) fn up_due_in(&self, _now: Millis) -> Option<Millis> {
        None
    }

    pub(super) fn up_answered(&mut self, _text: &str, _now: Millis) {}

    pub(super) fn up_failed(&mut self, _now: Millis) {}

    pub(super) fn take_down(&mut self, _text: &str, _now: Millis) -> String {
        String::new()
    }

    pub(super) fn leaf_readiness(
        &mut self,
        _member: &Member,
        _since: Option<&Position>,
        _now: Millis,
    ) -> Readiness {
        Readiness::Moved
    }
}
