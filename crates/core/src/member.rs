//! A member: who is connected on a socket, and how the socket remembers that.

use crate::Millis;
use crate::names::{Avatar, ConnectionId, TokenId, UserId, UserName};
use crate::position::Seq;
use crate::presence_data::{LastData, PresenceData};

/// Identifies a socket within its room for as long as the socket lives. Never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketId(pub u32);

/// A user, as named by a token or by the client itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Who.
    pub id: UserId,
    /// Their display name, if known.
    pub name: Option<UserName>,
    /// Their picture, if a token names one.
    pub avatar: Option<Avatar>,
    /// Whether a valid token vouches for this.
    pub verified: bool,
}

impl User {
    /// A user as the client named itself.
    #[must_use]
    pub fn unverified(id: UserId, name: Option<UserName>) -> Self {
        Self { id, name, avatar: None, verified: false }
    }
}

/// What the room needs of a client's token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldToken {
    /// When it expires.
    pub expires_at: Millis,
    /// When it was issued; 0 if it does not say.
    pub issued_at: Millis,
    /// Its id.
    pub id: Option<TokenId>,
}

/// Who is connected on one socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The client's name for the connection.
    pub connection_id: ConnectionId,
    /// The user; `None` for an anonymous socket, which gets events but has no presence.
    pub user: Option<User>,
    /// When the socket was opened.
    pub connected_at: Millis,
    /// Whether the client accepts several events in one frame (P3.4).
    pub takes_batches: bool,
    /// Whether others see its user as present, rather than as only listening (P9.4).
    pub is_present: bool,
    /// The token that it connected with, or its latest refresh; `None` if tokens are not required.
    pub token: Option<HeldToken>,
    /// Set if numbers are left out after this event, and it was the newest when the socket was opened (P7.1).
    pub gap_after: Option<Seq>,
    /// Whether its token allows it to send events to other clients (P11.1).
    pub may_send: bool,
    /// What it says of itself to the others, if anything (P12).
    pub data: Option<PresenceData>,
}

impl Member {
    /// The id of the user, if there is one.
    #[must_use]
    pub fn user_id(&self) -> Option<&UserId> {
        self.user.as_ref().map(|user| &user.id)
    }

    /// Where in the product it says that it is.
    #[must_use]
    pub fn at(&self) -> Option<&str> {
        self.data.as_ref().and_then(PresenceData::at)
    }

    /// Whether it is a connection of this user, who is present.
    #[must_use]
    pub fn is_of(&self, user: &UserId, connection: &ConnectionId) -> bool {
        self.connection_id == *connection && self.present_user().is_some_and(|it| it.id == *user)
    }

    /// What it says of itself, with its name.
    #[must_use]
    pub fn last_data(&self) -> Option<LastData> {
        let data = self.data.clone()?;
        Some(LastData { connection_id: self.connection_id.clone(), data })
    }

    /// The user, if there is one and others see them as present.
    #[must_use]
    pub fn present_user(&self) -> Option<&User> {
        self.user.as_ref().filter(|_| self.is_present)
    }
}

/// What a socket's attachment stores, so that it survives hibernation: the member and the id of its socket. It has at
/// most about 6,100 characters, which the runtime stores in two bytes each; it allows 16 KiB. It contains nothing secret.
#[derive(Debug, PartialEq, Eq)]
pub struct Attachment {
    /// The socket.
    pub socket: SocketId,
    /// Who is connected on it.
    pub member: Member,
}

/// Separates the fields of an attachment. No name contains it, since control characters are not allowed.
const FIELD_END: char = '\n';
/// Stands for [`Member::takes_batches`].
const BATCHES: &str = "b";
/// Stands for a false [`Member::is_present`].
const LISTENS: &str = "l";
/// Stands for [`Member::may_send`].
const SENDS: &str = "s";

impl Attachment {
    /// The text to attach to the socket. It has one line each for the socket, the time, what the client accepts, the
    /// connection, the user, the name, whether they only listen, the expiry, the issue time and the id of the token,
    /// the picture, the event before a gap, whether they may send, and their presence data. It is not JSON, because a room
    /// must read all attachments before it is awake.
    ///
    /// A new version of the Worker reads what the old one wrote, so lines are only ever added at the end.
    #[must_use]
    pub fn to_text(&self) -> String {
        let Self { socket, member } = self;
        let user = member.user.as_ref();
        let token = member.token.as_ref();
        let [expires_at, issued_at] = [
            token.map_or(String::new(), |token| token.expires_at.to_string()),
            token.map_or(String::new(), |token| token.issued_at.to_string()),
        ];
        let fields: [&str; 14] = [
            &socket.0.to_string(),
            &member.connected_at.to_string(),
            if member.takes_batches { BATCHES } else { "" },
            member.connection_id.as_str(),
            user.map_or("", |user| user.id.as_str()),
            user.and_then(|user| user.name.as_ref()).map_or("", UserName::as_str),
            if member.is_present { "" } else { LISTENS },
            &expires_at,
            &issued_at,
            token.and_then(|token| token.id.as_ref()).map_or("", TokenId::as_str),
            user.and_then(|user| user.avatar.as_ref()).map_or("", Avatar::as_str),
            &member.gap_after.map_or(String::new(), |seq| seq.to_string()),
            if member.may_send { SENDS } else { "" },
            member.data.as_ref().map_or("", PresenceData::as_json),
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
        // An older version wrote no more than this.
        let is_present = fields.next() != Some(LISTENS);
        let token = HeldToken::parse(&mut fields);
        let avatar = fields.next().and_then(|avatar| Avatar::parse(avatar).ok());
        let gap_after = fields.next().and_then(|seq| seq.parse().ok());
        let may_send = fields.next() == Some(SENDS);
        let data = fields.next().and_then(PresenceData::parse);
        let user = id.map(|id| User { id, name, avatar, verified: token.is_some() });
        let member = Member {
            connection_id,
            user,
            connected_at,
            takes_batches,
            is_present,
            token,
            gap_after,
            may_send,
            data,
        };
        Some(Self { socket, member })
    }
}

impl HeldToken {
    /// Reads the three fields of a token in an attachment: expiry, issue time and id. `None` if there is none.
    pub fn parse<'a>(fields: &mut impl Iterator<Item = &'a str>) -> Option<Self> {
        let [expires_at, issued_at, id] = [fields.next()?, fields.next()?, fields.next()?];
        Some(Self {
            expires_at: expires_at.parse().ok()?,
            issued_at: issued_at.parse().ok()?,
            id: TokenId::parse(id).ok(),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::settings::PRESENCE_DATA_MAX;

    fn attachment(user: Option<User>, takes_batches: bool, token: Option<HeldToken>) -> Attachment {
        let gap_after = takes_batches.then_some(7);
        let verified = token.is_some();
        Attachment {
            socket: SocketId(7),
            member: Member {
                connection_id: ConnectionId::parse("c\"1").unwrap(),
                user: user.map(|user| User { verified, ..user }),
                connected_at: 1_700_000_000_000,
                takes_batches,
                is_present: !takes_batches,
                token,
                gap_after,
                may_send: takes_batches,
                data: PresenceData::parse(r#"{"at":"\\n"}"#).filter(|_| takes_batches),
            },
        }
    }

    #[test]
    fn an_attachment_of_the_version_before_is_read() {
        let text = "7\n1700000000000\nb\nc\"1\nann\nAnn";
        let Attachment { member, .. } = Attachment::parse(text).unwrap();
        assert_eq!((member.is_present, member.token, member.gap_after), (true, None, None));
    }

    #[test]
    fn an_invalid_attachment_is_none() {
        for text in ["", "{}", "7", "7\n1\n\n\nu\n", "x\n1\n\nc\nu\n"] {
            assert_eq!(Attachment::parse(text), None, "{text}");
        }
    }

    #[test]
    fn lines_of_later_versions_are_ignored() {
        let attachment = attachment(None, true, None);
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
                avatar: Avatar::parse(&format!("https://{}", "a".repeat(1_016))).ok(),
                verified: true,
            }),
            connected_at: Millis::MAX,
            takes_batches: true,
            is_present: false,
            token: Some(HeldToken {
                expires_at: Millis::MAX,
                issued_at: Millis::MAX,
                id: TokenId::parse(&"t".repeat(128)).ok(),
            }),
            gap_after: Some(Seq::MAX),
            may_send: true,
            data: PresenceData::parse(&format!(
                "{{\"a\":\"{}\"}}",
                "a".repeat(PRESENCE_DATA_MAX.max as usize - 8)
            )),
        };
        let text = Attachment { socket: SocketId(u32::MAX), member }.to_text();
        assert!(text.len() > PRESENCE_DATA_MAX.max as usize && text.len() < 6_100);
    }

    fn user() -> impl Strategy<Value = User> {
        let names = ("[^\\p{Cc}]{1,32}", proptest::option::of("[^\\p{Cc}]{1,32}"));
        names.prop_map(|(id, name)| {
            let name = name.map(|name| UserName::parse(&name).unwrap());
            User::unverified(UserId::parse(&id).unwrap(), name)
        })
    }

    fn token() -> impl Strategy<Value = HeldToken> {
        (any::<Millis>(), any::<Millis>(), proptest::option::of("[^\\p{Cc}]{1,32}")).prop_map(
            |(expires_at, issued_at, id)| HeldToken {
                expires_at,
                issued_at,
                id: id.map(|id| TokenId::parse(&id).unwrap()),
            },
        )
    }

    proptest! {
        #[test]
        fn an_attachment_reads_back_what_was_written(
            user in proptest::option::of(user()),
            takes_batches: bool,
            token in proptest::option::of(token()),
        ) {
            let attachment = attachment(user, takes_batches, token);
            prop_assert_eq!(Attachment::parse(&attachment.to_text()), Some(attachment));
        }

        #[test]
        fn no_attachment_panics(text in ".{0,60}|[0-9b\nxyz]{0,30}") {
            let _ = Attachment::parse(&text);
        }
    }
}
