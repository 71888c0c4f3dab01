//! What the gate tells the room about a client that wants to connect (P4).

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use crate::close_code::CloseCode;
use crate::member::User;
use crate::names::{ConnectionId, NameError, UserId, UserName};

/// Who comes, judged at the edge. The room trusts it and nothing else.
///
/// It travels in one internal header. A new gate talks to old rooms for minutes after a deploy, so
/// fields are only ever added, with a default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admission {
    /// The client's name for the connection, or a fresh one.
    pub connection_id: ConnectionId,
    /// The user; `None` for an anonymous socket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
    /// Whether the client takes several events in one frame (P3.4).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub takes_batches: bool,
    /// The subprotocol to select.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subprotocol: Option<String>,
}

/// What an HTTP header can't carry, or would change.
const NOT_IN_A_HEADER: &AsciiSet = &CONTROLS.add(b'%');

impl Admission {
    /// The text for the internal header: JSON, percent-encoded to plain ASCII.
    #[must_use]
    pub fn to_header(&self) -> String {
        let json = serde_json::to_string(self).unwrap_or_default();
        utf8_percent_encode(&json, NOT_IN_A_HEADER).to_string()
    }

    /// Reads what [`Self::to_header`] wrote; `None` if it is something else.
    #[must_use]
    pub fn from_header(text: &str) -> Option<Self> {
        let json = percent_decode_str(text).decode_utf8().ok()?;
        serde_json::from_str(&json).ok()
    }

    /// Reads the query of a connecting client (P4.1 to P4.4).
    ///
    /// `fresh_id` draws a connection id when the client gives none that can be used.
    ///
    /// # Errors
    /// [`CloseCode::BAD_REQUEST`] when `userId` or `userName` is too long or has control characters.
    pub fn from_query(
        query: &str,
        subprotocol: Option<&str>,
        fresh_id: impl FnOnce() -> ConnectionId,
    ) -> Result<Self, CloseCode> {
        let asked = Asked::read(query);
        let id = optional(asked.user_id, UserId::parse)?;
        let name = optional(asked.user_name, UserName::parse)?;
        Ok(Self {
            connection_id: asked
                .connection_id
                .and_then(|text| ConnectionId::parse(&text).ok())
                .unwrap_or_else(fresh_id),
            user: id.map(|id| User { id, name }),
            takes_batches: asked.frames.as_deref() == Some("batch"),
            subprotocol: subprotocol.map(str::to_owned),
        })
    }
}

fn optional<T>(
    text: Option<Cow<'_, str>>,
    parse: impl FnOnce(&str) -> Result<T, NameError>,
) -> Result<Option<T>, CloseCode> {
    match text.as_deref() {
        None | Some("") => Ok(None),
        Some(text) => parse(text).map(Some).map_err(|_| CloseCode::BAD_REQUEST),
    }
}

/// The parameters that count, each by its first occurrence.
#[derive(Default)]
struct Asked<'a> {
    connection_id: Option<Cow<'a, str>>,
    user_id: Option<Cow<'a, str>>,
    user_name: Option<Cow<'a, str>>,
    frames: Option<Cow<'a, str>>,
}

impl<'a> Asked<'a> {
    fn read(query: &'a str) -> Self {
        let mut asked = Self::default();
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            let slot = match key.as_ref() {
                "_pk" => &mut asked.connection_id,
                "userId" => &mut asked.user_id,
                "userName" => &mut asked.user_name,
                "frames" => &mut asked.frames,
                _ => continue,
            };
            slot.get_or_insert(value);
        }
        asked
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fresh() -> ConnectionId {
        ConnectionId::parse("fresh").unwrap()
    }

    fn read(query: &str) -> Result<Admission, CloseCode> {
        Admission::from_query(query, None, fresh)
    }

    fn user(query: &str) -> (String, Option<String>) {
        let user = read(query).unwrap().user.unwrap();
        (user.id.to_string(), user.name.map(|name| name.to_string()))
    }

    #[test]
    fn p4_1_the_query_is_form_decoded() {
        assert_eq!(user("userId=u%201&userName=A+B%2BC"), ("u 1".into(), Some("A B+C".into())));
    }

    #[test]
    fn p4_2_the_first_pk_counts() {
        assert_eq!(read("_pk=a&_pk=b").unwrap().connection_id.as_str(), "a");
    }

    #[test]
    fn p4_2_a_missing_empty_or_over_long_pk_gets_a_fresh_id() {
        let too_long = format!("_pk={}", "x".repeat(129));
        for query in ["", "_pk=", "_pk", "_pk=%00", &too_long] {
            assert_eq!(read(query).unwrap().connection_id, fresh(), "{query}");
        }
    }

    #[test]
    fn p4_3_an_over_long_or_odd_user_is_a_bad_request() {
        let long_id = format!("userId={}", "x".repeat(129));
        let long_name = format!("userId=u&userName={}", "x".repeat(257));
        for query in [long_id.as_str(), &long_name, "userId=a%0Ab", "userId=a&userName=%7F"] {
            assert_eq!(read(query), Err(CloseCode::BAD_REQUEST), "{query}");
        }
    }

    #[test]
    fn p4_3_without_a_user_name_there_is_none() {
        assert_eq!(user("userId=u1"), ("u1".into(), None));
        assert_eq!(user("userId=u1&userName="), ("u1".into(), None));
    }

    #[test]
    fn p4_4_without_a_user_id_the_socket_is_anonymous() {
        assert_eq!(read("userName=Nobody&userId=").unwrap().user, None);
    }

    proptest! {
        #[test]
        fn an_admission_survives_the_header(id in "\\PC{1,20}", name in "\\PC{1,40}", pk in "\\PC{1,20}") {
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair("userId", &id)
                .append_pair("userName", &name)
                .append_pair("_pk", &pk)
                .finish();
            let admission = Admission::from_query(&query, Some("chat"), fresh).unwrap();
            let header = admission.to_header();
            prop_assert!(header.bytes().all(|b| (b' '..=b'~').contains(&b)), "{}", header);
            prop_assert_eq!(Admission::from_header(&header), Some(admission));
        }

        #[test]
        fn no_query_and_no_header_panics(text in ".{0,200}") {
            let _ = read(&text);
            let _ = Admission::from_header(&text);
        }
    }
}
