//! Who publishes with a token, as the gate tells the room (P9.6).

use super::internal_header;
use crate::member::HeldToken;
use crate::names::{TokenId, UserId};

/// Names of the values of a token in an [internal header](super::internal_header).
pub(crate) const EXPIRES_AT: &str = "expiresAt";
pub(crate) const ISSUED_AT: &str = "issuedAt";
pub(crate) const TOKEN_ID: &str = "tokenId";
const USER_ID: &str = "userId";

/// The bearer of a token that the gate has checked. It travels in one internal header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// The user, if the token names one.
    pub user: Option<UserId>,
    /// The token, as far as the room needs it.
    pub token: HeldToken,
}

impl Bearer {
    /// The text for the internal header.
    #[must_use]
    pub fn to_header(&self) -> String {
        to_text(self.user.as_ref(), Some(&self.token))
    }

    /// Reads what [`Self::to_header`] wrote; `None` if it is something else.
    #[must_use]
    pub fn from_header(text: &str) -> Option<Self> {
        Some(Self { user: user_in(text), token: token_in(text)? })
    }
}

/// A user and a token as text; what is absent is left out.
pub(crate) fn to_text(user: Option<&UserId>, token: Option<&HeldToken>) -> String {
    let [expires_at, issued_at, token_id] = token_values(token);
    internal_header::encode(&[
        (USER_ID, user.map_or("", UserId::as_str)),
        (EXPIRES_AT, &expires_at),
        (ISSUED_AT, &issued_at),
        (TOKEN_ID, &token_id),
    ])
}

/// Reads the user.
pub(crate) fn user_in(text: &str) -> Option<UserId> {
    UserId::parse(&internal_header::first(text, USER_ID)?).ok()
}

/// The values of a token under the names above; empty if absent.
pub(crate) fn token_values(token: Option<&HeldToken>) -> [String; 3] {
    let Some(HeldToken { expires_at, issued_at, id }) = token else { return Default::default() };
    let id = id.as_ref().map_or("", TokenId::as_str);
    [expires_at.to_string(), issued_at.to_string(), id.to_owned()]
}

/// Reads the values of a token.
pub(crate) fn token_in(text: &str) -> Option<HeldToken> {
    let value = |name| internal_header::first(text, name);
    Some(HeldToken {
        expires_at: value(EXPIRES_AT)?.parse().ok()?,
        issued_at: value(ISSUED_AT)?.parse().ok()?,
        id: value(TOKEN_ID).and_then(|id| TokenId::parse(&id).ok()),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_bearer_survives_the_header(
            user in "\\PC{0,20}", id in "\\PC{0,20}", expires_at: u64, issued_at: u64,
        ) {
            let token = HeldToken { expires_at, issued_at, id: TokenId::parse(&id).ok() };
            let bearer = Bearer { user: UserId::parse(&user).ok(), token };
            prop_assert_eq!(Bearer::from_header(&bearer.to_header()), Some(bearer));
        }

        #[test]
        fn no_text_panics(text in ".{0,200}") {
            let _ = Bearer::from_header(&text);
        }
    }
}
