//! The raw fields of a JSON object.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The fields of one JSON object, in order. A duplicate field is there twice.
pub(super) struct Entries<'a>(Vec<(String, &'a RawValue)>);

/// A name appears twice, so it is unclear which one counts.
pub(super) struct Doubled;

impl<'a> Entries<'a> {
    /// Reads a value that is an object.
    pub fn read(raw: &'a RawValue) -> Option<Self> {
        Self::read_text(raw.get())
    }

    /// Reads a text that is one JSON object.
    #[inline(never)]
    pub fn read_text(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The name and the strings of each field; `None` if one of them is not a list of strings.
    pub fn map_texts(
        self,
        texts: impl Fn(&RawValue) -> Option<Vec<String>>,
    ) -> Option<Vec<(String, Vec<String>)>> {
        self.0.into_iter().map(|(name, raw)| Some((name, texts(raw)?))).collect()
    }

    /// The value of a name, read by `read`; `None` if it can't be read or appears twice.
    pub fn get_as<T>(
        &self,
        name: &str,
        read: impl FnOnce(&'a RawValue) -> Option<T>,
    ) -> Option<Option<T>> {
        match self.get(name).ok()? {
            Some(raw) => read(raw).map(Some),
            None => Some(None),
        }
    }

    /// The value of a name. A null counts as absent.
    #[inline(never)]
    pub fn get(&self, name: &str) -> Result<Option<&'a RawValue>, Doubled> {
        let mut found = self.0.iter().filter(|(known, _)| known == name).map(|(_, raw)| *raw);
        let first = found.next();
        if found.next().is_some() {
            return Err(Doubled);
        }
        Ok(first.filter(|raw| raw.get() != "null"))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Entries(fields))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}
