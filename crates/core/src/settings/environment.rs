//! The Worker's environment: variables, secrets and bindings.
//!
//! A variable of `wrangler.toml` need not be text: `CONSOLE = true` and `JWT_AUDIENCE = ["a", "b"]` come as JSON.
//! Whatever is there is either read or an error. It never counts as "not set".

/// The value of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Text.
    Text(String),
    /// A number or a boolean, as it is written.
    Bare(String),
    /// A list of those.
    List(Vec<String>),
    /// A JSON object, as it is written.
    Object(String),
    /// Something that can't be a setting.
    Unreadable,
}

/// The environment of the Worker.
#[derive(Debug, Default)]
pub struct Environment {
    /// The name, the type and the texts of each entry; `None`: nothing can be read.
    entries: Option<Vec<Vec<String>>>,
}

/// The type of everything that is not data but belongs to the platform.
const BINDING: &str = "binding";

impl Environment {
    /// Reads `[["NAME","text","…"],["NAME","list","…","…"],["NAME","binding"],…]`, as `environment.js` writes it.
    #[must_use]
    pub fn from_json(text: &str) -> Self {
        Self { entries: serde_json::from_str(text).ok() }
    }

    /// The value of a name; `None` if there is none.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<Value> {
        if self.entries.is_none() {
            return Some(Value::Unreadable);
        }
        let mut entries = self.entries();
        let (_, kind, texts) = entries.find(|(known, ..)| *known == name)?;
        Some(match (kind, texts) {
            ("text", [text]) => Value::Text(text.clone()),
            ("bare", [text]) => Value::Bare(text.clone()),
            ("list", texts) => Value::List(texts.to_vec()),
            ("object", [text]) => Value::Object(text.clone()),
            _ => Value::Unreadable,
        })
    }

    /// Whether there is a binding of this name.
    #[must_use]
    pub fn has_binding(&self, name: &str) -> bool {
        self.entries().any(|(known, kind, _)| known == name && kind == BINDING)
    }

    /// The names of all variables and secrets.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries().filter(|(_, kind, _)| *kind != BINDING).map(|(name, ..)| name)
    }

    fn entries(&self) -> impl Iterator<Item = (&str, &str, &[String])> {
        self.entries.iter().flatten().filter_map(|entry| match entry.as_slice() {
            [name, kind, texts @ ..] => Some((name.as_str(), kind.as_str(), texts)),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p1_8_what_is_there_and_can_not_be_read_is_never_not_set() {
        let rooms = |json| Environment::from_json(json).value("ROOMS");
        assert_eq!(rooms("[]"), None);
        for json in [r#"[["ROOMS","binding"]]"#, r#"[["ROOMS","unreadable"]]"#, "not JSON", ""] {
            assert_eq!(rooms(json), Some(Value::Unreadable), "{json}");
        }
        assert_eq!(rooms(r#"[["ROOMS","list"]]"#), Some(Value::List(Vec::new())));
    }
}
