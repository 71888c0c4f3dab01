//! The simple model of which tokens are revoked (P8.4 to P8.6).

use std::collections::BTreeMap;

use validiant_core::Millis;

use crate::refusals::Refused;
use crate::step::Whose;
use crate::token::{LEEWAY_MS, Token};
use crate::users::User;

/// The tokens with one id are revoked.
#[derive(Debug, Clone, Copy)]
struct ById {
    at: Millis,
    /// A later revocation of all tokens replaces it. It says nothing about tokens with this id issued after that time.
    may_be_forgotten: bool,
}

/// What backends have revoked in a room.
#[derive(Debug, Clone, Default)]
pub struct Revocations {
    /// All tokens issued before this time.
    all: Option<Millis>,
    users: BTreeMap<User, Millis>,
    tokens: BTreeMap<u8, ById>,
    /// Whether the room has read them in its current life.
    is_known: bool,
}

impl Revocations {
    /// The room needs to know them. Returns whether it does.
    pub fn read(&mut self, can_be_read: bool) -> bool {
        self.is_known |= can_be_read;
        self.is_known
    }

    /// The room has lost its memory.
    pub fn forget(&mut self) {
        self.is_known = false;
    }

    /// A token issued exactly at a time is not before it.
    pub fn judge(&self, token: &Token) -> Refused {
        let of_user = token.user.and_then(|user| self.users.get(&user)).copied();
        let mut times = self.all.into_iter().chain(of_user);
        if times.any(|before| token.issued_at < before) {
            return Refused::Yes;
        }
        match token.id.and_then(|id| self.tokens.get(&id)) {
            Some(ById { may_be_forgotten: true, .. }) => Refused::Maybe,
            Some(_) => Refused::Yes,
            None => Refused::No,
        }
    }

    /// A backend was told that these tokens are revoked now. A wider revocation stays.
    pub fn revoke(&mut self, whose: Whose, before: Millis) {
        match whose {
            Whose::All => self.all = self.all.max(Some(before)),
            Whose::User(user) => {
                let at = self.users.entry(user).or_default();
                *at = before.max(*at);
            }
            Whose::Token(id) => {
                let earlier = self.tokens.get(&id).filter(|it| !it.may_be_forgotten);
                // Right after the call all of them are revoked, even if the time for all is later by our clock.
                let at = before.max(self.all.unwrap_or_default());
                let at = earlier.map_or(at, |earlier| earlier.at.max(at));
                self.tokens.insert(id, ById { at, may_be_forgotten: false });
            }
        }
        self.cover();
    }

    /// The time for all replaces earlier revocations, within the accuracy of clocks (P8.6).
    fn cover(&mut self) {
        let covered = |at: Millis| self.all.is_some_and(|all| at + LEEWAY_MS < all);
        self.users.retain(|_, at| !covered(*at));
        for token in self.tokens.values_mut() {
            token.may_be_forgotten |= covered(token.at);
        }
    }

    /// How many of them a room must remember.
    pub fn remembered(&self) -> usize {
        let tokens = self.tokens.values().filter(|token| !token.may_be_forgotten).count();
        usize::from(self.all.is_some()) + self.users.len() + tokens
    }

    /// The times of the revocations that a time for all can replace.
    pub fn times(&self) -> impl Iterator<Item = Millis> {
        self.users.values().copied().chain(self.tokens.values().map(|token| token.at))
    }

    /// The storage is lost.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}
