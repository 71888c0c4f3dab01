//! One socket's member: who sits at it. It is what a socket's attachment holds.

use serde::{Deserialize, Serialize};

use crate::Millis;
use crate::names::{ConnectionId, UserId, UserName};

/// Names a socket within its room, for as long as the socket lives. Never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SocketId(pub u32);

/// A user as the client named itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Who.
    #[serde(rename = "i")]
    pub id: UserId,
    /// What people call them, if the client said.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<UserName>,
}

/// Who sits at one socket.
///
/// Serialised as a compact JSON text into the socket's attachment, so that it survives
/// hibernation: at most about 600 bytes of the 16 KiB that the runtime allows, and nothing secret.
/// A new version of the Worker reads what the old one wrote: fields are only ever added, with a
/// default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The client's name for the connection.
    #[serde(rename = "c")]
    pub connection_id: ConnectionId,
    /// The user; `None` for an anonymous socket, which gets events but has no presence.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
    /// When the socket was opened.
    #[serde(rename = "t")]
    pub connected_at: Millis,
    /// Whether the client takes several events in one frame (P3.4).
    #[serde(rename = "b", default, skip_serializing_if = "std::ops::Not::not")]
    pub takes_batches: bool,
}

impl Member {
    /// The id of the user, if there is one.
    #[must_use]
    pub fn user_id(&self) -> Option<&UserId> {
        self.user.as_ref().map(|user| &user.id)
    }
}

/// An attachment: the member with the name of its socket.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// The socket.
    #[serde(rename = "s")]
    pub socket: SocketId,
    /// Who sits at it.
    #[serde(rename = "m")]
    pub member: Member,
}

impl Attachment {
    /// The text to attach to the socket.
    #[must_use]
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads what [`Self::to_text`] wrote; `None` if it is something else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attachment_reads_back_what_was_written() {
        let attachment = Attachment {
            socket: SocketId(7),
            member: Member {
                connection_id: ConnectionId::parse("c\"1").unwrap(),
                user: Some(User { id: UserId::parse("ü").unwrap(), name: None }),
                connected_at: 1_700_000_000_000,
                takes_batches: true,
            },
        };
        assert_eq!(Attachment::parse(&attachment.to_text()), Some(attachment));
        assert_eq!(Attachment::parse("{}"), None);
    }

    #[test]
    fn the_longest_member_stays_far_below_the_runtime_s_limit() {
        let member = Member {
            connection_id: ConnectionId::parse(&"\"".repeat(128)).unwrap(),
            user: Some(User {
                id: UserId::parse(&"\"".repeat(128)).unwrap(),
                name: Some(UserName::parse(&"\\".repeat(256)).unwrap()),
            }),
            connected_at: Millis::MAX,
            takes_batches: true,
        };
        assert!(Attachment { socket: SocketId(u32::MAX), member }.to_text().len() < 1_200);
    }
}
