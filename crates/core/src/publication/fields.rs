//! The fields of one JSON object that a backend posts, not read yet.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeOwned, Deserializer, Error as _, MapAccess, Visitor};
use serde::{Deserialize, de::DeserializeSeed};
use serde_json::error::Category;
use serde_json::value::RawValue;

use crate::request::body;
use crate::wire::error_code::{ErrorCode, Refusal};

/// A field that the server reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    EventType,
    Payload,
    ExcludeUserId,
    ExcludeUserIds,
    ExcludeConnectionId,
    UserIds,
    Ephemeral,
    Plaintext,
    /// Belongs to the whole publication, like the next two.
    Id,
    Events,
    ProjectIds,
}

const NAMES: [(&str, Field); 11] = [
    ("eventType", Field::EventType),
    ("payload", Field::Payload),
    ("excludeUserId", Field::ExcludeUserId),
    ("excludeUserIds", Field::ExcludeUserIds),
    ("excludeConnectionId", Field::ExcludeConnectionId),
    ("userIds", Field::UserIds),
    ("ephemeral", Field::Ephemeral),
    ("plaintext", Field::Plaintext),
    ("id", Field::Id),
    ("events", Field::Events),
    ("projectIds", Field::ProjectIds),
];

/// The raw values of the fields. Each is read separately, so that an error can name it.
///
/// Written by hand: what serde derives has the code to read a value once for each field, which is four times as much
/// to compile on the way of each event.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Fields<'a> {
    values: [Option<&'a RawValue>; NAMES.len()],
}

impl<'a> Fields<'a> {
    /// Splits one JSON object into its fields.
    ///
    /// # Errors
    /// It is not one JSON object in UTF-8, or a field appears twice.
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, Refusal> {
        let text = body::object(body).ok_or(ErrorCode::INVALID_JSON)?;
        serde_json::from_str(text).map_err(|error| match error.classify() {
            // Every field accepts any JSON value, so a duplicate is the only possible error.
            Category::Data => ErrorCode::DUPLICATE_FIELD.into(),
            _ => ErrorCode::INVALID_JSON.into(),
        })
    }

    /// The value of a field, unless it is absent or null.
    pub(crate) fn get(&self, field: Field) -> Option<&'a RawValue> {
        self.posted(field).filter(|value| value.get() != "null")
    }

    /// The value of a field, unless it is absent.
    pub(crate) fn posted(&self, field: Field) -> Option<&'a RawValue> {
        self.values.get(field as usize).copied().flatten()
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
            let Some(field) = field else { continue };
            let place = fields.values.get_mut(field as usize);
            if place.and_then(|place| place.replace(value)).is_some() {
                return Err(A::Error::custom("a field appears twice"));
            }
        }
        Ok(fields)
    }
}

/// Finds a field by its name in a table; `None` if the server does not read it.
pub(crate) struct OfName<F: 'static>(pub &'static [(&'static str, F)]);

impl<'de, F: Copy> DeserializeSeed<'de> for OfName<F> {
    type Value = Option<F>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<F: Copy> Visitor<'_> for OfName<F> {
    type Value = Option<F>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().find(|(known, _)| *known == name).map(|(_, field)| *field))
    }
}

/// Reads a field.
pub(crate) fn read<T: DeserializeOwned>(field: &RawValue, error: Refusal) -> Result<T, Refusal> {
    serde_json::from_str(field.get()).map_err(|_| error)
}

/// Reads a field with a text.
pub(crate) fn text(field: &RawValue, error: Refusal) -> Result<Cow<'_, str>, Refusal> {
    match unescaped(field) {
        Some(text) => Ok(Cow::Borrowed(text)),
        None => unescape(field, error).map(Cow::Owned),
    }
}

/// What is between the quotes of a text in which nothing is escaped, which is the usual case.
fn unescaped(field: &RawValue) -> Option<&str> {
    let text = field.get().strip_prefix('"')?.strip_suffix('"')?;
    text.bytes().all(|byte| byte != b'\\').then_some(text)
}

#[inline(never)]
fn unescape(field: &RawValue, error: Refusal) -> Result<String, Refusal> {
    read(field, error)
}
