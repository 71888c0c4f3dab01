//! What a document asks of its project's room.

use super::call::joined;
use crate::member::HeldToken;
use crate::names::{DocId, UserId};
use crate::room_call::bearer::{self, Bearer};
use crate::room_call::internal_header::first;

/// A call of a document to its project's room.
///
/// A document calls in order, over one stub. Only what says so is safe to repeat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Errand {
    /// Which document.
    pub document: DocId,
    /// What for.
    pub purpose: Purpose,
}

/// What a document asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// A client wants to open it: may they, and from now on the room tells the document of removals, revocations and the
    /// erasure of the project. The answer is 204, or the 101 whose socket is closed at once, to be passed on. Safe to
    /// repeat.
    Open(Visitor),
    /// A client wants to read it over HTTP with a token: may they? The answer is 204, or a refusal to be passed on. Safe
    /// to repeat.
    Read(Bearer),
    /// It is about to be seeded, with this token or with the secret: may it, and from now on it is erased with the
    /// project. The answer is as for `Read`. Safe to repeat.
    Seed(Option<Bearer>),
    /// Nobody has it open any more, and nobody is about to open it. It still has content. The answer is 204. Not to be
    /// repeated once somebody has opened it again.
    Release,
    /// The same, but there is nothing in it. Not to be repeated either.
    Forget,
}

/// Who opens a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    /// The user; `None` if anonymous.
    pub user: Option<UserId>,
    /// The token, if tokens are required.
    pub token: Option<HeldToken>,
    /// The subprotocol to select.
    pub subprotocol: Option<String>,
}

const DOCUMENT: &str = "docId";
const PURPOSE: &str = "for";
const OPEN: &str = "open";
const READ: &str = "read";
const SEED: &str = "seed";
const RELEASE: &str = "release";
const FORGET: &str = "forget";
const SUBPROTOCOL: &str = "subprotocol";

impl Errand {
    /// The text for the internal header.
    #[must_use]
    pub fn to_header(&self) -> String {
        let bearer_text = |bearer: Option<&Bearer>| bearer.map_or(String::new(), Bearer::to_header);
        let (purpose, subprotocol, rest) = match &self.purpose {
            Purpose::Open(visitor) => (OPEN, visitor.subprotocol.as_deref(), visitor.to_header()),
            Purpose::Read(bearer) => (READ, None, bearer.to_header()),
            Purpose::Seed(bearer) => (SEED, None, bearer_text(bearer.as_ref())),
            Purpose::Release => (RELEASE, None, String::new()),
            Purpose::Forget => (FORGET, None, String::new()),
        };
        let subprotocol = subprotocol.unwrap_or_default();
        let values =
            [(DOCUMENT, self.document.as_str()), (PURPOSE, purpose), (SUBPROTOCOL, subprotocol)];
        joined(&values, &rest)
    }

    /// Reads what [`Self::to_header`] wrote; `None` if it is something else.
    #[must_use]
    #[inline(never)]
    pub fn from_header(text: &str) -> Option<Self> {
        let document = DocId::parse(&first(text, DOCUMENT)?).ok()?;
        let purpose = match &*first(text, PURPOSE)? {
            OPEN => Purpose::Open(Visitor::from_header(text)),
            READ => Purpose::Read(Bearer::from_header(text)?),
            SEED => Purpose::Seed(Bearer::from_header(text)),
            RELEASE => Purpose::Release,
            FORGET => Purpose::Forget,
            _ => return None,
        };
        Some(Self { document, purpose })
    }
}

impl Visitor {
    fn to_header(&self) -> String {
        bearer::to_text(self.user.as_ref(), self.token.as_ref())
    }

    fn from_header(text: &str) -> Self {
        let subprotocol = first(text, SUBPROTOCOL).map(std::borrow::Cow::into_owned);
        Self { user: bearer::user_in(text), token: bearer::token_in(text), subprotocol }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::names::TokenId;

    fn assert_survives(document: &DocId, purpose: Purpose) {
        let errand = Errand { document: document.clone(), purpose };
        assert_eq!(Errand::from_header(&errand.to_header()), Some(errand));
    }

    proptest! {
        #[test]
        fn an_errand_survives_the_header(
            id in "[^/\\p{Cc}]{1,20}", user in "\\PC{0,20}", time: u64, is_so: bool,
            subprotocol in proptest::option::of("[!-~]{1,20}"),
        ) {
            let document = DocId::parse(&id).unwrap();
            let user = UserId::parse(&user).ok();
            let token = HeldToken { expires_at: time, issued_at: 1, id: TokenId::parse(&id).ok() };
            let bearer = Bearer { user: user.clone(), token: token.clone() };
            let visitor = Visitor { user, token: is_so.then_some(token), subprotocol };
            for purpose in [
                Purpose::Open(visitor),
                Purpose::Read(bearer.clone()),
                Purpose::Seed(is_so.then_some(bearer)),
                Purpose::Release,
                Purpose::Forget,
            ] {
                assert_survives(&document, purpose);
            }
        }

        #[test]
        fn no_text_panics(text in ".{0,200}|docId=d&for=(open|read|seed)&.{0,50}") {
            let _ = Errand::from_header(&text);
        }
    }
}
