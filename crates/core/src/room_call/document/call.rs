//! What the gate, or the project's room, asks of a document. The one that asks writes a text, and the document reads it.

use crate::encryption::{KeyEpoch, read_epoch};
use crate::room_call::admission::Admission;
use crate::room_call::bearer::Bearer;
use crate::room_call::internal_header::{self, first};
use crate::room_call::removal::Removal;
use crate::room_call::revocation::Revocation;
use crate::wire::error_code::Refusal;
use crate::wire::reason::Reason;

/// A call to a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentCall {
    /// A client opens it (P13.1).
    Open(Opening),
    /// It is read over HTTP (P13.11).
    Read(Reading),
    /// The request's body is its first content (P13.11); with a token, if not with the secret.
    Seed(Option<Bearer>),
    /// It is erased, by itself (P13.11) or with its project (P13.10).
    Erase,
    /// A user is removed from the project (P13.10). The room, which knows until when, refuses them. Its key epoch is the
    /// lowest that the project takes afterwards (P14.2).
    Remove(Removal),
    /// Tokens are revoked in the project (P13.10).
    Revoke(Revocation),
    /// The lowest key epoch that the project still takes (P14.2).
    Floor(KeyEpoch),
}

/// A client that opens a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Who. What is only for rooms has no meaning here.
    pub admission: Admission,
    /// Whether the client may change the document (P13.2).
    pub may_write: bool,
    /// Whether the client encrypts it (P14.7).
    pub is_encrypted: bool,
}

/// How a document is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// With whose token, if not with the secret.
    pub bearer: Option<Bearer>,
    /// The root type whose plain text is asked for; `None` for the whole document as one update.
    pub text_of: Option<String>,
}

const AS: Refusal = Refusal::invalid_field("as must be text, or left out");
const NAME: Refusal =
    Refusal::invalid_field("as=text needs name, the name of a root type of the document");

const CALL: &str = "call";
const OPEN: &str = "open";
const READ: &str = "read";
const SEED: &str = "seed";
const ERASE: &str = "erase";
const REMOVE: &str = "remove";
const REVOKE: &str = "revoke";
const FLOOR: &str = "floor";

const EPOCH: &str = "epoch";
const WRITES: &str = "writes";
const ENCRYPTED: &str = "e2e";
const YES: &str = "1";
const FORM: &str = "as";
const TEXT: &str = "text";
const NAME_OF_ROOT: &str = "name";

/// Reads the query of a request to read a document: the root type whose plain text is asked for, if it is only that. The
/// first occurrence of a parameter counts. An empty `name` is a name too: that of the type that `doc.getText()` returns.
///
/// # Errors
/// `as` is something else, or `name` is missing.
pub fn text_of(query: &str) -> Result<Option<String>, Refusal> {
    match first(query, FORM).as_deref() {
        None => Ok(None),
        Some(TEXT) => Ok(Some(first(query, NAME_OF_ROOT).ok_or(NAME)?.into_owned())),
        Some(_) => Err(AS),
    }
}

/// Reads the query of a client that opens a document: whether it encrypts it (P14.7). The first occurrence counts.
///
/// # Errors
/// `e2e` is something else than the only version that there is.
pub fn is_encrypted(query: &str) -> Result<bool, Reason> {
    match first(query, ENCRYPTED).as_deref() {
        None => Ok(false),
        Some(YES) => Ok(true),
        Some(_) => Err(Reason::Encryption),
    }
}

/// The text for the internal header of an [`Open`](DocumentCall::Open).
#[must_use]
pub fn open(admission: &Admission, may_write: bool, is_encrypted: bool) -> String {
    let yes = |is_so| if is_so { YES } else { "" };
    let how = [(CALL, OPEN), (WRITES, yes(may_write)), (ENCRYPTED, yes(is_encrypted))];
    joined(&how, &admission.to_header())
}

/// The same for a [`Read`](DocumentCall::Read), with the text of the bearer, if there is one.
#[must_use]
pub fn read(text_of: Option<&str>, bearer: &str) -> String {
    let form = if text_of.is_some() { TEXT } else { "" };
    let how = [(CALL, READ), (FORM, form), (NAME_OF_ROOT, text_of.unwrap_or_default())];
    joined(&how, bearer)
}

/// The same for a [`Seed`](DocumentCall::Seed).
#[must_use]
pub fn seed(bearer: &str) -> String {
    joined(&[(CALL, SEED)], bearer)
}

/// The same for an [`Erase`](DocumentCall::Erase).
#[must_use]
pub fn erase() -> String {
    joined(&[(CALL, ERASE)], "")
}

/// The same for a [`Remove`](DocumentCall::Remove), with the text of the removal.
#[must_use]
pub fn remove(removal: &str) -> String {
    joined(&[(CALL, REMOVE)], removal)
}

/// The same for a [`Revoke`](DocumentCall::Revoke), with the text of the revocation.
#[must_use]
pub fn revoke(revocation: &str) -> String {
    joined(&[(CALL, REVOKE)], revocation)
}

/// The same for a [`Floor`](DocumentCall::Floor).
#[must_use]
pub fn floor(epoch: KeyEpoch) -> String {
    joined(&[(CALL, FLOOR), (EPOCH, &epoch.to_string())], "")
}

impl DocumentCall {
    /// Reads what one of the functions above wrote; `None` if it is something else.
    #[must_use]
    pub fn from_header(text: &str) -> Option<Self> {
        Some(match &*first(text, CALL)? {
            OPEN => Self::Open(Opening {
                admission: Admission::from_header(text)?,
                may_write: first(text, WRITES).is_some(),
                is_encrypted: first(text, ENCRYPTED).is_some(),
            }),
            READ => Self::Read(Reading {
                bearer: Bearer::from_header(text),
                text_of: first(text, FORM)
                    .map(|_| first(text, NAME_OF_ROOT).unwrap_or_default().into_owned()),
            }),
            SEED => Self::Seed(Bearer::from_header(text)),
            ERASE => Self::Erase,
            REMOVE => Self::Remove(Removal::from_header(text)?),
            REVOKE => Self::Revoke(Revocation::from_header(text)?),
            FLOOR => Self::Floor(read_epoch(&first(text, EPOCH)?)?),
            _ => return None,
        })
    }
}

/// Named values, and after them the text of something else, whose names are others.
#[inline(never)]
pub(super) fn joined(values: &[(&str, &str)], rest: &str) -> String {
    let mut text = internal_header::encode(values);
    if !rest.is_empty() {
        text.push('&');
        text.push_str(rest);
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::member::{HeldToken, User};
    use crate::names::{ConnectionId, TokenId, UserId};

    #[test]
    fn p13_11_the_whole_document_or_the_text_of_a_root_type_is_read() {
        assert_eq!(text_of(""), Ok(None));
        assert_eq!(text_of("name=t"), Ok(None));
        assert_eq!(text_of("as=text&name=a+b&name=c"), Ok(Some("a b".into())));
        assert_eq!(text_of("name=&as=text"), Ok(Some(String::new())));
        assert_eq!(text_of("as=text"), Err(NAME));
        for wrong in ["as=", "as=json&name=t", "as=TEXT&name=t"] {
            assert_eq!(text_of(wrong), Err(AS), "{wrong}");
        }
    }

    #[test]
    fn p14_7_a_client_says_that_it_encrypts() {
        assert_eq!(is_encrypted(""), Ok(false));
        assert_eq!(is_encrypted("userId=u&e2e=1&e2e=2"), Ok(true));
        for other in ["e2e=", "e2e=0", "e2e=2", "e2e=01", "e2e=true"] {
            assert_eq!(is_encrypted(other), Err(Reason::Encryption), "{other}");
        }
    }

    proptest! {
        #[test]
        fn a_call_survives_the_header(
            name in "\\PC{1,20}", root in ".{0,20}", time: u64, is_so: bool, kind in 0..3_u8,
            epoch in 1..=KeyEpoch::MAX,
        ) {
            let token = HeldToken { expires_at: time, issued_at: 1, id: TokenId::parse(&name).ok() };
            let user = UserId::parse(&name).unwrap();
            let bearer = is_so.then(|| Bearer { user: Some(user.clone()), token: token.clone() });
            let fresh = || ConnectionId::parse(&name).ok();
            let mut admission = Admission::from_query("", Some("chat"), fresh).unwrap();
            admission.user = Some(User { verified: is_so, ..User::unverified(user.clone(), None) });
            admission.token = is_so.then_some(token);
            let scope = crate::room_call::revocation::Scope::from_parts(&kind.to_string(), &name);
            let bearer_text = bearer.as_ref().map_or(String::new(), Bearer::to_header);
            let min_key_epoch = if is_so { epoch } else { 0 };
            let removal = Removal { user_id: user, refuse_ms: time, min_key_epoch };
            let revocation = Revocation { scope: scope.unwrap(), before: time };
            for (text, call) in [
                (
                    open(&admission, is_so, kind > 0),
                    DocumentCall::Open(Opening { admission, may_write: is_so, is_encrypted: kind > 0 }),
                ),
                (
                    read(Some(&root), &bearer_text),
                    DocumentCall::Read(Reading { bearer: bearer.clone(), text_of: Some(root) }),
                ),
                (
                    read(None, &bearer_text),
                    DocumentCall::Read(Reading { bearer: bearer.clone(), text_of: None }),
                ),
                (seed(&bearer_text), DocumentCall::Seed(bearer)),
                (erase(), DocumentCall::Erase),
                (remove(&removal.to_header()), DocumentCall::Remove(removal)),
                (revoke(&revocation.to_header()), DocumentCall::Revoke(revocation)),
                (floor(epoch), DocumentCall::Floor(epoch)),
            ] {
                prop_assert_eq!(DocumentCall::from_header(&text), Some(call));
            }
        }

        #[test]
        fn no_text_panics(text in ".{0,200}|call=(open|read|seed|remove|revoke|floor)&.{0,50}") {
            let _ = DocumentCall::from_header(&text);
            let _ = text_of(&text);
        }
    }
}
