//! The floor: the lowest epoch that is taken (P14.2). The project's room has it, and says it with every client that it lets
//! in. So it is remembered only for as long as somebody is there or expected: with each socket, which is where it outlives
//! the memory.

use validiant_core::Millis;

use super::super::{Document, Ticket};
use crate::ports::{Sockets, Storage};
use crate::sealed::key_epoch;
use crate::visitor::Visitor;
use validiant_core::encryption::KeyEpoch;

impl<S: Sockets, T: Storage> Document<S, T> {
    /// The project's room, which lets somebody in, has said the floor. Returns as [`Self::raise`].
    pub fn is_told_floor(&mut self, ticket: Ticket, floor: KeyEpoch, now: Millis) -> Vec<Visitor> {
        // To who was refused meanwhile it was said before: so an erased project has no floor from its earlier life.
        if self.expected.is_refused(ticket) { Vec::new() } else { self.raise(floor, now) }
    }

    /// The floor goes up, or stays if it is higher. Clients that do not encrypt are closed and returned.
    pub fn raise(&mut self, floor: KeyEpoch, now: Millis) -> Vec<Visitor> {
        if floor <= self.floor {
            return Vec::new();
        }
        self.floor = floor;
        for socket in self.select(Visitor::is_sealed) {
            if let Some(visitor) = self.sockets.visitor(socket) {
                let visitor = Visitor { floor: Some(floor), ..visitor.clone() };
                self.sockets.replace(socket, visitor);
                self.sockets.send(socket, &key_epoch(floor).into());
            }
        }
        self.close_plain(now)
    }

    /// Nobody is there who was told it: what is known may be from an earlier life of the project.
    pub(in crate::room) fn forget_floor(&mut self) {
        if self.sockets.count() == 0 && self.expected.is_empty() {
            self.floor = 0;
        }
    }
}
