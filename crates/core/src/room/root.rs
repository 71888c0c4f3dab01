//! The room as the root of its leaves (P15).

use super::Room;
use crate::Millis;
use crate::member::Member;
use crate::ports::{Sockets, Storage};
use crate::tree::{Call, Place, Readiness, Settled, Ticket};

impl<S: Sockets, P: Storage> Room<S, P> {
    pub(super) fn root_wants_calls(&self) -> bool {
        false
    }

    pub(super) fn next_down(&mut self, _now: Millis) -> Option<Call> {
        None
    }

    pub(super) fn down_due_in(&self, _now: Millis) -> Option<Millis> {
        None
    }

    pub(super) fn down_answered(&mut self, _by: Place, _text: &str, _now: Millis) {}

    pub(super) fn down_failed(&mut self, _by: Place, _now: Millis) {}

    pub(super) fn take_up(&mut self, _text: &str, _now: Millis) -> String {
        String::new()
    }

    pub(super) fn root_readiness(&mut self, _member: &Member, _now: Millis) -> Readiness {
        Readiness::Now
    }

    pub(super) fn next_settled_by_leaves(&mut self) -> Option<Settled> {
        None
    }

    pub(super) fn settle_now(&mut self, _ticket: Ticket, _now: Millis) -> Option<Settled> {
        None
    }
}
