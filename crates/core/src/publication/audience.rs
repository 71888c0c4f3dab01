//! Who gets a broadcast (P2.4, P2.5), including when it is replayed to a client that reconnects (P7.4).

use crate::member::Member;
use crate::names::{ConnectionId, UserId};
use crate::sorted::SortedSet;

/// What a broadcast means for one socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It gets the frame.
    Send,
    /// It would get the frame, but its user or its connection is excluded.
    Excluded,
    /// The frame is for others.
    NotAddressed,
}

/// A connection that a broadcast is not for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExcludedConnection {
    /// Which one.
    pub id: ConnectionId,
    /// Set if only this user's connection of that name is meant. A client chooses the name, so it could choose another
    /// user's.
    pub user: Option<UserId>,
}

impl ExcludedConnection {
    /// Whether it is the connection of this user.
    #[must_use]
    pub fn is(&self, connection: &ConnectionId, user: Option<&UserId>) -> bool {
        self.id == *connection && (self.user.is_none() || self.user.as_ref() == user)
    }
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
    /// This connection never gets it.
    pub exclude_connection: Option<ExcludedConnection>,
}

impl Audience {
    /// Judges a socket by its connection and its user; `None` is an anonymous socket, which can be neither targeted nor
    /// excluded by its user.
    #[must_use]
    pub fn verdict(&self, connection: &ConnectionId, user: Option<&UserId>) -> Verdict {
        let stands_in = |list: &SortedSet<UserId>| user.is_some_and(|user| list.contains(user));
        let is_it = |excluded: &ExcludedConnection| excluded.is(connection, user);
        if self.only.as_ref().is_some_and(|only| !stands_in(only)) {
            Verdict::NotAddressed
        } else if stands_in(&self.exclude) || self.exclude_connection.as_ref().is_some_and(is_it) {
            Verdict::Excluded
        } else {
            Verdict::Send
        }
    }

    /// Whether a socket with this member gets the frame.
    #[must_use]
    pub fn admits(&self, member: &Member) -> bool {
        self.verdict(&member.connection_id, member.user_id()) == Verdict::Send
    }

    /// The text to store: one line per user and connection, with a sign before the id. Empty for everybody. No id
    /// contains a line break, since control characters are not allowed.
    #[must_use]
    pub fn to_text(&self) -> String {
        let only = self.only.iter().flat_map(SortedSet::keys).map(|user| (ONLY, user));
        let exclude = self.exclude.keys().map(|user| (EXCLUDED, user));
        let mut text = String::new();
        let mut push = |sign, id: &str| {
            text.push(sign);
            text.push_str(id);
            text.push('\n');
        };
        only.chain(exclude).for_each(|(sign, user)| push(sign, user.as_str()));
        if let Some(ExcludedConnection { id, user }) = &self.exclude_connection {
            push(EXCLUDED_CONNECTION, id.as_str());
            user.iter().for_each(|user| push(ITS_USER, user.as_str()));
        }
        text
    }

    /// Reads what [`Self::to_text`] wrote; `None` if it is something else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut audience = Self::default();
        for line in text.split_terminator('\n') {
            let mut rest = line.chars();
            let (sign, id) = (rest.next()?, rest.as_str());
            let users = match sign {
                ONLY => audience.only.get_or_insert_default(),
                EXCLUDED => &mut audience.exclude,
                EXCLUDED_CONNECTION => {
                    let id = ConnectionId::parse(id).ok()?;
                    audience.exclude_connection = Some(ExcludedConnection { id, user: None });
                    continue;
                }
                ITS_USER => {
                    audience.exclude_connection.as_mut()?.user = Some(UserId::parse(id).ok()?);
                    continue;
                }
                _ => return None,
            };
            users.insert(UserId::parse(id).ok()?, ());
        }
        Some(audience)
    }
}

/// Before a user who gets it.
const ONLY: char = '+';
/// Before a user who does not.
const EXCLUDED: char = '-';
/// Before a connection that does not.
const EXCLUDED_CONNECTION: char = '~';
/// After it, before the only user whose connection is meant.
const ITS_USER: char = '@';

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ids(names: &[&str]) -> SortedSet<UserId> {
        names.iter().map(|name| UserId::parse(name).unwrap()).collect()
    }

    fn connection(name: &str) -> ConnectionId {
        ConnectionId::parse(name).unwrap()
    }

    fn verdict_on(audience: &Audience, name: &str, user: &str) -> Verdict {
        audience.verdict(&connection(name), UserId::parse(user).ok().as_ref())
    }

    fn verdict(audience: &Audience, user: &str) -> Verdict {
        verdict_on(audience, "c", user)
    }

    #[test]
    fn p2_4_an_excluded_user_gets_nothing_and_all_others_do() {
        let audience = Audience { exclude: ids(&["z", "b", "a"]), ..Audience::default() };
        assert_eq!(verdict(&audience, "a"), Verdict::Excluded);
        assert_eq!(verdict(&audience, "c"), Verdict::Send);
        assert_eq!(verdict(&audience, ""), Verdict::Send);
    }

    #[test]
    fn p2_5_only_the_targets_get_it() {
        let audience = Audience {
            only: Some(ids(&["c", "a"])),
            exclude: ids(&["c", "x"]),
            ..Audience::default()
        };
        assert_eq!(verdict(&audience, "a"), Verdict::Send);
        assert_eq!(verdict(&audience, "c"), Verdict::Excluded);
        assert_eq!(verdict(&audience, "x"), Verdict::NotAddressed);
        assert_eq!(verdict(&audience, ""), Verdict::NotAddressed);
    }

    fn without(id: &str, user: Option<&str>) -> Audience {
        let user = user.map(|user| UserId::parse(user).unwrap());
        let exclude_connection = Some(ExcludedConnection { id: connection(id), user });
        Audience { exclude_connection, ..Audience::default() }
    }

    #[test]
    fn p2_4_a_connection_is_excluded_whoever_it_belongs_to() {
        let audience = without("1", None);
        assert_eq!(
            ["a", "b", ""].map(|user| verdict_on(&audience, "1", user)),
            [Verdict::Excluded; 3]
        );
        assert_eq!(["a", ""].map(|user| verdict_on(&audience, "2", user)), [Verdict::Send; 2]);
    }

    #[test]
    fn p2_4_with_a_user_only_the_connection_of_that_user_is_excluded() {
        let audience = without("1", Some("a"));
        assert_eq!(verdict_on(&audience, "1", "a"), Verdict::Excluded);
        for (connection, user) in [("2", "a"), ("1", "b"), ("1", ""), ("a", "1")] {
            assert_eq!(verdict_on(&audience, connection, user), Verdict::Send);
        }
    }

    #[test]
    fn p7_4_an_audience_of_the_version_before_is_read() {
        let audience =
            Audience { only: Some(ids(&["a"])), exclude: ids(&["b"]), ..Audience::default() };
        assert_eq!(Audience::parse("+a\n-b\n"), Some(audience));
        assert_eq!(Audience::parse("@a\n"), None, "of no connection");
    }

    fn excluded_connections() -> impl Strategy<Value = Option<ExcludedConnection>> {
        let name = || "[^\\p{Cc}]{1,8}";
        proptest::option::of((name(), proptest::option::of(name())).prop_map(|(id, user)| {
            let user = user.map(|user| UserId::parse(&user).unwrap());
            ExcludedConnection { id: connection(&id), user }
        }))
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
            exclude_connection in excluded_connections(),
        ) {
            let exclude = exclude.unwrap_or_default();
            let audience = Audience { only, exclude, exclude_connection };
            prop_assert_eq!(Audience::parse(&audience.to_text()), Some(audience));
        }

        #[test]
        fn no_text_panics(text in "[-+~@a\n]{0,20}|.{0,20}") {
            let _ = Audience::parse(&text);
        }
    }
}
