//! What a room says to the other objects of a grown room (P15), for whoever carries the calls.
//!
//! The room decides what is said, and its host carries it: after each event it makes every call that is due, and tells the
//! room how it went.

use super::Room;
use crate::Millis;
use crate::answer::Ticket;
use crate::member::Member;
use crate::ports::{Sockets, Storage};
use crate::position::Position;
use crate::tree::{Call, Note, Place, Readiness, Settled, Tree};

impl<S: Sockets, P: Storage> Room<S, P> {
    /// Whether there may be a call to make, or an answer to a backend is ready. Asked after every event.
    #[must_use]
    pub fn wants_calls(&self) -> bool {
        match &self.tree {
            Tree::Unread | Tree::Alone => false,
            Tree::Root(_) => self.root_wants_calls(),
            Tree::Leaf(_) => self.leaf_wants_calls(),
        }
    }

    /// The next call to make, which is on its way from then on.
    pub fn next_call(&mut self, now: Millis) -> Option<Call> {
        match &self.tree {
            Tree::Unread | Tree::Alone => None,
            Tree::Root(_) => self.next_down(now),
            Tree::Leaf(_) => self.next_up(now),
        }
    }

    /// In how many milliseconds a call is due that has to wait.
    #[must_use]
    pub fn call_due_in(&self, now: Millis) -> Option<Millis> {
        match &self.tree {
            Tree::Unread | Tree::Alone => None,
            Tree::Root(_) => self.down_due_in(now),
            Tree::Leaf(_) => self.up_due_in(now),
        }
    }

    /// The call on its way to `by` was answered.
    pub fn answered(&mut self, by: Place, text: &str, now: Millis) {
        match &self.tree {
            Tree::Unread | Tree::Alone => {}
            Tree::Root(_) => self.down_answered(by, text, now),
            Tree::Leaf(_) => self.up_answered(text, now),
        }
    }

    /// The call on its way to `by` has failed, or took longer than [`CALL_TIMEOUT_MS`](crate::tree::CALL_TIMEOUT_MS).
    pub fn unanswered(&mut self, by: Place, now: Millis) {
        match &self.tree {
            Tree::Unread | Tree::Alone => {}
            Tree::Root(_) => self.down_failed(by, now),
            Tree::Leaf(_) => self.up_failed(now),
        }
    }

    /// Takes a call from another object of the room, and returns the answer.
    pub fn called(&mut self, text: &str, now: Millis) -> String {
        match &self.tree {
            Tree::Leaf(_) => self.take_down(text, now),
            Tree::Unread | Tree::Alone | Tree::Root(_) => self.take_up(text, now),
        }
    }

    /// Whether a client can connect here and now. Asked before a socket is made.
    pub fn readiness(
        &mut self,
        member: &Member,
        since: Option<&Position>,
        now: Millis,
    ) -> Readiness {
        match &self.tree {
            Tree::Leaf(_) => self.leaf_readiness(member, since, now),
            Tree::Unread | Tree::Alone | Tree::Root(_) => self.root_readiness(member, now),
        }
    }

    /// An answer to a backend that waits no longer.
    pub fn next_settled(&mut self, now: Millis) -> Option<Settled> {
        match &self.tree {
            Tree::Root(_) => self.next_settled_by_leaves(now),
            _ => None,
        }
    }

    /// The answer of a ticket that has waited for long enough; `None` if it has been given.
    pub fn settle(&mut self, ticket: Ticket, now: Millis) -> Option<Settled> {
        match &self.tree {
            Tree::Root(_) => self.settle_now(ticket, now),
            _ => None,
        }
    }

    /// What has happened to the places of the room since this was last called, for the log. Asked after every event.
    pub fn take_notes(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.notes)
    }

    /// The text of the places, for the edge.
    #[must_use]
    pub fn places_text(&self) -> String {
        match &self.tree {
            Tree::Root(root) => root.places.to_text(),
            _ => String::new(),
        }
    }
}
