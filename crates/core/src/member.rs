//! One socket's member: who sits at it, and how a socket remembers that.

use crate::Millis;
use crate::names::{ConnectionId, UserId, UserName};

/// Names a socket within its room, for as long as the socket lives. Never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketId(pub u32);

/// A user as the client named itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Who.
    pub id: UserId,
    /// What people call them, if the client said.
    pub name: Option<UserName>,
}

/// Who sits at one socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The client's name for the connection.
    pub connection_id: ConnectionId,
    /// The user; `None` for an anonymous socket, which gets events but has no presence.
    pub user: Option<User>,
    /// When the socket was opened.
    pub connected_at: Millis,
    /// Whether the client takes several events in one frame (P3.4).
    pub takes_batches: bool,
}

impl Member {
    /// The id of the user, if there is one.
    #[must_use]
    pub fn user_id(&self) -> Option<&UserId> {
        self.user.as_ref().map(|user| &user.id)
    }
}

/// What a socket's attachment holds, so that it survives hibernation: the member with the name of its
/// socket. At most about 600 bytes of the 16 KiB that the runtime allows, and nothing secret.
#[derive(Debug, PartialEq, Eq)]
pub struct Attachment {
    /// The socket.
    pub socket: SocketId,
    /// Who sits at it.
    pub member: Member,
}

/// Between the fields of an attachment. No name has it in it, since none has control characters.
const FIELD_END: char = '\n';
/// Stands for [`Member::takes_batches`].
const BATCHES: &str = "b";

impl Attachment {
    /// The text to attach to the socket: a line each for the socket, the time, what the client takes, the
    /// connection, the user and the name. Not JSON: a room wakes only after it has read all of them.
    ///
    /// A new version of the Worker reads what the old one wrote: lines are only ever added at the end.
    #[must_use]
    pub fn to_text(&self) -> String {
        let Self { socket, member } = self;
        let user = member.user.as_ref();
        let fields: [&str; 6] = [
            &socket.0.to_string(),
            &member.connected_at.to_string(),
            if member.takes_batches { BATCHES } else { "" },
            member.connection_id.as_str(),
            user.map_or("", |user| user.id.as_str()),
            user.and_then(|user| user.name.as_ref()).map_or("", UserName::as_str),
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
        let socket = SocketId(fields.next()?.parse().ok()?);
        let connected_at = fields.next()?.parse().ok()?;
        let takes_batches = fields.next()? == BATCHES;
        let connection_id = ConnectionId::parse(fields.next()?).ok()?;
        let id = UserId::parse(fields.next()?).ok();
        let name = UserName::parse(fields.next()?).ok();
        let user = id.map(|id| User { id, name });
        let member = Member { connection_id, user, connected_at, takes_batches };
        Some(Self { socket, member })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn attachment(user: Option<User>, takes_batches: bool) -> Attachment {
        Attachment {
            socket: SocketId(7),
            member: Member {
                connection_id: ConnectionId::parse("c\"1").unwrap(),
                user,
                connected_at: 1_700_000_000_000,
                takes_batches,
            },
        }
    }

    #[test]
    fn what_is_no_attachment_is_none() {
        for text in ["", "{}", "7", "7\n1\n\n\nu\n", "x\n1\n\nc\nu\n"] {
            assert_eq!(Attachment::parse(text), None, "{text}");
        }
    }

    #[test]
    fn lines_of_later_versions_are_ignored() {
        let attachment = attachment(None, true);
        let text = format!("{}\nsomeday", attachment.to_text());
        assert_eq!(Attachment::parse(&text), Some(attachment));
    }

    #[test]
    fn the_longest_member_stays_far_below_the_runtime_s_limit() {
        let member = Member {
            connection_id: ConnectionId::parse(&"c".repeat(128)).unwrap(),
            user: Some(User {
                id: UserId::parse(&"u".repeat(128)).unwrap(),
                name: UserName::parse(&"n".repeat(256)).ok(),
            }),
            connected_at: Millis::MAX,
            takes_batches: true,
        };
        assert!(Attachment { socket: SocketId(u32::MAX), member }.to_text().len() < 600);
    }

    fn user() -> impl Strategy<Value = User> {
        ("[^\\p{Cc}]{1,32}", proptest::option::of("[^\\p{Cc}]{1,32}")).prop_map(|(id, name)| User {
            id: UserId::parse(&id).unwrap(),
            name: name.map(|name| UserName::parse(&name).unwrap()),
        })
    }

    proptest! {
        #[test]
        fn an_attachment_reads_back_what_was_written(
            user in proptest::option::of(user()),
            takes_batches: bool,
        ) {
            let attachment = attachment(user, takes_batches);
            prop_assert_eq!(Attachment::parse(&attachment.to_text()), Some(attachment));
        }

        #[test]
        fn no_attachment_panics(text in ".{0,60}|[0-9b\nxyz]{0,30}") {
            let _ = Attachment::parse(&text);
        }
    }
}
