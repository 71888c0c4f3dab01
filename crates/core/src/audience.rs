//! Who gets a broadcast (P2.4, P2.5).

use std::collections::BTreeSet;

use crate::names::UserId;

/// What a broadcast means for one socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It gets the frame.
    Send,
    /// It would have got the frame, but its user is excluded.
    Excluded,
    /// The frame is for others.
    NotAddressed,
}

/// The users that a broadcast is for, less those that it is not for.
///
/// Judging a socket allocates nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Audience {
    /// Nobody else gets it; `None` for everybody.
    pub only: Option<BTreeSet<UserId>>,
    /// These never get it.
    pub exclude: BTreeSet<UserId>,
}

impl Audience {
    /// Judges a socket by its user; `None` is an anonymous one, which is everybody but nobody.
    #[must_use]
    pub fn verdict(&self, user: Option<&UserId>) -> Verdict {
        let stands_in = |list: &BTreeSet<UserId>| user.is_some_and(|user| list.contains(user));
        if self.only.as_ref().is_some_and(|only| !stands_in(only)) {
            Verdict::NotAddressed
        } else if stands_in(&self.exclude) {
            Verdict::Excluded
        } else {
            Verdict::Send
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(names: &[&str]) -> BTreeSet<UserId> {
        names.iter().map(|name| UserId::parse(name).unwrap()).collect()
    }

    fn verdict(audience: &Audience, user: &str) -> Verdict {
        audience.verdict(Some(&UserId::parse(user).unwrap()))
    }

    #[test]
    fn p2_4_an_excluded_user_gets_nothing_and_all_others_do() {
        let audience = Audience { only: None, exclude: ids(&["z", "b", "a"]) };
        assert_eq!(verdict(&audience, "a"), Verdict::Excluded);
        assert_eq!(verdict(&audience, "c"), Verdict::Send);
        assert_eq!(audience.verdict(None), Verdict::Send);
    }

    #[test]
    fn p2_5_only_the_targets_get_it() {
        let audience = Audience { only: Some(ids(&["c", "a"])), exclude: ids(&["c", "x"]) };
        assert_eq!(verdict(&audience, "a"), Verdict::Send);
        assert_eq!(verdict(&audience, "c"), Verdict::Excluded);
        assert_eq!(verdict(&audience, "x"), Verdict::NotAddressed);
        assert_eq!(audience.verdict(None), Verdict::NotAddressed);
    }
}
