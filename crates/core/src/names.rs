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

impl UserName {
    /// Takes a text for a name as far as it goes: without control characters, and cut to [`Self::MAX_BYTES`] between
    /// two characters as people see them (P4.3). `None` if nothing is left.
    #[must_use]
    #[inline(never)]
    pub fn tidied(text: &str) -> Option<Self> {
        if let Ok(name) = Self::parse(text) {
            return Some(name);
        }
        let plain: String = text.chars().filter(|c| !c.is_control()).collect();
        Self::parse(cut(&plain, Self::MAX_BYTES)).ok()
    }
}

/// The longest beginning of at most `max` bytes that takes no character apart from the marks that follow it.
fn cut(text: &str, max: usize) -> &str {
    if text.len() <= max {
        return text;
    }
    let whole = text.get(..text.floor_char_boundary(max)).unwrap_or_default();
    let mut kept = whole;
    loop {
        let next = text.get(kept.len()..).and_then(|rest| rest.chars().next());
        let Some(last) = kept.chars().next_back() else { break whole };
        if last != JOINER && !next.is_some_and(continues) {
            break kept;
        }
        kept = kept.get(..kept.len() - last.len_utf8()).unwrap_or_default();
    }
}

/// Makes one character of those on both its sides, as in the picture of a family.
const JOINER: char = '\u{200d}';

/// Whether a character only changes the one before it: an accent, a variant, the colour of a skin.
fn continues(c: char) -> bool {
    matches!(c, JOINER
        | '\u{300}'..='\u{36f}'
        | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{fe20}'..='\u{fe2f}'
        | '\u{1f3fb}'..='\u{1f3ff}'
        | '\u{e0100}'..='\u{e01ef}')
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
    fn p4_3_a_long_name_is_cut_between_two_characters() {
        let tidied = |text: &str| UserName::tidied(text).unwrap().to_string();
        assert_eq!(tidied("Ann"), "Ann");
        assert_eq!(tidied(&"田".repeat(86)), "田".repeat(85));
        assert_eq!(tidied(&"x".repeat(257)), "x".repeat(256));
        assert_eq!(tidied(&format!("{}😀", "x".repeat(253))), "x".repeat(253));
        // An accent of its own, a family, a skin: they stay whole or go.
        assert_eq!(tidied(&format!("{}e\u{301}", "x".repeat(255))), "x".repeat(255));
        assert_eq!(tidied(&format!("{}👩\u{200d}👧", "x".repeat(249))), "x".repeat(249));
        assert_eq!(tidied(&format!("{}👍🏽", "x".repeat(252))), "x".repeat(252));
        // Marks and nothing else.
        assert_eq!(tidied(&"\u{301}".repeat(200)), "\u{301}".repeat(128));
    }

    #[test]
    fn p4_3_control_characters_are_left_out_of_a_name() {
        let tidied = |text: &str| UserName::tidied(text).map(|name| name.to_string());
        assert_eq!(tidied("A\tn\u{7f}n\n"), Some("Ann".into()));
        assert_eq!(tidied("\n\t"), None);
        assert_eq!(tidied(""), None);
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
        fn a_tidied_name_is_a_name_and_stays_as_it_is(text in ".{0,140}|[\\PC\u{300}-\u{310}]{80,120}") {
            if let Some(name) = UserName::tidied(&text) {
                prop_assert_eq!(UserName::parse(name.as_str()), Ok(name.clone()));
                prop_assert_eq!(UserName::tidied(name.as_str()), Some(name));
            } else {
                prop_assert!(text.chars().all(char::is_control));
            }
        }

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
