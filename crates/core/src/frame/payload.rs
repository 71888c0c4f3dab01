//! The payloads of the frames that the server itself sends (P3).
//!
//! Their documentation is read in TypeScript too: `npm run codegen` writes the types of the npm package from
//! [`schemas`].

use serde::Serialize;

use crate::Millis;
use crate::limits::Limits;
use crate::names::{Avatar, ConnectionId, Epoch, ProjectId, UserId, UserName};
use crate::position::Seq;

/// A user who is in the project, on however many devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "OnlineUser"))]
pub struct PresentUser<'a> {
    /// Who.
    pub user_id: &'a UserId,
    /// What people call the user; null if nobody said.
    pub user_name: Option<&'a UserName>,
    /// Where the user's picture is, if the token names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar: Option<&'a Avatar>,
    /// Since when they are here, in milliseconds since 1970.
    pub joined_at: Millis,
    /// Whether a token says who the user is. False where everybody may say who they are.
    pub verified: bool,
}

/// The connection stands: where the client is, and what it may do.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Connected<'a> {
    /// The project.
    pub project_id: &'a ProjectId,
    /// The name of this connection. It stays the same when the client returns.
    pub connection_id: &'a ConnectionId,
    /// How many users are here, this one included.
    pub active_users: usize,
    /// How many sockets are here, this one included.
    pub connections: usize,
    /// Who is here: 100 users at most.
    pub users: Vec<PresentUser<'a>>,
    /// What this client and the project may do.
    pub limits: Limits,
    /// Name and version of the server.
    pub server: &'static str,
    /// In which life of the project's history events are numbered. Absent where no history is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epoch: Option<&'a Epoch>,
    /// The number of the newest event; 0 before the first. Absent where no history is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<Seq>,
    /// Whether everything that was missed is on its way.
    pub recovered: bool,
}

/// Somebody came.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct UserJoined<'a> {
    #[serde(flatten)]
    pub user: PresentUser<'a>,
    /// The project.
    pub project_id: &'a ProjectId,
}

/// Somebody went, or did not return in time.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct UserLeft<'a> {
    /// Who.
    pub user_id: &'a UserId,
    /// What people call the user; null if nobody said.
    pub user_name: Option<&'a UserName>,
    /// Where the user's picture is, if the token names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar: Option<&'a Avatar>,
    /// The project.
    pub project_id: &'a ProjectId,
}

/// Comings and goings of a large project, told once a second.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct Presence<'a> {
    /// How many users are here.
    pub active_users: usize,
    /// Everybody, once they are few enough again to be told one by one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub users: Option<Vec<PresentUser<'a>>>,
}

/// Answers a ping.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct Pong {}

/// The server took a fresh token of this client.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct AuthOk {
    /// When the token ends, in milliseconds since 1970.
    pub expires_at: Millis,
}

/// The server refused a message of this client. The connection stays.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct Error {
    /// Why: stable, and with a page in `docs/errors`.
    pub code: &'static str,
    /// The same for people.
    pub message: &'static str,
    /// Which of the limits was reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<&'static str>,
    /// After how many milliseconds it is no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<Millis>,
    /// Which check of a token has failed, as in the reason of a close: `aud`, for example.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
}

/// The schemas of all payloads, by the types of their frames.
#[cfg(feature = "schema")]
pub fn schemas(generator: &mut schemars::SchemaGenerator) -> [(&'static str, schemars::Schema); 7] {
    [
        ("CONNECTED", generator.root_schema_for::<Connected<'_>>()),
        ("USER_JOINED", generator.root_schema_for::<UserJoined<'_>>()),
        ("USER_LEFT", generator.root_schema_for::<UserLeft<'_>>()),
        ("PRESENCE", generator.root_schema_for::<Presence<'_>>()),
        ("ERROR", generator.root_schema_for::<Error>()),
        ("AUTH_OK", generator.root_schema_for::<AuthOk>()),
        ("PONG", generator.root_schema_for::<Pong>()),
    ]
}
