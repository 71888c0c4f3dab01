//! What a connection says of itself to the others (P12): a small JSON object, which its client changes by patches.

use std::fmt;
use std::rc::Rc;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::encryption::{KeyEpoch, read_epoch};
use crate::names::ConnectionId;
use crate::sorted::SortedMap;

/// The maximum number of keys in a patch.
const MAX_KEYS: usize = 32;
/// The key that says where in the product the connection is. It is the only one that the server reads.
const AT: &str = "at";
/// The maximum length of its value, in bytes.
const MAX_AT_BYTES: usize = 256;
/// The only keys of an encrypted patch (P14.1).
const SEALED_KEYS: [&str; 5] = ["e2e", "k", "n", "c", AT];

/// The data of one connection: an object with at least one key, in the order of the keys and without white space. All
/// who have it share it.
#[derive(Clone)]
pub struct PresenceData(Rc<Kept>);

struct Kept {
    json: Box<RawValue>,
    at: Option<String>,
}

impl PresenceData {
    /// Reads what [`Self::as_json`] gave; `None` if it is something else.
    #[must_use]
    pub fn parse(json: &str) -> Option<Self> {
        let Fields(fields) = serde_json::from_str(json).ok()?;
        Self::new(json.to_owned(), &fields)
    }

    fn new(json: String, fields: &SortedMap<String, &RawValue>) -> Option<Self> {
        let at = place(fields).ok().filter(|_| !fields.is_empty())?;
        Some(Self(Rc::new(Kept { json: RawValue::from_string(json).ok()?, at })))
    }

    /// What `known` becomes by a patch: the same object with the values of the patch, but without the keys for which it
    /// has null. `None` if no key is left.
    #[must_use]
    pub fn merged(known: Option<&Self>, patch: &PresencePatch<'_>) -> Option<Self> {
        let known = known.and_then(|known| serde_json::from_str(known.as_json()).ok());
        let Fields(mut fields) = known.unwrap_or_default();
        for (key, value) in patch.0.iter() {
            fields.insert(key.clone(), value);
        }
        fields.retain(|_, value| value.get() != NULL);
        Self::new(text_of(&fields), &fields)
    }

    /// The object as JSON.
    #[must_use]
    pub fn as_json(&self) -> &str {
        self.0.json.get()
    }

    /// Where in the product the connection is, if it says so.
    #[must_use]
    pub fn at(&self) -> Option<&str> {
        self.0.at.as_deref()
    }
}

impl PartialEq for PresenceData {
    fn eq(&self, other: &Self) -> bool {
        self.as_json() == other.as_json()
    }
}

impl Eq for PresenceData {}

impl fmt::Debug for PresenceData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_json())
    }
}

impl Serialize for PresenceData {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.json.serialize(serializer)
    }
}

/// What a user's last connection said of itself before it was lost. It stands until they come back or leave (P12.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastData {
    /// The connection.
    pub connection_id: ConnectionId,
    /// Its data.
    pub data: PresenceData,
}

impl LastData {
    /// Whether this is the same connection, at the same place in the product.
    #[must_use]
    pub fn is_where(&self, other: &Self) -> bool {
        self.connection_id == other.connection_id && self.data.at() == other.data.at()
    }
}

/// A change of presence data, as a client sends it.
#[derive(Debug)]
pub struct PresencePatch<'a>(SortedMap<String, &'a RawValue>);

impl<'a> PresencePatch<'a> {
    /// Reads a patch; `None` unless it is an object of at most 32 keys in which `at`, if it is there, is null or a text of
    /// at most 256 bytes.
    #[must_use]
    pub fn parse(json: &'a str) -> Option<Self> {
        let Fields(fields) = serde_json::from_str(json).ok()?;
        place(&fields).ok().filter(|_| fields.len() <= MAX_KEYS)?;
        Some(Self(fields))
    }

    /// The epoch of the key under which it is encrypted; `None` if it is not (P14.1).
    #[must_use]
    pub fn key_epoch(&self) -> Option<KeyEpoch> {
        let value = |key: &str| self.0.get(&key.to_owned()).map(|value| value.get());
        let is_alone = self.0.keys().all(|key| SEALED_KEYS.contains(&key.as_str()));
        read_epoch(value("k")?).filter(|_| is_alone && value("e2e") == Some("1"))
    }
}

const NULL: &str = "null";

/// Where the object says that the connection is.
fn place(fields: &SortedMap<String, &RawValue>) -> Result<Option<String>, NoPlace> {
    let Some(at) = fields.get(&AT.to_owned()).filter(|at| at.get() != NULL) else {
        return Ok(None);
    };
    let at: String = serde_json::from_str(at.get()).map_err(|_| NoPlace)?;
    if at.len() > MAX_AT_BYTES { Err(NoPlace) } else { Ok(Some(at)) }
}

/// `at` is no text, or too long.
struct NoPlace;

fn text_of(fields: &SortedMap<String, &RawValue>) -> String {
    let mut text = String::from("{");
    for (key, value) in fields.iter() {
        if text.len() > 1 {
            text.push(',');
        }
        // A text: nothing here can fail to serialise.
        text.push_str(&serde_json::to_string(key).unwrap_or_default());
        text.push(':');
        push_compact(&mut text, value.get());
    }
    text.push('}');
    text
}

/// Adds JSON without its white space. All else stays as it was sent: numbers are not rounded.
fn push_compact(text: &mut String, json: &str) {
    let (mut is_in_text, mut is_escaped) = (false, false);
    for character in json.chars() {
        if !is_in_text && matches!(character, ' ' | '\t' | '\n' | '\r') {
            continue;
        }
        is_in_text ^= character == '"' && !is_escaped;
        is_escaped = character == '\\' && !is_escaped;
        text.push(character);
    }
}

/// The raw values of an object; of several with the same key, the last.
#[derive(Default)]
struct Fields<'a>(SortedMap<String, &'a RawValue>);

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
        let mut fields = SortedMap::default();
        while let Some((key, value)) = map.next_entry::<String, &RawValue>()? {
            fields.insert(key, value);
        }
        Ok(Fields(fields))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn patch(json: &str) -> PresencePatch<'_> {
        PresencePatch::parse(json).unwrap_or_else(|| panic!("{json} is no patch"))
    }

    /// What no data become by patches one after the other.
    fn patched(patches: &[&str]) -> Option<PresenceData> {
        let mut data = None;
        for json in patches {
            data = PresenceData::merged(data.as_ref(), &patch(json));
        }
        data
    }

    fn json_of(data: &Option<PresenceData>) -> &str {
        data.as_ref().map_or("", PresenceData::as_json)
    }

    #[test]
    fn p12_1_a_patch_changes_the_keys_that_it_has() {
        let data = patched(&[r#"{"b":1,"a":{"x":1}}"#, r#"{"c":[],"a":{"y":2}}"#]);
        assert_eq!(json_of(&data), r#"{"a":{"y":2},"b":1,"c":[]}"#);
    }

    #[test]
    fn p12_1_null_takes_a_key_away_and_the_last_one_all() {
        let data = patched(&[r#"{"a":1,"b":{"c":null}}"#, r#"{"a":null,"z":null}"#]);
        assert_eq!(json_of(&data), r#"{"b":{"c":null}}"#);
        assert_eq!(patched(&[r#"{"a":1}"#, r#"{"a":null}"#]), None);
        assert_eq!(patched(&["{}"]), None);
    }

    #[test]
    fn p12_1_values_stay_as_they_were_sent_but_for_white_space() {
        let data = patched(&["{ \"n\" : [ 1.50 , 1e400,\t-0 ] ,\n\"t\":\"a \\\" b\\\\\" }"]);
        assert_eq!(json_of(&data), r#"{"n":[1.50,1e400,-0],"t":"a \" b\\"}"#);
    }

    #[test]
    fn p12_1_of_a_key_that_comes_twice_the_last_value_counts() {
        assert_eq!(json_of(&patched(&[r#"{"a":1,"\u0061":2}"#])), r#"{"a":2}"#);
    }

    #[test]
    fn p12_2_only_an_object_with_few_keys_is_a_patch() {
        for json in ["", "null", "7", "[]", r#"["a"]"#, r#"{"a":}"#, r#"{"a":1"#, "{} {}"] {
            assert!(PresencePatch::parse(json).is_none(), "{json}");
        }
        let keys = |count: usize| {
            let keys: Vec<String> = (0..count).map(|key| format!("\"k{key}\":1")).collect();
            format!("{{{}}}", keys.join(","))
        };
        assert!(PresencePatch::parse(&keys(MAX_KEYS)).is_some());
        assert!(PresencePatch::parse(&keys(MAX_KEYS + 1)).is_none());
    }

    #[test]
    fn p12_3_at_is_a_short_text_or_null() {
        for at in ["7", "{}", "[\"a\"]", r#""\ud800""#, &format!("\"{}\"", "é".repeat(129))] {
            assert!(PresencePatch::parse(&format!("{{\"at\":{at}}}")).is_none(), "{at}");
        }
        let longest = format!("{{\"at\":\"{}\"}}", "é".repeat(128));
        assert_eq!(patched(&[&longest]).unwrap().at(), Some("é".repeat(128).as_str()));
        assert_eq!(patched(&[r#"{"at":"task:\u0074"}"#]).unwrap().at(), Some("task:t"));
        assert_eq!(patched(&[r#"{"at":"a","b":1}"#, r#"{"at":null}"#]).unwrap().at(), None);
    }

    #[test]
    fn p14_1_an_encrypted_patch_has_its_version_its_epoch_and_no_other_keys() {
        let epoch = |json| patch(json).key_epoch();
        assert_eq!(epoch(r#"{"e2e":1,"k":7,"n":"x","c":"y","at":"z"}"#), Some(7));
        assert_eq!(epoch(r#"{ "at":null, "k" : 4294967295 , "e2e":1 }"#), Some(KeyEpoch::MAX));
        for wrong in [
            "{}",
            r#"{"e2e":1}"#,
            r#"{"k":7}"#,
            r#"{"e2e":2,"k":7}"#,
            r#"{"e2e":"1","k":7}"#,
            r#"{"e2e":1,"k":0}"#,
            r#"{"e2e":1,"k":7.0}"#,
            r#"{"e2e":1,"k":"7"}"#,
            r#"{"e2e":1,"k":4294967296}"#,
            r#"{"e2e":1,"k":7,"name":"Ann"}"#,
            r#"{"e2e":1,"k":7,"K":null}"#,
        ] {
            assert_eq!(epoch(wrong), None, "{wrong}");
        }
    }

    /// Values that JSON libraries change when they read and write them, among others.
    fn value() -> impl Strategy<Value = String> {
        prop_oneof![
            Just("null".to_owned()),
            Just("1.0e2".to_owned()),
            any::<i64>().prop_map(|number| number.to_string()),
            any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
            any::<String>().prop_map(|text| json!([{ "\\\" ": text }, null]).to_string()),
        ]
    }

    fn changes() -> impl Strategy<Value = Vec<(String, String)>> {
        proptest::collection::vec(("[a-d\"\\\\é\n]{1,2}", value()), 0..6)
    }

    fn text(changes: &[(String, String)]) -> String {
        let field = |(key, value): &(String, String)| {
            format!(" {} :\n{value}\t", serde_json::to_string(key).unwrap())
        };
        format!("{{{}}}", changes.iter().map(field).collect::<Vec<_>>().join(","))
    }

    proptest! {
        #[test]
        fn p12_1_data_are_what_a_map_would_be(all in proptest::collection::vec(changes(), 0..5)) {
            let (mut data, mut map) = (None, BTreeMap::new());
            for changes in &all {
                data = PresenceData::merged(data.as_ref(), &patch(&text(changes)));
                for (key, value) in changes {
                    map.insert(key.clone(), serde_json::from_str::<Value>(value).unwrap());
                }
                map.retain(|_, value| !value.is_null());
            }
            prop_assert_eq!(data.is_none(), map.is_empty());
            if let Some(data) = data {
                let json = data.as_json();
                prop_assert!(!json.contains(|character: char| character < ' '), "{}", json);
                prop_assert_eq!(serde_json::from_str::<BTreeMap<String, Value>>(json).unwrap(), map);
                let again = PresenceData::parse(json).unwrap();
                prop_assert_eq!(again.as_json(), json);
                prop_assert_eq!(serde_json::to_string(&again).unwrap(), json);
            }
        }

        #[test]
        fn p12_2_no_text_panics(json in ".{0,60}|[{}\"a:,1 null]{0,30}") {
            let _ = PresenceData::parse(&json);
            if let Some(patch) = PresencePatch::parse(&json) {
                let _ = PresenceData::merged(None, &patch);
            }
        }
    }
}
