//! Every setting of the server with its default, unit and bounds, in one place.
//!
//! A wrong value is never replaced by the default. It becomes a [`Problem`], which `/health` reports and with which
//! every room request is refused (P1.8).

mod access;
mod documents;
mod environment;
mod names;
mod numbers;
mod reader;
#[cfg(test)]
mod tests;

use serde::Serialize;

use crate::limits::{ClientEventLimits, Limits};
use crate::request::authorization::Secrets;
use crate::request::base_path::BasePath;
use crate::request::origin::Origins;
use crate::token::Rules;

pub use access::*;
pub use documents::*;
pub use environment::*;
pub use names::{meant_by, names};
pub use numbers::*;
use reader::Reader;

/// Whether clients may talk to each other.
pub const CLIENT_EVENTS: &str = "CLIENT_EVENTS";
/// The lowest severity that is logged.
pub const LOG_LEVEL: &str = "LOG_LEVEL";
/// The secret that a backend presents with a broadcast.
pub const BROADCAST_SECRET: &str = "BROADCAST_SECRET";
/// The previous secret, also accepted while backends change over.
pub const BROADCAST_SECRET_PREVIOUS: &str = "BROADCAST_SECRET_PREVIOUS";

/// The binding of the rate limiter for connects, which not every runtime has.
pub const CONNECTS: &str = "CONNECTS";
/// The binding of the console's files.
pub const ASSETS: &str = "ASSETS";
/// The binding of the rooms.
pub const ROOMS: &str = "ROOMS";
/// The binding of the documents.
pub const DOCUMENTS: &str = "DOCUMENTS";

/// How much is logged. A line is written when its severity is at or above this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// Each connect, leave and broadcast, and all below.
    #[default]
    Info,
    /// Refusals, and all below.
    Warn,
    /// Failures of the server.
    Error,
    /// Nothing.
    Off,
}

impl LogLevel {
    /// The values of [`LOG_LEVEL`], for messages and docs.
    pub const VALUES: &'static str = "info, warn, error or off";

    /// Its name, as it is set.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
            Self::Off => "off",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        match text {
            "info" => Some(Self::Info),
            "warn" => Some(Self::Warn),
            "error" => Some(Self::Error),
            "off" => Some(Self::Off),
            _ => None,
        }
    }
}

/// A setting that is missing or wrong: its name and what to do, never its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The variable or secret.
    pub setting: &'static str,
    /// What is wrong and what it must be.
    pub problem: String,
}

/// All settings, read and checked.
#[derive(Debug)]
pub struct Settings {
    /// See [`MAX_PAYLOAD_BYTES`].
    pub max_payload_bytes: usize,
    /// How much a room and its clients may do.
    pub limits: Limits,
    /// What is only for documents.
    pub documents: DocumentLimits,
    /// See [`PRESENCE_GRACE_SECONDS`]; here in milliseconds.
    pub presence_grace_ms: u64,
    /// See [`PRESENCE_EVENTS_MAX`].
    pub presence_events_max: usize,
    /// See [`LEAF_SOCKETS`].
    pub leaf_sockets: usize,
    /// See [`STALE_SOCKET_SECONDS`]; here in milliseconds.
    pub stale_socket_ms: u64,
    /// See [`HISTORY_SIZE`].
    pub history_size: u64,
    /// See [`HISTORY_TTL_SECONDS`]; here in milliseconds.
    pub history_ttl_ms: u64,
    /// See [`LOG_LEVEL`].
    pub log_level: LogLevel,
    /// See [`CONSOLE`].
    pub console: bool,
    /// See [`BASE_PATH`]; `None`: the root of the host.
    pub base_path: Option<BasePath>,
    /// The secrets that allow a broadcast; empty when none is set.
    pub secrets: Secrets,
    /// See [`CONNECT_AUTH`].
    pub connect_policy: ConnectPolicy,
    /// See [`ALLOWED_ORIGINS`].
    pub origins: Origins,
    /// The keys that may sign tokens.
    pub token_keys: TokenKeys,
    /// What tokens must say.
    pub token_rules: Rules,
    /// See [`TOKEN_GRACE_SECONDS`]; here in milliseconds.
    pub token_grace_ms: u64,
    /// Values that can't be used. Not empty: room requests are refused.
    pub wrong: Vec<Problem>,
    /// What must be set and is not, except what only follows from a wrong value.
    pub missing: Vec<Problem>,
}

impl Settings {
    /// Reads all settings. An empty text counts as not set. `usable_keys` tells how many keys of a key set can verify
    /// tokens; `None` if the text is not a key set.
    #[must_use]
    pub fn read(environment: &Environment, usable_keys: fn(&str) -> Option<u32>) -> Self {
        let reader = &mut Reader::new(environment, usable_keys);
        reader.bindings();
        let access = Access::read(reader);
        let secrets = Secrets {
            current: reader.secret(BROADCAST_SECRET),
            previous: reader.secret(BROADCAST_SECRET_PREVIOUS),
        };
        let client_events = reader.client_events();
        let no_secret = (secrets.current.is_none() && !reader.has_wrong(&[BROADCAST_SECRET]))
            .then(|| Problem { setting: BROADCAST_SECRET, problem: NO_SECRET.into() });
        Self {
            missing: no_secret.into_iter().chain(access.missing).collect(),
            secrets,
            connect_policy: access.policy,
            origins: access.origins,
            token_keys: access.keys,
            token_rules: access.rules,
            token_grace_ms: u64::from(reader.number(&TOKEN_GRACE_SECONDS)) * 1_000,
            max_payload_bytes: reader.number(&MAX_PAYLOAD_BYTES) as usize,
            limits: reader.limits(client_events),
            documents: reader.documents(client_events),
            presence_grace_ms: u64::from(reader.number(&PRESENCE_GRACE_SECONDS)) * 1_000,
            presence_events_max: reader.number(&PRESENCE_EVENTS_MAX) as usize,
            leaf_sockets: reader.number(&LEAF_SOCKETS) as usize,
            stale_socket_ms: u64::from(reader.number(&STALE_SOCKET_SECONDS)) * 1_000,
            history_size: u64::from(reader.number(&HISTORY_SIZE)),
            history_ttl_ms: u64::from(reader.number(&HISTORY_TTL_SECONDS)) * 1_000,
            log_level: reader.log_level(),
            console: reader.is_on(CONSOLE),
            base_path: reader.base_path(),
            wrong: std::mem::take(&mut reader.wrong),
        }
    }

    /// Everything that `/health` reports: wrong and missing values.
    #[must_use]
    pub fn problems(&self) -> Vec<&Problem> {
        self.wrong.iter().chain(&self.missing).collect()
    }

    /// The missing setting without which nobody may connect.
    #[must_use]
    pub fn why_nobody_may_connect(&self) -> Option<&Problem> {
        self.missing.iter().find(|problem| problem.setting != BROADCAST_SECRET)
    }
}

const NO_SECRET: &str = "is not set. Set it with: npx wrangler secret put BROADCAST_SECRET";
