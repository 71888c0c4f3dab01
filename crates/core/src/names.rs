//! The names that come from outside, each parsed once at the door and typed from there on.

use std::borrow::Borrow;
use std::fmt;

use serde::Serialize;

/// Why a text is not a valid name. The message says what to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameError {
    /// Nothing is there.
    Empty,
    /// More bytes of UTF-8 than `max`.
    TooLong {
        /// The most bytes that this kind of name may have.
        max: usize,
    },
    /// A control character (Unicode category Cc) is in it.
    ControlCharacter,
    /// A `/` is in it, where it would split a path.
    Slash,
    /// It is no address that a browser should fetch a picture from.
    Scheme,
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("must not be empty"),
            Self::TooLong { max } => write!(f, "must be at most {max} bytes of UTF-8"),
            Self::ControlCharacter => f.write_str("must not contain control characters"),
            Self::Slash => f.write_str("must not contain '/'"),
            Self::Scheme => f.write_str("must begin with https:// or http://"),
        }
    }
}

impl std::error::Error for NameError {}

fn check(text: &str, max: usize) -> Result<(), NameError> {
    if text.is_empty() {
        return Err(NameError::Empty);
    }
    if text.len() > max {
        return Err(NameError::TooLong { max });
    }
    if text.chars().any(char::is_control) {
        return Err(NameError::ControlCharacter);
    }
    Ok(())
}

/// Defines a newtype over a checked `Box<str>`: two words, immutable, cheap to compare.
macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $max:literal, $extra:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
        pub struct $name(Box<str>);

        impl $name {
            /// The most bytes of UTF-8 that it may have.
            pub const MAX_BYTES: usize = $max;

            /// Checks `text` and takes it as a name.
            ///
            /// # Errors
            /// Empty, longer than [`Self::MAX_BYTES`], or with a character that is not allowed.
            pub fn parse(text: &str) -> Result<Self, NameError> {
                check(text, Self::MAX_BYTES)?;
                let extra: fn(&str) -> Result<(), NameError> = $extra;
                extra(text)?;
                Ok(Self(text.into()))
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                self.as_str()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

name!(
    /// The project that a room belongs to: 1 to 128 bytes, no control characters, no `/` (P1.3).
    ProjectId, 128,
    |text| if text.contains('/') { Err(NameError::Slash) } else { Ok(()) }
);
name!(
    /// A user of the app: 1 to 128 bytes, no control characters (P4.3).
    UserId, 128, |_| Ok(())
);
name!(
    /// What people call a user: 1 to 256 bytes, no control characters (P4.3).
    UserName, 256, |_| Ok(())
);
name!(
    /// The address of a user's picture: 1 to 1,024 bytes, `https://` or `http://` (P9.4).
    Avatar, 1_024,
    |text| {
        let is_web = ["https://", "http://"].iter().any(|scheme| text.starts_with(scheme));
        if is_web { Ok(()) } else { Err(NameError::Scheme) }
    }
);
name!(
    /// One connection of one client, chosen by the client (`_pk`) or drawn by the gate: 1 to 128
    /// bytes. Not unique: a client that returns reuses it while its old socket may still be there.
    ConnectionId, 128, |_| Ok(())
);
name!(
    /// The type of a broadcast event: 1 to 64 bytes, free text but for the server's own (P2.2).
    EventType, 64, |_| Ok(())
);
name!(
    /// What a backend calls a publication, so that it can repeat it: 1 to 64 bytes (P2.11).
    IdempotencyKey, 64, |_| Ok(())
);
name!(
    /// What a token is called by who made it (`jti`): 1 to 128 bytes.
    TokenId, 128, |_| Ok(())
);
name!(
    /// One life of a room's history, drawn with its storage: 1 to 64 bytes (P7.1).
    Epoch, 64, |_| Ok(())
);

/// The event types that only the server itself sends (P2.2).
pub const RESERVED_EVENT_TYPES: [&str; 7] =
    ["CONNECTED", "USER_JOINED", "USER_LEFT", "PRESENCE", "PONG", "ERROR", "AUTH_OK"];

impl ConnectionId {
    /// Takes a UUID that the server has drawn, for a client that named no connection.
    #[must_use]
    pub fn from_uuid(uuid: &str) -> Self {
        Self(uuid.into())
    }
}

impl EventType {
    /// Whether only the server may send it.
    #[must_use]
    pub fn is_reserved(&self) -> bool {
        RESERVED_EVENT_TYPES.contains(&self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn p1_3_the_limit_counts_bytes_and_not_characters() {
        assert!(ProjectId::parse(&"é".repeat(64)).is_ok());
        assert_eq!(ProjectId::parse(&"é".repeat(65)), Err(NameError::TooLong { max: 128 }));
    }

    #[test]
    fn p1_3_a_slash_is_refused_in_a_project_id_alone() {
        assert_eq!(ProjectId::parse("a/b"), Err(NameError::Slash));
        assert!(UserId::parse("a/b").is_ok());
    }

    #[test]
    fn p2_2_only_the_exact_names_of_the_server_are_reserved() {
        assert!(
            RESERVED_EVENT_TYPES.iter().all(|name| EventType::parse(name).unwrap().is_reserved())
        );
        assert!(!EventType::parse("connected").unwrap().is_reserved());
    }

    proptest! {
        #[test]
        fn a_text_is_a_name_exactly_if_it_keeps_every_rule(text in ".{0,140}|[\\PC/]{0,20}") {
            let is_plain = !text.is_empty() && !text.chars().any(char::is_control);
            let is_user = is_plain && text.len() <= UserId::MAX_BYTES;
            prop_assert_eq!(UserId::parse(&text).is_ok(), is_user);
            prop_assert_eq!(ProjectId::parse(&text).is_ok(), is_user && !text.contains('/'));
            prop_assert_eq!(UserName::parse(&text).is_ok(), is_plain && text.len() <= 256);
            if let Ok(name) = UserId::parse(&text) {
                prop_assert_eq!(name.as_str(), text);
            }
        }
    }
}
