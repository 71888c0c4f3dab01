//! The tokens that a room no longer accepts (P8.5, P8.6).

use crate::Millis;
use crate::member::HeldToken;
use crate::names::{TokenId, UserId};
use crate::room_call::revocation::{Revocation, Scope};
use crate::sorted::SortedMap;
use crate::token::LEEWAY_MS;

/// How many users and token ids a room remembers.
const MOST_REMEMBERED: usize = 10_000;

/// All revocations that a room knows.
#[derive(Debug, Default)]
pub struct Revocations(SortedMap<Scope, Millis>);

/// Takes over what was stored.
impl Extend<Revocation> for Revocations {
    fn extend<T: IntoIterator<Item = Revocation>>(&mut self, kept: T) {
        self.0.extend(kept.into_iter().map(|kept| (kept.scope, kept.before)));
    }
}

impl Revocations {
    /// All of them.
    #[must_use]
    pub fn all(&self) -> Vec<Revocation> {
        let all = self.0.iter();
        all.map(|(scope, before)| Revocation { scope: scope.clone(), before: *before }).collect()
    }

    /// Whether a token is revoked. `user`: whose it is.
    #[must_use]
    pub fn concern(&self, user: Option<&UserId>, token: &HeldToken) -> bool {
        let is_over = |scope: &Scope| self.0.get(scope).is_some_and(|at| token.issued_at < *at);
        let is_named = |id: &TokenId| self.0.contains(&Scope::Token(id.clone()));
        !self.0.is_empty()
            && (is_over(&Scope::All)
                || user.is_some_and(|user| is_over(&Scope::User(user.clone())))
                || token.id.as_ref().is_some_and(is_named))
    }

    /// What to remember of a revocation; `None` if there is no room for another. A revocation never weakens an earlier
    /// one that covers more.
    #[must_use]
    pub fn merged(&self, revocation: Revocation) -> Option<Revocation> {
        let Revocation { scope, mut before } = revocation;
        // A token revoked after an `issuedBefore` for all is not covered by it, even if our clock was set back since.
        if let (Scope::Token(_), Some(all)) = (&scope, self.0.get(&Scope::All)) {
            before = before.max(*all);
        }
        match self.0.get(&scope) {
            Some(known) => Some(Revocation { before: before.max(*known), scope }),
            None if self.0.len() >= MOST_REMEMBERED && scope != Scope::All => None,
            None => Some(Revocation { scope, before }),
        }
    }

    /// Remembers a revocation that was merged.
    pub fn insert(&mut self, merged: Revocation) {
        self.0.insert(merged.scope, merged.before);
    }

    /// The time up to which all other revocations are redundant, since their tokens were issued before the time for
    /// all. Clocks may differ, so it is a little earlier.
    #[must_use]
    pub fn covered_until(&self) -> Option<Millis> {
        self.0.get(&Scope::All).map(|at| at.saturating_sub(LEEWAY_MS))
    }

    /// Forgets the redundant ones. Returns whether there were any.
    pub fn forget_until(&mut self, time: Millis) -> bool {
        let before = self.0.len();
        self.0.retain(|scope, at| *scope == Scope::All || *at >= time);
        self.0.len() < before
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Millis = 1_700_000_000_000;

    fn user(id: &str) -> UserId {
        UserId::parse(id).unwrap()
    }

    fn token(issued_at: Millis, id: &str) -> HeldToken {
        HeldToken { expires_at: Millis::MAX, issued_at, id: TokenId::parse(id).ok() }
    }

    fn revocation(scope: Scope, before: Millis) -> Revocation {
        Revocation { scope, before }
    }

    #[test]
    fn p8_5_a_token_that_does_not_say_when_it_was_issued_is_older_than_all() {
        let mut revocations = Revocations::default();
        revocations.insert(revocation(Scope::User(user("u")), 1));
        assert!(revocations.concern(Some(&user("u")), &token(0, "")));
        assert!(!revocations.concern(Some(&user("v")), &token(0, "")));
    }

    #[test]
    fn p8_5_a_revocation_is_not_taken_back_by_one_that_goes_less_far() {
        let mut revocations = Revocations::default();
        revocations.insert(revocation(Scope::All, 10));
        assert_eq!(revocations.merged(revocation(Scope::All, 5)).unwrap().before, 10);
    }

    #[test]
    fn p8_6_a_full_memory_takes_a_time_for_all_and_is_empty_after_it() {
        let mut revocations = Revocations::default();
        let scope = |n: usize| Scope::User(user(&n.to_string()));
        (0..MOST_REMEMBERED).for_each(|n| revocations.insert(revocation(scope(n), NOW)));
        assert_eq!(revocations.merged(revocation(scope(MOST_REMEMBERED), NOW)), None);
        assert!(revocations.merged(revocation(scope(0), NOW)).is_some());
        let all = revocations.merged(revocation(Scope::All, NOW + LEEWAY_MS + 1)).unwrap();
        revocations.insert(all);
        assert!(revocations.forget_until(revocations.covered_until().unwrap()));
        assert!(revocations.merged(revocation(scope(MOST_REMEMBERED), NOW)).is_some());
    }

    proptest! {
        /// Compares with a reference that remembers every revocation unchanged.
        #[test]
        fn p8_5_whatever_is_forgotten_is_still_in_force(
            told in prop::collection::vec((0..3_u8, 0..3_u8, 0..200_000_u64), 0..20),
            asked in (0..3_u8, 0..3_u8, 0..200_000_u64),
        ) {
            let scope = |kind: u8, name: u8| Scope::from_parts(&kind.to_string(), &name.to_string());
            let mut revocations = Revocations::default();
            let mut all: Vec<Revocation> = Vec::new();
            for (kind, name, before) in told {
                let told = Revocation { scope: scope(kind, name).unwrap(), before };
                all.push(told.clone());
                let merged = revocations.merged(told).unwrap();
                revocations.insert(merged);
                if let Some(time) = revocations.covered_until() {
                    revocations.forget_until(time);
                }
            }
            let (of, id, issued_at) = asked;
            let (of, token) = (user(&of.to_string()), token(issued_at, &id.to_string()));
            let expected = all.iter().any(|told| match &told.scope {
                Scope::All => issued_at < told.before,
                Scope::User(user) => *user == of && issued_at < told.before,
                // It was revoked after it was issued, by clocks that can differ.
                Scope::Token(id) => {
                    Some(id) == token.id.as_ref() && issued_at < told.before + LEEWAY_MS
                }
            });
            prop_assert!(!expected || revocations.concern(Some(&of), &token));
        }

        #[test]
        fn p13_10_a_document_judges_a_single_revocation_as_the_room_does(
            (kind, name, before) in (0..3_u8, 0..3_u8, 0..200_000_u64),
            (of, id, issued_at) in (0..3_u8, 0..3_u8, 0..200_000_u64),
        ) {
            let scope = Scope::from_parts(&kind.to_string(), &name.to_string()).unwrap();
            let (of, token) = (user(&of.to_string()), token(issued_at, &id.to_string()));
            let told = revocation(scope, before);
            let mut revocations = Revocations::default();
            revocations.insert(told.clone());
            prop_assert_eq!(told.concerns(Some(&of), &token), revocations.concern(Some(&of), &token));
        }
    }
}
