//! Who gets a broadcast (P2.4, P2.5), including when it is replayed to a client that reconnects (P7.4).

use crate::names::UserId;
use crate::sorted::SortedSet;

/// What a broadcast means for one socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It gets the frame.
    Send,
    /// It would get the frame, but its user is excluded.
    Excluded,
    /// The frame is for others.
    NotAddressed,
}

/// The users that a broadcast is for, minus those that are excluded.
///
/// Judging a socket allocates nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Audience {
    /// Only these users get it; `None` for everybody.
    pub only: Option<SortedSet<UserId>>,
    /// These users never get it.
    pub exclude: SortedSet<UserId>,
}

impl Audience {
    /// Judges a socket by its user; `None` is an anonymous socket, which can be neither targeted nor excluded.
    #[must_use]
    pub fn verdict(&self, user: Option<&UserId>) -> Verdict {
        let stands_in = |list: &SortedSet<UserId>| user.is_some_and(|user| list.contains(user));
        if self.only.as_ref().is_some_and(|only| !stands_in(only)) {
            Verdict::NotAddressed
        } else if stands_in(&self.exclude) {
            Verdict::Excluded
        } else {
            Verdict::Send
        }
    }

    /// The text to store: one line per user, with a sign before the id. Empty for everybody. No id contains a line
    /// break, since control characters are not allowed.
    #[must_use]
    pub fn to_text(&self) -> String {
        let only = self.only.iter().flat_map(SortedSet::keys).map(|user| (ONLY, user));
        let exclude = self.exclude.keys().map(|user| (EXCLUDED, user));
        let mut text = String::new();
        for (sign, user) in only.chain(exclude) {
            text.push(sign);
            text.push_str(user.as_str());
            text.push('\n');
        }
        text
    }

    /// Reads what [`Self::to_text`] wrote; `None` if it is something else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut audience = Self::default();
        for line in text.split_terminator('\n') {
            let mut rest = line.chars();
            let users = match rest.next()? {
                ONLY => audience.only.get_or_insert_default(),
                EXCLUDED => &mut audience.exclude,
                _ => return None,
            };
            users.insert(UserId::parse(rest.as_str()).ok()?, ());
        }
        Some(audience)
    }
}

/// Before a user who gets it.
const ONLY: char = '+';
/// Before a user who does not.
const EXCLUDED: char = '-';

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ids(names: &[&str]) -> SortedSet<UserId> {
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

    fn users() -> impl Strategy<Value = SortedSet<UserId>> {
        let user = "[^\\p{Cc}]{1,8}".prop_map(|name| UserId::parse(&name).unwrap());
        proptest::collection::vec(user, 1..4).prop_map(SortedSet::from_iter)
    }

    proptest! {
        #[test]
        fn p7_4_an_audience_reads_back_what_was_written(
            only in proptest::option::of(users()),
            exclude in proptest::option::of(users()),
        ) {
            let audience = Audience { only, exclude: exclude.unwrap_or_default() };
            prop_assert_eq!(Audience::parse(&audience.to_text()), Some(audience));
        }

        #[test]
        fn no_text_panics(text in "[-+a\n]{0,20}|.{0,20}") {
            let _ = Audience::parse(&text);
        }
    }
}
