//! Reads the settings one by one, and notes everything that is wrong.

use super::*;
use crate::request::authorization::Secret;

/// The greatest length of a setting that is text.
const MOST_TEXT_BYTES: usize = 65_536;
const NOT_TEXT: &str = "must be text";

pub(super) struct Reader<'a> {
    environment: &'a Environment,
    pub usable_keys: fn(&str) -> Option<u32>,
    pub wrong: Vec<Problem>,
}

impl<'a> Reader<'a> {
    pub fn new(environment: &'a Environment, usable_keys: fn(&str) -> Option<u32>) -> Self {
        let mut reader = Self { environment, usable_keys, wrong: Vec::new() };
        for name in environment.names() {
            if let Some(setting) = meant_by(name) {
                let problem = format!(
                    "is probably what {name} is meant to be. There is no setting {name}: rename it or remove it"
                );
                reader.is_wrong(setting, problem);
            }
        }
        reader
    }

    /// Notes that a setting can't be used.
    pub fn is_wrong(&mut self, setting: &'static str, problem: impl Into<String>) {
        self.wrong.push(Problem { setting, problem: problem.into() });
    }

    /// Whether one of these can't be used. What follows from that is not a problem of its own.
    pub fn has_wrong(&self, settings: &[&str]) -> bool {
        self.wrong.iter().any(|problem| settings.contains(&problem.setting))
    }

    /// What is set under a name. An empty text counts as not set.
    pub fn value(&mut self, name: &'static str) -> Option<Value> {
        debug_assert!(names().any(|known| known == name), "{name} is in no list of names");
        let value =
            self.environment.value(name).filter(|value| *value != Value::Text(String::new()))?;
        let bytes = match &value {
            Value::Text(text) | Value::Bare(text) | Value::Object(text) => text.len(),
            Value::List(texts) => texts.iter().map(|text| text.len() + 1).sum(),
            Value::Unreadable => 0,
        };
        if bytes > MOST_TEXT_BYTES {
            self.is_wrong(name, format!("must have at most {MOST_TEXT_BYTES} bytes"));
            return None;
        }
        Some(value)
    }

    /// A text. A number or a boolean counts as it is written.
    pub fn text(&mut self, name: &'static str) -> Option<String> {
        match self.value(name)? {
            Value::Text(text) | Value::Bare(text) => Some(text),
            _ => {
                self.is_wrong(name, NOT_TEXT);
                None
            }
        }
    }

    /// A text that may not be what it seems if it was written without quotes.
    pub fn quoted(&mut self, name: &'static str) -> Option<String> {
        match self.value(name)? {
            Value::Text(text) => Some(text),
            _ => {
                self.is_wrong(name, "must be text, in quotes");
                None
            }
        }
    }

    /// A text, or a list of alternatives.
    pub fn texts(&mut self, name: &'static str) -> Vec<String> {
        let texts = match self.value(name) {
            None => return Vec::new(),
            Some(Value::Text(text) | Value::Bare(text)) => vec![text],
            Some(Value::List(texts)) if !texts.is_empty() => texts,
            Some(_) => {
                self.is_wrong(name, "must be text, or a non-empty list of texts");
                return Vec::new();
            }
        };
        if texts.iter().any(|text| text.is_empty() || text.trim() != text) {
            self.is_wrong(name, "must not be empty, nor begin or end with white space");
            return Vec::new();
        }
        texts
    }

    pub fn number(&mut self, setting: &NumberSetting) -> u32 {
        let NumberSetting { name, default, min, max, unit, .. } = setting;
        let wrong = self.wrong.len();
        let number = match self.text(name).map(|text| text.parse()) {
            Some(Ok(number)) if (*min..=*max).contains(&number) => return number,
            None if self.wrong.len() == wrong => return *default,
            _ => *default,
        };
        self.wrong.truncate(wrong);
        self.is_wrong(name, format!("must be a whole number of {unit} from {min} to {max}"));
        number
    }

    pub fn limits(&mut self, client_events: ClientEventLimits) -> Limits {
        let connects_per_minute = self.number(&CONNECTS_PER_MINUTE);
        Limits {
            client_frame_bytes: self.number(&MAX_CLIENT_FRAME_BYTES) as usize,
            client_messages_per_second: self.number(&CLIENT_MESSAGES_PER_SECOND),
            client_message_burst: self.number(&CLIENT_MESSAGE_BURST),
            publishes_per_second: self.number(&PUBLISHES_PER_SECOND),
            publish_burst: self.number(&PUBLISH_BURST),
            user_sockets: self.number(&USER_SOCKETS_MAX) as usize,
            room_sockets: self.number(&ROOM_SOCKETS_MAX) as usize,
            connects_per_minute: self
                .environment
                .has_binding(CONNECTS)
                .then_some(connects_per_minute),
            client_events: self.is_on(CLIENT_EVENTS).then_some(client_events),
        }
    }

    /// What clients may say to each other, where they may.
    pub fn client_events(&mut self) -> ClientEventLimits {
        ClientEventLimits {
            client_deliveries_per_second: self.number(&CLIENT_DELIVERIES_PER_SECOND),
            client_delivery_burst: self.number(&CLIENT_DELIVERY_BURST),
            presence_data_bytes: self.number(&PRESENCE_DATA_MAX) as usize,
        }
    }

    pub fn documents(&mut self, client_events: ClientEventLimits) -> DocumentLimits {
        DocumentLimits {
            max_bytes: self.number(&DOCUMENT_MAX_BYTES) as usize,
            tells_changes: self.is_on(DOCUMENT_CHANGED_EVENTS),
            deliveries: client_events.deliveries(),
        }
    }

    /// The other bindings of the Worker. A binding that is there is used, or the server says what is wrong with it.
    pub fn bindings(&mut self) {
        // A section `[env.x]` of wrangler.toml does not inherit it.
        for name in [ROOMS, DOCUMENTS] {
            if !self.environment.has_binding(name) {
                self.is_wrong(name, "must be bound to its class: repeat [[durable_objects.bindings]] for [env.…] in wrangler.toml");
            }
        }
        for (name, section) in [(CONNECTS, "[[ratelimits]]"), (ASSETS, "[assets]")] {
            if self.environment.value(name).is_some() && !self.environment.has_binding(name) {
                self.is_wrong(
                    name,
                    format!("must be bound by {section} in wrangler.toml, not set as a variable"),
                );
            }
        }
    }

    pub fn log_level(&mut self) -> LogLevel {
        let Some(text) = self.text(LOG_LEVEL) else {
            return LogLevel::default();
        };
        LogLevel::parse(&text).unwrap_or_else(|| {
            self.is_wrong(LOG_LEVEL, format!("must be {}", LogLevel::VALUES));
            LogLevel::default()
        })
    }

    /// Whether something is on that is off by default.
    pub fn is_on(&mut self, setting: &'static str) -> bool {
        match self.text(setting).as_deref() {
            Some("on" | "true") => true,
            None | Some("off" | "false") => false,
            Some(_) => {
                self.is_wrong(setting, "must be on or off, or true or false");
                false
            }
        }
    }

    pub fn base_path(&mut self) -> Option<BasePath> {
        let base_path = BasePath::parse(&self.text(BASE_PATH)?);
        if base_path.is_none() {
            self.is_wrong(
                BASE_PATH,
                "must be a path such as /realtime, without a slash at the end",
            );
        }
        base_path
    }

    pub fn secret(&mut self, name: &'static str) -> Option<Secret> {
        let secret = Secret::parse(self.quoted(name)?);
        if secret.is_none() {
            let most = Secret::MAX_BYTES;
            self.is_wrong(
                name,
                format!("must be at most {most} visible ASCII characters, without spaces"),
            );
        }
        secret
    }
}
