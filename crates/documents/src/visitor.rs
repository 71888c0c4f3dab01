//! Who is connected on a socket, and how the socket remembers that.

use validiant_core::Millis;
use validiant_core::member::{HeldToken, User};
use validiant_core::names::{Avatar, ConnectionId, TokenId, UserId, UserName};

use validiant_core::encryption::KeyEpoch;

/// Who is connected on one socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    /// The client's name for the connection.
    pub connection_id: ConnectionId,
    /// The user; `None` if anonymous.
    pub user: Option<User>,
    /// The token that it connected with; `None` if tokens are not required.
    pub token: Option<HeldToken>,
    /// Whether it may change the document.
    pub may_write: bool,
    /// When the socket was opened.
    pub connected_at: Millis,
    /// Whether it was told that it may not write.
    pub is_denied: bool,
    /// What its clients said of themselves: see [`kept`](crate::awareness::Awareness::kept).
    pub awareness: String,
    /// If it encrypts the document, the lowest epoch of keys that was taken when it was last told (P14.2); otherwise `None`.
    pub floor: Option<KeyEpoch>,
}

/// Separates the fields of an attachment. No field contains it.
const FIELD_END: char = '\n';
const YES: &str = "1";

impl Visitor {
    /// A client that comes.
    #[must_use]
    pub fn new(
        connection_id: ConnectionId,
        user: Option<User>,
        token: Option<HeldToken>,
        may_write: bool,
    ) -> Self {
        let (connected_at, is_denied, awareness, floor) = Default::default();
        Self { connection_id, user, token, may_write, connected_at, is_denied, awareness, floor }
    }

    /// Whether it encrypts the document.
    #[must_use]
    pub fn is_sealed(&self) -> bool {
        self.floor.is_some()
    }

    /// Who it is for those that decrypt what it sends (P14.8).
    pub(super) fn sender(&self) -> String {
        match &self.user {
            Some(user) => ["u:", user.id.as_str()].concat(),
            None => ["c:", self.connection_id.as_str()].concat(),
        }
    }

    /// The id of the user, if there is one.
    #[must_use]
    pub fn user_id(&self) -> Option<&UserId> {
        self.user.as_ref().map(|user| &user.id)
    }

    /// Whether both are of the same user, and a token vouches for that or for neither.
    pub(super) fn is_of_user_of(&self, other: &Self) -> bool {
        let name = |visitor: &Self| visitor.user.as_ref().map(|it| (it.id.clone(), it.verified));
        name(self) == name(other)
    }

    /// The text to attach to the socket, so that it survives hibernation. It has at most about 7,000 characters, which the
    /// runtime stores in two bytes each; it allows 16 KiB. It contains nothing secret, and no control character but line
    /// ends.
    ///
    /// A new version of the Worker reads what the old one wrote, so lines are only ever added at the end.
    #[must_use]
    pub fn to_text(&self) -> String {
        let user = self.user.as_ref();
        let token = self.token.as_ref();
        let number = |number: Option<Millis>| number.map_or(String::new(), |it| it.to_string());
        let yes = |is_so: bool| if is_so { YES } else { "" };
        let fields: [&str; 12] = [
            &self.connected_at.to_string(),
            self.connection_id.as_str(),
            user.map_or("", |user| user.id.as_str()),
            user.and_then(|user| user.name.as_ref()).map_or("", UserName::as_str),
            user.and_then(|user| user.avatar.as_ref()).map_or("", Avatar::as_str),
            &number(token.map(|token| token.expires_at)),
            &number(token.map(|token| token.issued_at)),
            token.and_then(|token| token.id.as_ref()).map_or("", TokenId::as_str),
            yes(self.may_write),
            yes(self.is_denied),
            &self.awareness,
            &number(self.floor.map(Millis::from)),
        ];
        let mut text = String::new();
        for field in fields {
            text.push_str(field);
            text.push(FIELD_END);
        }
        text.pop();
        text
    }

    /// Reads what [`Self::to_text`] wrote; `None` if it is something else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut fields = text.split(FIELD_END);
        let connected_at = fields.next()?.parse().ok()?;
        let connection_id = ConnectionId::parse(fields.next()?).ok()?;
        let id = UserId::parse(fields.next()?).ok();
        let name = UserName::parse(fields.next()?).ok();
        let avatar = Avatar::parse(fields.next()?).ok();
        let token = HeldToken::parse(&mut fields);
        Some(Self {
            connection_id,
            user: id.map(|id| User { id, name, avatar, verified: token.is_some() }),
            token,
            may_write: fields.next()? == YES,
            connected_at,
            is_denied: fields.next()? == YES,
            awareness: fields.next()?.to_owned(),
            // The version before has not written it.
            floor: fields.next().and_then(|floor| floor.parse().ok()),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_of_later_versions_are_ignored() {
        let visitor = Visitor::new(ConnectionId::parse("c").unwrap(), None, None, true);
        let text = format!("{}\nsomeday", visitor.to_text());
        assert_eq!(Visitor::parse(&text), Some(visitor));
    }

    proptest! {
        #[test]
        fn an_attachment_reads_back_what_was_written(
            name in "[^\\p{Cc}]{1,32}", time: u64, is_named: bool, has_token: bool, is_so: bool,
            awareness in "[^\n]{0,99}",
        ) {
            let token = has_token.then(|| HeldToken {
                expires_at: time,
                issued_at: 1,
                id: TokenId::parse(&name).ok(),
            });
            let user = is_named.then(|| User {
                id: UserId::parse(&name).unwrap(),
                name: UserName::parse(&name).ok(),
                avatar: Avatar::parse("https://example.com/a").ok(),
                verified: has_token,
            });
            let visitor = Visitor {
                connected_at: time,
                is_denied: !is_so,
                awareness,
                ..Visitor::new(ConnectionId::parse(&name).unwrap(), user, token, is_so)
            };
            prop_assert_eq!(Visitor::parse(&visitor.to_text()), Some(visitor));
        }

        #[test]
        fn no_attachment_panics(text in ".{0,60}|[0-9c\n1]{0,40}") {
            let _ = Visitor::parse(&text);
        }
    }
}
