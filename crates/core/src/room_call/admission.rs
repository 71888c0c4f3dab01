//! What the gate tells the room about a client that connects (P4).

use std::borrow::Cow;

use super::bearer;
use super::internal_header;
use crate::Millis;
use crate::member::{HeldToken, Member, User};
use crate::names::{Avatar, ConnectionId, ProjectId, UserId, UserName};
use crate::position::Position;
use crate::token::{Claims, Permission, Rules, TokenError};
use crate::wire::close_code::{CloseCode, Closing};
use crate::wire::reason::Reason;

/// Who is connecting, as checked at the edge. The room trusts this and nothing else. It travels in one
/// [internal header](super::internal_header).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    /// The client's name for the connection, or a fresh one.
    pub connection_id: ConnectionId,
    /// The user; `None` for an anonymous socket.
    pub user: Option<User>,
    /// Whether others see the user as present (P9.4).
    pub is_present: bool,
    /// Whether the token allows the client to send events to others (P11.1).
    pub may_send: bool,
    /// The token that the client connected with.
    pub token: Option<HeldToken>,
    /// Whether the client accepts several events in one frame (P3.4).
    pub takes_batches: bool,
    /// The last event that a reconnecting client has (P7.3); `None` if it can't be read.
    pub since: Option<Position>,
    /// The subprotocol to select.
    pub subprotocol: Option<String>,
}

/// The value of `frames` with which a client asks for batches.
const BATCH: &str = "batch";
const YES: &str = "1";

/// The token in the query of a connecting client.
#[must_use]
pub fn token_in(query: &str) -> Option<Cow<'_, str>> {
    Asked::read(query).token.filter(|token| !token.is_empty())
}

impl Admission {
    /// The text for the internal header: the values that count, under the names that the client used.
    #[must_use]
    pub fn to_header(&self) -> String {
        let user = self.user.as_ref();
        let since = self.since.as_ref().map(ToString::to_string);
        let [expires_at, issued_at, token_id] = bearer::token_values(self.token.as_ref());
        internal_header::encode(&[
            ("_pk", self.connection_id.as_str()),
            ("userId", user.map_or("", |user| user.id.as_str())),
            ("userName", user.and_then(|user| user.name.as_ref()).map_or("", UserName::as_str)),
            ("avatar", user.and_then(|user| user.avatar.as_ref()).map_or("", Avatar::as_str)),
            ("frames", if self.takes_batches { BATCH } else { "" }),
            ("since", since.as_deref().unwrap_or_default()),
            ("subprotocol", self.subprotocol.as_deref().unwrap_or_default()),
            ("listens", if self.is_present { "" } else { YES }),
            ("sends", if self.may_send { YES } else { "" }),
            (bearer::EXPIRES_AT, &expires_at),
            (bearer::ISSUED_AT, &issued_at),
            (bearer::TOKEN_ID, &token_id),
        ])
    }

    /// The member of a socket that is opened now.
    #[must_use]
    pub fn member(&self, now: Millis) -> Member {
        Member {
            connection_id: self.connection_id.clone(),
            user: self.user.clone(),
            connected_at: now,
            takes_batches: self.takes_batches,
            is_present: self.is_present,
            token: self.token.clone(),
            gap_after: None,
            may_send: self.may_send,
            data: None,
        }
    }

    /// Reads what [`Self::to_header`] wrote; `None` if it is something else.
    #[must_use]
    #[inline(never)]
    pub fn from_header(text: &str) -> Option<Self> {
        let asked = Asked::read(text);
        let connection_id = ConnectionId::parse(asked.connection_id.as_deref()?).ok()?;
        let subprotocol = internal_header::first(text, "subprotocol").map(Cow::into_owned);
        let mut admission = asked.admitted(connection_id, subprotocol).ok()?;
        admission.is_present = internal_header::first(text, "listens").is_none();
        admission.may_send = internal_header::first(text, "sends").is_some();
        admission.token = bearer::token_in(text);
        let verified = admission.token.is_some();
        let avatar = internal_header::first(text, "avatar");
        let avatar = avatar.and_then(|avatar| Avatar::parse(&avatar).ok());
        admission.user = admission.user.map(|user| User { verified, avatar, ..user });
        Some(admission)
    }

    /// Admits the client with the rights in its token (P9.3, P9.4), of which it needs one. Checks everything in the token
    /// but its signature.
    ///
    /// # Errors
    /// How to close the socket.
    pub fn with_claims(
        self,
        claims: &Claims,
        needed: Permission,
        rules: &Rules,
        project: &ProjectId,
        now: Millis,
    ) -> Result<Self, Closing> {
        let not_allowed = |reason| CloseCode::NOT_ALLOWED.because(reason);
        claims.judge(rules, now).map_err(closing_for)?;
        let user = claims.user().map_err(closing_for)?;
        if self.user.is_some_and(|asked| asked.id != user.id) {
            return Err(not_allowed(Reason::User));
        }
        claims.may(needed, project).map_err(not_allowed)?;
        let is_present = claims.allows(Permission::Presence, project);
        let may_send = claims.allows(Permission::Send, project);
        Ok(Self { user: Some(user), is_present, may_send, token: Some(claims.held()), ..self })
    }

    /// Reads the query of a connecting client (P4.1 to P4.4, P7.3).
    ///
    /// `fresh_id` generates a connection id if the client sends no usable one.
    ///
    /// # Errors
    /// [`CloseCode::BAD_REQUEST`] if `userId` is too long or contains control characters, and [`CloseCode::TRY_AGAIN`] if
    /// no id could be generated.
    pub fn from_query(
        query: &str,
        subprotocol: Option<&str>,
        fresh_id: impl FnOnce() -> Option<ConnectionId>,
    ) -> Result<Self, Closing> {
        let asked = Asked::read(query);
        let given = asked.connection_id.as_deref().map(ConnectionId::parse);
        let connection_id =
            given.and_then(Result::ok).or_else(fresh_id).ok_or(CloseCode::TRY_AGAIN)?;
        asked.admitted(connection_id, subprotocol.map(str::to_owned))
    }
}

/// How to close the socket of a client whose token is not accepted.
#[must_use]
pub fn closing_for(error: TokenError) -> Closing {
    match error {
        TokenError::Expired => CloseCode::TOKEN_EXPIRED.into(),
        _ => CloseCode::TOKEN_INVALID.because(error.reason()),
    }
}

/// The known parameters. The first occurrence of each counts.
#[derive(Default)]
struct Asked<'a> {
    connection_id: Option<Cow<'a, str>>,
    user_id: Option<Cow<'a, str>>,
    user_name: Option<Cow<'a, str>>,
    frames: Option<Cow<'a, str>>,
    since: Option<Cow<'a, str>>,
    token: Option<Cow<'a, str>>,
}

impl<'a> Asked<'a> {
    fn read(query: &'a str) -> Self {
        let mut asked = Self::default();
        for (key, value) in internal_header::decode(query) {
            let slot = match key.as_ref() {
                "_pk" => &mut asked.connection_id,
                "userId" => &mut asked.user_id,
                "userName" => &mut asked.user_name,
                "frames" => &mut asked.frames,
                "since" => &mut asked.since,
                "token" => &mut asked.token,
                _ => continue,
            };
            slot.get_or_insert(value);
        }
        asked
    }

    fn admitted(
        self,
        connection_id: ConnectionId,
        subprotocol: Option<String>,
    ) -> Result<Admission, Closing> {
        let id = self.user_id.filter(|id| !id.is_empty()).map(|id| UserId::parse(&id)).transpose();
        let id = id.map_err(|_| CloseCode::BAD_REQUEST.because(Reason::UserId))?;
        let name = self.user_name.and_then(|name| UserName::tidied(&name));
        Ok(Admission {
            connection_id,
            user: id.map(|id| User::unverified(id, name)),
            is_present: true,
            may_send: false,
            token: None,
            takes_batches: self.frames.as_deref() == Some(BATCH),
            since: self.since.as_deref().and_then(Position::parse),
            subprotocol,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fresh() -> Option<ConnectionId> {
        ConnectionId::parse("fresh").ok()
    }

    fn read(query: &str) -> Result<Admission, Closing> {
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
            assert_eq!(Some(read(query).unwrap().connection_id), fresh(), "{query}");
        }
    }

    #[test]
    fn p4_3_an_over_long_or_odd_user_id_is_a_bad_request() {
        let long_id = format!("userId={}", "x".repeat(129));
        for query in [long_id.as_str(), "userId=a%0Ab"] {
            assert_eq!(read(query), Err(CloseCode::BAD_REQUEST.because(Reason::UserId)), "{query}");
        }
    }

    #[test]
    fn p4_3_an_over_long_or_odd_name_keeps_nobody_out() {
        let long = format!("userId=u&userName={}", "%E7%94%B0".repeat(86));
        assert_eq!(user(&long), ("u".into(), Some("田".repeat(85))));
        assert_eq!(user("userId=u&userName=A%0An%7Fn"), ("u".into(), Some("Ann".into())));
        assert_eq!(user("userId=u&userName=%7F"), ("u".into(), None));
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

    #[test]
    fn p7_3_a_position_that_can_not_be_read_keeps_nobody_out() {
        let since = |query| read(query).unwrap().since.map(|position| position.to_string());
        assert_eq!(since("since=e%3A7"), Some("e:7".into()));
        assert_eq!(since("since=e:7"), Some("e:7".into()));
        for odd in ["", "since=", "since=7", "since=e:-1", "since=%00:1"] {
            assert_eq!(since(odd), None, "{odd}");
        }
    }

    proptest! {
        #[test]
        fn an_admission_survives_the_header(id in "\\PC{1,20}", name in "\\PC{1,40}", pk in "\\PC{1,20}") {
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair("userId", &id)
                .append_pair("userName", &name)
                .append_pair("_pk", &pk)
                .append_pair("since", &format!("{id}:1"))
                .finish();
            let mut admission = Admission::from_query(&query, Some("chat"), fresh).unwrap();
            prop_assert_eq!(Admission::from_header(&admission.to_header()), Some(admission.clone()));
            admission.token = Some(HeldToken { expires_at: 7, issued_at: 0, id: crate::names::TokenId::parse(&pk).ok() });
            let avatar = Avatar::parse(&format!("https://{pk}")).ok();
            admission.user = admission.user.map(|user| User { verified: true, avatar, ..user });
            admission.is_present = false;
            admission.may_send = true;
            prop_assert_eq!(Admission::from_header(&admission.to_header()), Some(admission));
        }

        #[test]
        fn no_query_panics(text in ".{0,200}") {
            let _ = read(&text);
            let _ = Admission::from_header(&text);
        }
    }
}
