//! JSON as the oracles read it: one object, field by field, without merging or checking anything.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// The fields of one JSON object in order, including duplicates.
pub struct Object<'a>(Vec<(String, &'a RawValue)>);

impl<'a> Object<'a> {
    /// Reads a text that is one JSON object.
    pub fn parse(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The names of the fields.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// The fields, each with its name.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.0.iter().map(|(name, raw)| (name.as_str(), *raw))
    }

    /// All fields with this name.
    pub fn all(&self, wanted: &str) -> impl Iterator<Item = &'a RawValue> {
        self.0.iter().filter(move |(name, _)| name == wanted).map(|(_, raw)| *raw)
    }

    /// Whether one of these fields appears twice.
    pub fn doubles_one_of(&self, known: &[&str]) -> bool {
        known.iter().any(|wanted| self.names().filter(|name| name == wanted).count() > 1)
    }

    /// The raw text of a field; `None` if it is absent.
    pub fn raw(&self, wanted: &str) -> Option<&'a RawValue> {
        self.0.iter().find(|(name, _)| name == wanted).map(|(_, raw)| *raw)
    }

    /// The last field with this name, which may appear several times.
    pub fn last(&self, wanted: &str) -> Option<&'a RawValue> {
        self.0.iter().rev().find(|(name, _)| name == wanted).map(|(_, raw)| *raw)
    }

    /// A field. A null counts as absent.
    pub fn given(&self, wanted: &str) -> Option<&'a RawValue> {
        self.raw(wanted).filter(|raw| raw.get() != "null")
    }

    /// What a field is.
    pub fn field(&self, wanted: &str) -> Field {
        let Some(raw) = self.given(wanted) else { return Field::Absent };
        value(raw).map_or(Field::Unreadable, Field::Is)
    }
}

/// What a field is.
pub enum Field {
    /// Absent, or null.
    Absent,
    /// Valid JSON whose value can't be represented: half a surrogate pair, a huge number, or too deep nesting.
    Unreadable,
    /// A value, and not null.
    Is(Value),
}

impl Field {
    /// The string; `Err` if it is present and not a string.
    pub fn text(self) -> Result<Option<String>, ()> {
        match self {
            Self::Absent => Ok(None),
            Self::Is(Value::String(text)) => Ok(Some(text)),
            _ => Err(()),
        }
    }
}

/// The value, if it can be represented.
pub fn value(raw: &RawValue) -> Option<Value> {
    serde_json::from_str(raw.get()).ok()
}

/// The strings in a list of nothing but strings.
pub fn texts(value: &Value) -> Option<Vec<&str>> {
    value.as_array()?.iter().map(Value::as_str).collect()
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Object(fields))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}
