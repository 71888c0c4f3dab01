//! The plain model of who may not return yet (P8.2).

use std::collections::BTreeMap;

use validiant_core::Millis;

use crate::users::User;

/// Whether a user may not come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    Yes,
    No,
    /// The refusal was over once, and the clock was set back since: it may be forgotten or not.
    Maybe,
}

#[derive(Debug, Clone, Copy)]
struct Refusal {
    until: Millis,
    may_be_forgotten: bool,
}

/// Until when which user is refused.
#[derive(Debug, Clone, Default)]
pub struct Refusals(BTreeMap<User, Refusal>);

impl Refusals {
    pub fn judge(&self, user: Option<User>, now: Millis) -> Refused {
        match user.and_then(|user| self.0.get(&user)) {
            Some(refusal) if refusal.until <= now => Refused::No,
            Some(refusal) if refusal.may_be_forgotten => Refused::Maybe,
            Some(_) => Refused::Yes,
            None => Refused::No,
        }
    }

    /// When each refusal is over.
    pub fn edges(&self) -> impl Iterator<Item = Millis> {
        self.0.values().map(|refusal| refusal.until)
    }

    /// A user was removed, and is refused until then, or no longer.
    pub fn remove(&mut self, user: User, until: Option<Millis>, now: Millis) {
        self.0.remove(&user);
        if let Some(until) = until {
            self.0.insert(user, Refusal { until, may_be_forgotten: false });
        }
        for refusal in self.0.values_mut() {
            refusal.may_be_forgotten |= refusal.until <= now;
        }
    }

    /// The storage is lost.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}
