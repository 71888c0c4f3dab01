//! The simple model of which removed users are kept out (P8.2).

use std::collections::BTreeMap;

use validiant_core::Millis;

use crate::users::User;

/// Whether a user is kept out, or a token is revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    Yes,
    No,
    /// It may be forgotten or not: a refusal that had expired before the clock was set back, or a revocation that a later
    /// one has replaced.
    Maybe,
}

#[derive(Debug, Clone, Copy)]
struct Refusal {
    until: Millis,
    may_be_forgotten: bool,
}

/// Until when each user is kept out.
#[derive(Debug, Clone, Default)]
pub struct Refusals {
    refusals: BTreeMap<User, Refusal>,
    /// Whether the room has read them in its current life.
    is_known: bool,
}

impl Refusals {
    /// The room needs to know them. Returns whether it does.
    pub fn read(&mut self, can_be_read: bool) -> bool {
        self.is_known |= can_be_read;
        self.is_known
    }

    /// The room has lost its memory.
    pub fn forget(&mut self) {
        self.is_known = false;
    }

    pub fn judge(&self, user: Option<User>, now: Millis) -> Refused {
        match user.and_then(|user| self.refusals.get(&user)) {
            Some(refusal) if refusal.until <= now => Refused::No,
            Some(refusal) if refusal.may_be_forgotten => Refused::Maybe,
            Some(_) => Refused::Yes,
            None => Refused::No,
        }
    }

    /// When each refusal expires.
    pub fn edges(&self) -> impl Iterator<Item = Millis> {
        self.refusals.values().map(|refusal| refusal.until)
    }

    /// A user was removed, and is kept out until then, or not at all.
    pub fn remove(&mut self, user: User, until: Option<Millis>, now: Millis) {
        self.refusals.remove(&user);
        if let Some(until) = until {
            self.refusals.insert(user, Refusal { until, may_be_forgotten: false });
        }
        for refusal in self.refusals.values_mut() {
            refusal.may_be_forgotten |= refusal.until <= now;
        }
    }

    /// The storage is lost.
    pub fn clear(&mut self) {
        self.refusals.clear();
    }
}
