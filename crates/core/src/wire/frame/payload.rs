//! The payloads of the frames that the server itself sends (P3).
//!
//! Their documentation is also for readers of TypeScript: `npm run codegen` generates the types of the npm package
//! from [`schemas`].

use serde::Serialize;

use crate::Millis;
use crate::encryption::KeyEpoch;
use crate::limits::Limits;
use crate::names::{Avatar, ConnectionId, Epoch, ProjectId, UserId, UserName};
use crate::position::Seq;
use crate::presence_data::PresenceData;

/// A user who is present in the project, on one or more devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "OnlineUser"))]
pub struct PresentUser<'a> {
    /// Who.
    pub user_id: &'a UserId,
    /// The user's display name; null if unknown.
    pub user_name: Option<&'a UserName>,
    /// The address of the user's picture, if the token has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar: Option<&'a Avatar>,
    /// When they joined, in milliseconds since 1970.
    pub joined_at: Millis,
    /// Whether a token vouches for the user. False if clients can connect as anybody.
    pub verified: bool,
    /// Set while the user's connection is lost and they may come back: when they count as gone, in milliseconds since
    /// 1970. Absent if clients may not talk to each other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leaves_at: Option<Millis>,
    /// What each of their connections says of itself, oldest first. Absent if none says anything.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<ConnectionData<'a>>,
}

/// What a connection says of itself to the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConnectionData<'a> {
    /// The id of the connection.
    pub connection_id: &'a ConnectionId,
    /// Its presence data; null if they are gone.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<std::collections::BTreeMap<String, serde_json::Value>>")
    )]
    pub data: Option<&'a PresenceData>,
}

/// The connection is open: what the client is connected to, and its limits.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Connected<'a> {
    /// The project.
    pub project_id: &'a ProjectId,
    /// The id of this connection. It stays the same when the client reconnects.
    pub connection_id: &'a ConnectionId,
    /// How many users are present, including this one.
    pub active_users: usize,
    /// How many sockets are connected, including this one.
    pub connections: usize,
    /// Who is present: at most 100 users.
    pub users: Vec<PresentUser<'a>>,
    /// The limits on this client and the project.
    pub limits: Limits,
    /// Name and version of the server.
    pub server: &'static str,
    /// The current life of the project's history, in which events are numbered. Absent if no history is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epoch: Option<&'a Epoch>,
    /// The number of the newest event; 0 before the first. Absent if no history is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<Seq>,
    /// Whether everything that the client missed follows.
    pub recovered: bool,
    /// Whether the client may send events to others.
    pub client_events: bool,
    /// The lowest key epoch that the project takes. Absent if it is not encrypted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_key_epoch: Option<KeyEpoch>,
}

/// A user joined.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct UserJoined<'a> {
    #[serde(flatten)]
    pub user: PresentUser<'a>,
    /// The project.
    pub project_id: &'a ProjectId,
}

/// A user's name, picture or presence data changed, or their connection was lost or is back. `data` has only the
/// connection whose data changed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct UserUpdated<'a> {
    #[serde(flatten)]
    pub user: PresentUser<'a>,
    /// The project.
    pub project_id: &'a ProjectId,
}

/// A user left, or did not come back in time.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct UserLeft<'a> {
    /// Who.
    pub user_id: &'a UserId,
    /// The user's display name; null if unknown.
    pub user_name: Option<&'a UserName>,
    /// The address of the user's picture, if the token has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar: Option<&'a Avatar>,
    /// The project.
    pub project_id: &'a ProjectId,
}

/// Joins and leaves in a large project, summarised once a second.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct Presence<'a> {
    /// How many users are present.
    pub active_users: usize,
    /// Everybody who is present, once there are few enough again to announce them one by one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub users: Option<Vec<PresentUser<'a>>>,
}

/// Answers a ping.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct Pong {}

/// The server accepted a fresh token from this client.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct AuthOk {
    /// When the token expires, in milliseconds since 1970.
    pub expires_at: Millis,
    /// Whether the client may send events to others from now on.
    pub client_events: bool,
}

/// The server refused a message from this client. The connection stays open.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct Error<'a> {
    /// Why: stable, and with a page in `docs/errors`.
    pub code: &'static str,
    /// An explanation for people.
    pub message: &'a str,
    /// Which of the limits was reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<&'static str>,
    /// After how many milliseconds there is room again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<Millis>,
    /// Which check of a token failed, as in the reason of a close: for example `aud`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// The lowest key epoch that the project takes, if the message was refused for its key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_key_epoch: Option<KeyEpoch>,
    /// The nonce of the event that is to be encrypted anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<&'a str>,
}

/// The project takes nothing any more that is encrypted under an older key.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "KeyEpoch"))]
pub(super) struct KeyEpochRaised {
    /// The lowest key epoch that the project takes.
    pub min_key_epoch: KeyEpoch,
}

/// The schemas of all payloads, by the types of their frames.
#[cfg(feature = "schema")]
pub fn schemas(generator: &mut schemars::SchemaGenerator) -> [(&'static str, schemars::Schema); 9] {
    [
        ("CONNECTED", generator.root_schema_for::<Connected<'_>>()),
        ("USER_JOINED", generator.root_schema_for::<UserJoined<'_>>()),
        ("USER_UPDATED", generator.root_schema_for::<UserUpdated<'_>>()),
        ("USER_LEFT", generator.root_schema_for::<UserLeft<'_>>()),
        ("PRESENCE", generator.root_schema_for::<Presence<'_>>()),
        ("ERROR", generator.root_schema_for::<Error<'_>>()),
        ("AUTH_OK", generator.root_schema_for::<AuthOk>()),
        ("KEY_EPOCH", generator.root_schema_for::<KeyEpochRaised>()),
        ("PONG", generator.root_schema_for::<Pong>()),
    ]
}
