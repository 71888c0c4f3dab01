//! Every setting of the server, with default, unit and bounds, in this one place.
//!
//! A wrong value is never replaced by the default: it becomes a [`Problem`], which `/health`
//! reports and every room request is refused with (P1.8).

mod access;
mod numbers;

use serde::Serialize;

use crate::authorization::{Secret, Secrets};
use crate::limits::Limits;
use crate::origin::Origins;
use crate::token::Rules;

pub use access::*;
pub use numbers::*;

/// The variable with the least severity that is logged.
pub const LOG_LEVEL: &str = "LOG_LEVEL";
/// The secret that a backend presents with a broadcast.
pub const BROADCAST_SECRET: &str = "BROADCAST_SECRET";
/// The secret before it, accepted beside it while backends change over.
pub const BROADCAST_SECRET_PREVIOUS: &str = "BROADCAST_SECRET_PREVIOUS";

/// The longest of the settings that are texts.
const MOST_TEXT_BYTES: usize = 65_536;

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
    /// How much a room and its clients may do.
    pub limits: Limits,
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
    /// See [`CONSOLE`].
    pub console: bool,
    /// The secrets that open the broadcast door; empty when none is set.
    pub secrets: Secrets,
    /// See [`CONNECT_AUTH`].
    pub connect_policy: ConnectPolicy,
    /// See [`ALLOWED_ORIGINS`].
    pub origins: Origins,
    /// By which keys tokens may be signed.
    pub token_keys: TokenKeys,
    /// What tokens must say.
    pub token_rules: Rules,
    /// See [`TOKEN_GRACE_SECONDS`]; here in milliseconds.
    pub token_grace_ms: u64,
    /// Values that can't be used. Not empty: room requests are refused.
    pub wrong: Vec<Problem>,
}

impl Settings {
    /// Reads all settings through `lookup`, which answers a variable's text, or `None` when it is
    /// not set. An empty text counts as not set. `counts_connects`: there is a rate limiter for connects.
    pub fn read(lookup: impl Fn(&str) -> Option<String>, counts_connects: bool) -> Self {
        let mut reader = Reader { lookup, wrong: Vec::new() };
        let token_keys = reader.token_keys();
        let connect_policy = reader.connect_policy(&token_keys);
        Self {
            connect_policy,
            origins: reader.origins(connect_policy),
            token_keys,
            token_rules: Rules {
                issuer: reader.text(JWT_ISSUER),
                audience: reader.text(JWT_AUDIENCE),
            },
            token_grace_ms: u64::from(reader.number(&TOKEN_GRACE_SECONDS)) * 1_000,
            max_payload_bytes: reader.number(&MAX_PAYLOAD_BYTES) as usize,
            limits: reader.limits(counts_connects),
            presence_grace_ms: u64::from(reader.number(&PRESENCE_GRACE_SECONDS)) * 1_000,
            presence_events_max: reader.number(&PRESENCE_EVENTS_MAX) as usize,
            stale_socket_ms: u64::from(reader.number(&STALE_SOCKET_SECONDS)) * 1_000,
            history_size: u64::from(reader.number(&HISTORY_SIZE)),
            history_ttl_ms: u64::from(reader.number(&HISTORY_TTL_SECONDS)) * 1_000,
            log_level: reader.log_level(),
            console: reader.console(),
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
        problems.extend(self.why_nobody_may_connect());
        problems
    }

    /// The setting that is missing, where nobody may connect until it is there.
    #[must_use]
    pub fn why_nobody_may_connect(&self) -> Option<Problem> {
        let is_wrong = |setting| self.wrong.iter().any(|problem| problem.setting == setting);
        self.connect_policy.problem(&self.token_keys).or_else(|| {
            let is_missing = self.origins == Origins::NotSet && !is_wrong(ALLOWED_ORIGINS);
            is_missing.then(|| Problem { setting: ALLOWED_ORIGINS, problem: NO_ORIGINS.into() })
        })
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

    fn limits(&mut self, counts_connects: bool) -> Limits {
        let connects_per_minute = self.number(&CONNECTS_PER_MINUTE);
        Limits {
            client_frame_bytes: self.number(&MAX_CLIENT_FRAME_BYTES) as usize,
            client_messages_per_second: self.number(&CLIENT_MESSAGES_PER_SECOND),
            client_message_burst: self.number(&CLIENT_MESSAGE_BURST),
            publishes_per_second: self.number(&PUBLISHES_PER_SECOND),
            publish_burst: self.number(&PUBLISH_BURST),
            user_sockets: self.number(&USER_SOCKETS_MAX) as usize,
            room_sockets: self.number(&ROOM_SOCKETS_MAX) as usize,
            connects_per_minute: counts_connects.then_some(connects_per_minute),
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

    fn bounded(&mut self, name: &'static str) -> Option<String> {
        let text = self.text(name)?;
        if text.len() > MOST_TEXT_BYTES {
            self.is_wrong(name, format!("must have at most {MOST_TEXT_BYTES} bytes"));
            return None;
        }
        Some(text)
    }

    fn is_wrong(&mut self, setting: &'static str, problem: String) {
        self.wrong.push(Problem { setting, problem });
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

    const KEY: &str = "a secret of at least 32 characters";

    fn read(pairs: &[(&str, &str)]) -> Settings {
        let value = |name: &str| {
            pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        Settings::read(value, false)
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
            let settings = read(&[
                ("PRESENCE_GRACE_SECONDS", wrong),
                ("BROADCAST_SECRET", "s"),
                ("CONNECT_AUTH", "open"),
                ("ALLOWED_ORIGINS", "*"),
            ]);
            let [problem] = settings.problems().try_into().unwrap();
            assert_eq!(problem.setting, "PRESENCE_GRACE_SECONDS");
            assert!(!problem.problem.contains(wrong.trim()), "{}", problem.problem);
        }
    }

    #[test]
    fn a_wrong_secret_is_reported_once_and_not_shown() {
        let settings = read(&[("BROADCAST_SECRET", "with space"), ("JWT_SECRET", KEY)]);
        let [problem] = settings.problems().try_into().unwrap();
        assert_eq!(problem.setting, BROADCAST_SECRET);
        assert!(!format!("{problem:?}").contains("with space"));
    }

    #[test]
    fn an_empty_value_counts_as_not_set() {
        assert_eq!(read(&[("MAX_PAYLOAD_BYTES", "")]).max_payload_bytes, 32_768);
    }

    fn policy(pairs: &[(&str, &str)]) -> (ConnectPolicy, Option<&'static str>) {
        let settings = read(pairs);
        let problem = settings.connect_policy.problem(&settings.token_keys);
        (settings.connect_policy, problem.map(|problem| problem.setting))
    }

    #[test]
    fn p9_1_who_may_connect_follows_from_the_keys_unless_it_is_said() {
        let key = ("JWT_SECRET", KEY);
        let url = ("JWKS_URL", "https://id.example.com/jwks.json");
        assert_eq!(policy(&[]), (ConnectPolicy::NotSet, Some(CONNECT_AUTH)));
        assert_eq!(policy(&[key]), (ConnectPolicy::Jwt, None));
        assert_eq!(policy(&[url]), (ConnectPolicy::Jwt, None));
        assert_eq!(policy(&[("CONNECT_AUTH", "open"), key]), (ConnectPolicy::Open, None));
        assert_eq!(policy(&[("CONNECT_AUTH", "jwt")]), (ConnectPolicy::Jwt, Some(JWT_SECRET)));
    }

    #[test]
    fn p9_1_a_key_that_can_not_be_used_is_a_wrong_value_and_is_not_shown() {
        for (name, value) in [
            (JWT_SECRET, "short"),
            (JWT_SECRET_PREVIOUS, "short"),
            (JWKS_URL, "http://example.com/short"),
            (CONNECT_AUTH, "short"),
        ] {
            let settings = read(&[(name, value), (BROADCAST_SECRET, "s")]);
            assert_eq!(settings.wrong[0].setting, name);
            assert!(!format!("{settings:?}").contains("short"));
        }
    }

    #[test]
    fn p10_6_without_tokens_the_origins_must_be_said() {
        let origins = |pairs: &[(&str, &str)]| {
            let settings = read(pairs);
            let missing = settings.why_nobody_may_connect().map(|problem| problem.setting);
            (settings.origins, missing)
        };
        let open = ("CONNECT_AUTH", "open");
        assert_eq!(origins(&[("JWT_SECRET", KEY)]), (Origins::Any, None));
        assert_eq!(origins(&[open]), (Origins::NotSet, Some(ALLOWED_ORIGINS)));
        assert_eq!(origins(&[open, (ALLOWED_ORIGINS, "*")]), (Origins::Any, None));
        let wrong = read(&[open, (ALLOWED_ORIGINS, "app.example.com")]);
        assert_eq!(wrong.wrong[0].setting, ALLOWED_ORIGINS);
        assert_eq!(wrong.why_nobody_may_connect(), None);
    }

    #[test]
    fn p1_10_the_console_is_served_only_where_it_is_said() {
        let console = |value| read(&[(CONSOLE, value)]).console;
        assert!(console("on"));
        assert!(!console("off") && !console("") && !read(&[]).console);
        assert_eq!(read(&[(CONSOLE, "yes")]).wrong[0].setting, CONSOLE);
    }

    #[test]
    fn values_are_taken() {
        let settings = read(&[
            ("PRESENCE_GRACE_SECONDS", "0"),
            ("LOG_LEVEL", "off"),
            ("BROADCAST_SECRET", "a"),
            ("BROADCAST_SECRET_PREVIOUS", "b"),
            ("CONNECT_AUTH", "open"),
            ("ALLOWED_ORIGINS", "https://app.example.com"),
        ]);
        assert_eq!(settings.presence_grace_ms, 0);
        assert_eq!(settings.log_level, LogLevel::Off);
        assert!(settings.problems().is_empty());
        assert!(settings.secrets.previous.is_some());
    }
}
