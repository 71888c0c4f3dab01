//! The fields of a client's message, not read yet.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::publication::fields::{OfName, text};
use crate::wire::error_code::{ErrorCode, Refusal};

/// A field that the server reads.
#[derive(Debug, Clone, Copy)]
pub(super) enum Field {
    Type,
    Token,
    EventType,
    Payload,
    UserIds,
    Patch,
}

const NAMES: [(&str, Field); 6] = [
    ("type", Field::Type),
    ("token", Field::Token),
    ("eventType", Field::EventType),
    ("payload", Field::Payload),
    ("userIds", Field::UserIds),
    ("patch", Field::Patch),
];

/// The raw values of the fields. Which of them matter depends on the type.
#[derive(Debug, Default)]
pub(super) struct Fields<'a> {
    values: [Value<'a>; NAMES.len()],
}

#[derive(Debug, Default, Clone, Copy)]
enum Value<'a> {
    #[default]
    Absent,
    Once(&'a RawValue),
    Doubled,
}

impl<'a> Fields<'a> {
    /// Splits a JSON object into its fields; `None` if it is none.
    pub fn parse(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    fn value(&self, field: Field) -> Value<'a> {
        self.values.get(field as usize).copied().unwrap_or_default()
    }

    /// The value of a field, unless it is absent.
    ///
    /// # Errors
    /// It is there twice.
    pub fn once(&self, field: Field) -> Result<Option<&'a RawValue>, Refusal> {
        match self.value(field) {
            Value::Absent => Ok(None),
            Value::Once(value) => Ok(Some(value)),
            Value::Doubled => Err(ErrorCode::MALFORMED_MESSAGE.into()),
        }
    }

    /// The text in a field; `None` if there is none.
    pub fn text(&self, field: Field) -> Option<Cow<'a, str>> {
        let Value::Once(value) = self.value(field) else { return None };
        text(value, ErrorCode::MALFORMED_MESSAGE.into()).ok()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(OfObject)
    }
}

struct OfObject;

impl<'de> Visitor<'de> for OfObject {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
        let mut fields = Fields::default();
        while let Some(field) = map.next_key_seed(OfName(&NAMES))? {
            let value = map.next_value::<&RawValue>()?;
            let place = field.and_then(|field| fields.values.get_mut(field as usize));
            if let Some(place) = place {
                *place = match place {
                    Value::Absent => Value::Once(value),
                    _ => Value::Doubled,
                };
            }
        }
        Ok(fields)
    }
}
