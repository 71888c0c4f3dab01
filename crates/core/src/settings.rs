//! Every setting of the server, with default, unit and bounds, in this one place.
//!
//! A wrong value is never replaced by the default: it becomes a [`Problem`], which `/health`
//! reports and every room request is refused with (P1.8).

use serde::Serialize;

use crate::authorization::{Secret, Secrets};

/// A whole number from the environment, with its default and bounds.
#[derive(Debug, Clone, Copy)]
pub struct NumberSetting {
    /// The variable's name.
    pub name: &'static str,
    /// The value when the variable is not set.
    pub default: u32,
    /// The least value that is taken.
    pub min: u32,
    /// The greatest value that is taken.
    pub max: u32,
    /// What the number counts.
    pub unit: &'static str,
    /// What it is for, in one sentence.
    pub purpose: &'static str,
}

/// The largest body of a broadcast.
pub const MAX_PAYLOAD_BYTES: NumberSetting = NumberSetting {
    name: "MAX_PAYLOAD_BYTES",
    default: 32_768,
    min: 1_024,
    max: 1_048_576,
    unit: "bytes",
    purpose: "The largest body of a broadcast. A larger one is refused with 413.",
};

/// The largest frame that a client may send.
pub const MAX_CLIENT_FRAME_BYTES: NumberSetting = NumberSetting {
    name: "MAX_CLIENT_FRAME_BYTES",
    default: 16_384,
    min: 256,
    max: 1_048_576,
    unit: "bytes",
    purpose: "The largest frame that a client may send. A larger one closes its socket with 4009.",
};

/// How long a user whose connection broke counts as present.
pub const PRESENCE_GRACE_SECONDS: NumberSetting = NumberSetting {
    name: "PRESENCE_GRACE_SECONDS",
    default: 10,
    min: 0,
    max: 3_600,
    unit: "seconds",
    purpose: "How long a user whose connection broke still counts as present.",
};

/// Up to how many users each join and leave is an event of its own.
pub const PRESENCE_EVENTS_MAX: NumberSetting = NumberSetting {
    name: "PRESENCE_EVENTS_MAX",
    default: 100,
    min: 0,
    max: 100,
    unit: "users",
    purpose: "In a room of more users, one PRESENCE a second replaces USER_JOINED and USER_LEFT.",
};

/// When a silent socket is taken for dead.
pub const STALE_SOCKET_SECONDS: NumberSetting = NumberSetting {
    name: "STALE_SOCKET_SECONDS",
    default: 300,
    min: 5,
    max: 86_400,
    unit: "seconds",
    purpose: "A socket that used to send PING and has been silent this long is closed with 4200.",
};

/// How many events a room keeps.
pub const HISTORY_SIZE: NumberSetting = NumberSetting {
    name: "HISTORY_SIZE",
    default: 256,
    min: 0,
    max: 10_000,
    unit: "events",
    purpose: "How many events a room keeps for clients that return. 0: none, and none is written.",
};

/// How long a room keeps an event.
pub const HISTORY_TTL_SECONDS: NumberSetting = NumberSetting {
    name: "HISTORY_TTL_SECONDS",
    default: 600,
    min: 1,
    max: 86_400,
    unit: "seconds",
    purpose: "How long an event is kept for clients that return, and its id for repeats.",
};

/// Every number setting there is.
pub const NUMBERS: [NumberSetting; 7] = [
    MAX_PAYLOAD_BYTES,
    MAX_CLIENT_FRAME_BYTES,
    PRESENCE_GRACE_SECONDS,
    PRESENCE_EVENTS_MAX,
    STALE_SOCKET_SECONDS,
    HISTORY_SIZE,
    HISTORY_TTL_SECONDS,
];

/// The variable with the least severity that is logged.
pub const LOG_LEVEL: &str = "LOG_LEVEL";
/// The secret that a backend presents with a broadcast.
pub const BROADCAST_SECRET: &str = "BROADCAST_SECRET";
/// The secret before it, accepted beside it while backends change over.
pub const BROADCAST_SECRET_PREVIOUS: &str = "BROADCAST_SECRET_PREVIOUS";

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
    /// See [`MAX_CLIENT_FRAME_BYTES`].
    pub max_client_frame_bytes: usize,
    /// See [`PRESENCE_GRACE_SECONDS`]; here in milliseconds.
    pub presence_grace_ms: u64,
    /// See [`PRESENCE_EVENTS_MAX`].
    pub presence_events_max: usize,
    /// See [`STALE_SOCKET_SECONDS`]; here in milliseconds.
    pub stale_socket_ms: u64,
    /// See [`HISTORY_SIZE`].
    pub history_size: u64,
    /// See [`HISTORY_TTL_SECONDS`]; here in milliseconds.
    pub history_ttl_ms: u64,
    /// See [`LOG_LEVEL`].
    pub log_level: LogLevel,
    /// The secrets that open the broadcast door; empty when none is set.
    pub secrets: Secrets,
    /// Values that can't be used. Not empty: room requests are refused.
    pub wrong: Vec<Problem>,
}

impl Settings {
    /// Reads all settings through `lookup`, which answers a variable's text, or `None` when it is
    /// not set. An empty text counts as not set.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let mut reader = Reader { lookup, wrong: Vec::new() };
        Self {
            max_payload_bytes: reader.number(&MAX_PAYLOAD_BYTES) as usize,
            max_client_frame_bytes: reader.number(&MAX_CLIENT_FRAME_BYTES) as usize,
            presence_grace_ms: u64::from(reader.number(&PRESENCE_GRACE_SECONDS)) * 1_000,
            presence_events_max: reader.number(&PRESENCE_EVENTS_MAX) as usize,
            stale_socket_ms: u64::from(reader.number(&STALE_SOCKET_SECONDS)) * 1_000,
            history_size: u64::from(reader.number(&HISTORY_SIZE)),
            history_ttl_ms: u64::from(reader.number(&HISTORY_TTL_SECONDS)) * 1_000,
            log_level: reader.log_level(),
            secrets: Secrets {
                current: reader.secret(BROADCAST_SECRET),
                previous: reader.secret(BROADCAST_SECRET_PREVIOUS),
            },
            wrong: reader.wrong,
        }
    }

    /// All that `/health` reports: wrong values, and what is missing.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = self.wrong.clone();
        let secret_is_wrong = self.wrong.iter().any(|p| p.setting == BROADCAST_SECRET);
        if self.secrets.current.is_none() && !secret_is_wrong {
            problems.push(Problem {
                setting: BROADCAST_SECRET,
                problem: "is not set. Set it with: npx wrangler secret put BROADCAST_SECRET".into(),
            });
        }
        problems
    }
}

struct Reader<F> {
    lookup: F,
    wrong: Vec<Problem>,
}

impl<F: Fn(&str) -> Option<String>> Reader<F> {
    fn text(&self, name: &str) -> Option<String> {
        (self.lookup)(name).filter(|text| !text.is_empty())
    }

    fn number(&mut self, setting: &NumberSetting) -> u32 {
        let Some(text) = self.text(setting.name) else {
            return setting.default;
        };
        match text.parse() {
            Ok(value) if (setting.min..=setting.max).contains(&value) => value,
            _ => {
                let NumberSetting { min, max, unit, .. } = setting;
                let problem = format!("must be a whole number of {unit} from {min} to {max}");
                self.wrong.push(Problem { setting: setting.name, problem });
                setting.default
            }
        }
    }

    fn log_level(&mut self) -> LogLevel {
        let Some(text) = self.text(LOG_LEVEL) else {
            return LogLevel::default();
        };
        LogLevel::parse(&text).unwrap_or_else(|| {
            let problem = format!("must be {}", LogLevel::VALUES);
            self.wrong.push(Problem { setting: LOG_LEVEL, problem });
            LogLevel::default()
        })
    }

    fn secret(&mut self, name: &'static str) -> Option<Secret> {
        let text = self.text(name)?;
        let secret = Secret::parse(text);
        if secret.is_none() {
            let problem = format!(
                "must be at most {} visible ASCII characters, without spaces",
                Secret::MAX_BYTES
            );
            self.wrong.push(Problem { setting: name, problem });
        }
        secret
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Settings {
        Settings::read(|name| {
            pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn every_default_is_within_its_own_bounds() {
        for setting in NUMBERS {
            assert!((setting.min..=setting.max).contains(&setting.default), "{}", setting.name);
        }
    }

    #[test]
    fn a_missing_secret_is_a_problem_but_no_wrong_value() {
        let settings = read(&[]);
        assert!(settings.wrong.is_empty());
        assert_eq!(settings.problems()[0].setting, BROADCAST_SECRET);
    }

    #[test]
    fn a_wrong_number_is_reported_by_name_and_never_by_value() {
        for wrong in ["-1", "1e3", "ten", "99999999", "3.5", " 5"] {
            let settings = read(&[("PRESENCE_GRACE_SECONDS", wrong), ("BROADCAST_SECRET", "s")]);
            let [problem] = settings.problems().try_into().unwrap();
            assert_eq!(problem.setting, "PRESENCE_GRACE_SECONDS");
            assert!(!problem.problem.contains(wrong.trim()), "{}", problem.problem);
        }
    }

    #[test]
    fn a_wrong_secret_is_reported_once_and_not_shown() {
        let settings = read(&[("BROADCAST_SECRET", "with space")]);
        let [problem] = settings.problems().try_into().unwrap();
        assert_eq!(problem.setting, BROADCAST_SECRET);
        assert!(!format!("{problem:?}").contains("with space"));
    }

    #[test]
    fn an_empty_value_counts_as_not_set() {
        assert_eq!(read(&[("MAX_PAYLOAD_BYTES", "")]).max_payload_bytes, 32_768);
    }

    #[test]
    fn values_are_taken() {
        let settings = read(&[
            ("PRESENCE_GRACE_SECONDS", "0"),
            ("LOG_LEVEL", "off"),
            ("BROADCAST_SECRET", "a"),
            ("BROADCAST_SECRET_PREVIOUS", "b"),
        ]);
        assert_eq!(settings.presence_grace_ms, 0);
        assert_eq!(settings.log_level, LogLevel::Off);
        assert!(settings.problems().is_empty());
        assert!(settings.secrets.previous.is_some());
    }
}
