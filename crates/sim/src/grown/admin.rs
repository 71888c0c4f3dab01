//! Backends remove users, revoke tokens, raise the key epoch, erase the room, and ask for its state.

use validiant_core::Millis;
use validiant_core::answer::Ticket;
use validiant_core::room::Reported;
use validiant_core::room_call::erasure::Erasure;
use validiant_core::room_call::removal::Removal;
use validiant_core::room_call::revocation::{Revocation, Scope};
use validiant_core::tree::{ADMINISTRATION_PATIENCE_MS, Place};

use super::bans::Wish;
use super::flaw::Flaw;
use super::world::{Waiting, World};
use crate::users::{self, User};
use crate::violation::{Checked, Violation, ensure};

impl World {
    pub fn remove(&mut self, user: User, refuse_ms: Millis, raises: bool) -> Checked {
        let Some(user_id) = users::id(user) else { return Ok(()) };
        let min_key_epoch = if raises { self.bans.floor_asked + 1 } else { 0 };
        let removal = Removal { user_id, refuse_ms, min_key_epoch };
        let removed = self.act(Place::ROOT, |room, now| room.remove_user(&removal, now));
        let removed = removed.map_err(|_| Violation("A removal has failed.".into()))?;
        self.stays.remove(user);
        let until = if refuse_ms > 0 { self.now + refuse_ms } else { 0 };
        self.takes(Wish::Remove(user, until, min_key_epoch), removed.ticket)
    }

    pub fn revoke(&mut self, user: Option<User>) -> Checked {
        if !self.plan.takes_tokens {
            return Ok(());
        }
        let before = self.now;
        let scope = user.and_then(users::id).map_or(Scope::All, Scope::User);
        let revoked =
            self.act(Place::ROOT, |room, now| room.revoke(Revocation { scope, before }, now));
        let revoked = revoked.map_err(|_| Violation("A revocation has failed.".into()))?;
        self.takes(Wish::Revoke(user, before), revoked.ticket)
    }

    pub fn raise(&mut self) -> Checked {
        let epoch = self.bans.floor_asked + 1;
        let raised = self.act(Place::ROOT, |room, now| room.raise_key_epoch(epoch, now));
        let raised = raised.map_err(|_| Violation("A raise has failed.".into()))?;
        self.takes(Wish::Raise(epoch), raised.ticket)
    }

    pub fn erase(&mut self, is_all: bool) -> Checked {
        let erasure = if is_all { Erasure::All } else { Erasure::ButRefusals };
        let before = self.newest_epoch();
        let erased = self.act(Place::ROOT, |room, now| room.erase(erasure, now));
        let erased = erased.map_err(|_| Violation("An erasure has failed.".into()))?;
        // A history that begins only to end is told at a leaf until that has erased it, too.
        if let Some(epoch) = self.newest_epoch().filter(|it| before.as_ref() != Some(it)) {
            self.log.has_epoch(&epoch);
        }
        self.log.erase();
        self.stays.forget();
        self.takes(Wish::Erase(is_all), erased.ticket)
    }

    /// The root has taken a wish, and answers it now, or when all places know of it.
    fn takes(&mut self, wish: Wish, ticket: Option<Ticket>) -> Checked {
        self.orders += 1;
        let index = self.bans.add(wish, self.orders, self.log.eras());
        match ticket.filter(|_| !self.has(Flaw::HastyAnswer)) {
            Some(ticket) => {
                self.counts.add(wish.awaited());
                self.await_ticket(ticket, ADMINISTRATION_PATIENCE_MS, Waiting::Ban(index));
                self.end(Place::ROOT)
            }
            None => {
                if let Some(ticket) = ticket {
                    self.tickets.insert(ticket, Waiting::State);
                }
                self.end(Place::ROOT)?;
                self.ban_is_answered(index, true)
            }
        }
    }

    /// A wish is answered. If it is fulfilled, it holds at every place.
    pub fn ban_is_answered(&mut self, index: usize, is_fulfilled: bool) -> Checked {
        if !is_fulfilled {
            self.counts.add("administration that failed");
            return Ok(());
        }
        self.counts.add("administration answered");
        self.orders += 1;
        let answered = self.bans.is_answered(index, self.orders);
        let Some(wish) = answered.map(|ban| ban.wish) else { return Ok(()) };
        // Whoever has come to a leaf before it had done it was forgotten there.
        match wish {
            Wish::Erase(_) => self.stays.forget(),
            Wish::Remove(user, ..) => self.stays.forget_user(user),
            Wish::Revoke(..) | Wish::Raise(_) => {}
        }
        let left = self.sockets.values().find(|it| !self.bans.leaves_alone(index, it));
        match left {
            Some(socket) => Err(Violation(format!("{wish} is answered, and {socket} is open."))),
            None => self.sockets.values().try_for_each(|it| self.bans.lets_in(it, self.now)),
        }
    }

    pub fn ask_state(&mut self) -> Checked {
        self.state = None;
        let Reported { text, ticket } = self.act(Place::ROOT, |room, now| room.state(now));
        match ticket {
            Some(ticket) => {
                self.await_ticket(ticket, ADMINISTRATION_PATIENCE_MS, Waiting::State);
            }
            None => self.state = Some(text),
        }
        self.end(Place::ROOT)?;
        ensure!(ticket.is_some() || self.state.is_some(), "The state is not answered.");
        Ok(())
    }
}
