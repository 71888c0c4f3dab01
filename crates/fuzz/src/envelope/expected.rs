//! The expected reading of a body.

use std::collections::BTreeSet;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::json::{Field, Object, texts, value};
use crate::names::{is_name, is_project_id, is_user_id};

const KNOWN: [&str; 11] = [
    "eventType",
    "payload",
    "excludeUserId",
    "excludeUserIds",
    "excludeConnectionId",
    "userIds",
    "ephemeral",
    "plaintext",
    "id",
    "events",
    "projectIds",
];
const RESERVED: [&str; 9] = [
    "CONNECTED",
    "USER_JOINED",
    "USER_UPDATED",
    "USER_LEFT",
    "PRESENCE",
    "PONG",
    "ERROR",
    "AUTH_OK",
    "KEY_EPOCH",
];
const INVALID: &str = "invalid_field";

/// The codes of all faults of a body.
type Wrong = BTreeSet<&'static str>;

/// The contents of a body. The fields mean nothing if something is wrong.
#[derive(Default)]
pub struct Expected<'a> {
    pub wrong: Wrong,
    pub key: Option<String>,
    pub events: Vec<Event<'a>>,
    pub is_batch: bool,
    /// The additional faults if it is for several projects.
    pub wrong_in_projects: Wrong,
    pub projects: Vec<String>,
}

/// The contents of one event.
#[derive(Default)]
pub struct Event<'a> {
    pub event_type: String,
    pub payload: &'a str,
    pub ephemeral: bool,
    pub plaintext: bool,
    pub only: Option<BTreeSet<String>>,
    pub exclude: BTreeSet<String>,
    /// The connection, and the only user whose connection of this name is meant.
    pub exclude_connection: Option<(String, Option<String>)>,
}

impl<'a> Expected<'a> {
    pub fn of(body: &'a [u8], header: Option<&str>) -> Self {
        let mut expected = Self::default();
        // RFC 8259, 8.1.
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let Some(fields) = object(std::str::from_utf8(body).ok(), &mut expected.wrong) else {
            return expected;
        };
        expected.key(&fields, header);
        match fields.given("events") {
            None => expected.events.push(Event::of(&fields, &mut expected.wrong)),
            Some(list) => expected.list(&fields, list),
        }
        expected.projects(&fields);
        expected
    }

    /// P2.11.
    fn key(&mut self, fields: &Object<'_>, header: Option<&str>) {
        let Ok(id) = fields.field("id").text() else {
            self.wrong.insert(INVALID);
            return;
        };
        let header = header.filter(|header| !header.is_empty());
        let agree = id.is_none() || header.is_none() || id.as_deref() == header;
        self.key = id.or(header.map(str::to_owned));
        if !agree || self.key.as_ref().is_some_and(|key| !is_name(key, 64)) {
            self.wrong.insert(INVALID);
        }
    }

    /// P2.12.
    fn list(&mut self, fields: &Object<'_>, list: &'a RawValue) {
        self.is_batch = true;
        let of_one = [
            "eventType",
            "excludeUserId",
            "excludeUserIds",
            "excludeConnectionId",
            "userIds",
            "ephemeral",
            "plaintext",
        ];
        let list: Vec<&RawValue> = serde_json::from_str(list.get()).unwrap_or_default();
        if of_one.iter().any(|name| fields.given(name).is_some())
            || fields.raw("payload").is_some()
            || !(1..=100).contains(&list.len())
        {
            self.wrong.insert(INVALID);
        }
        for raw in list {
            let Some(fields) = object(Some(raw.get()), &mut self.wrong) else { continue };
            if fields.given("id").is_some() || fields.given("events").is_some() {
                self.wrong.insert(INVALID);
            }
            self.events.push(Event::of(&fields, &mut self.wrong));
        }
    }

    /// P2.13.
    fn projects(&mut self, fields: &Object<'_>) {
        let value = fields.given("projectIds").and_then(value).unwrap_or_default();
        let texts = texts(&value).unwrap_or_default();
        if !(1..=1_000).contains(&texts.len()) {
            self.wrong_in_projects.insert(INVALID);
        }
        for text in texts {
            if !is_project_id(text) {
                self.wrong_in_projects.insert("invalid_project_id");
            }
            self.projects.push(text.to_owned());
        }
    }
}

/// One object (P2.6).
fn object<'a>(text: Option<&'a str>, wrong: &mut Wrong) -> Option<Object<'a>> {
    let Some(object) = text.and_then(Object::parse) else {
        // A duplicate field is noticed before any fault after it.
        wrong.extend(["invalid_json", "duplicate_field"]);
        return None;
    };
    if object.doubles_one_of(&KNOWN) {
        wrong.insert("duplicate_field");
        return None;
    }
    Some(object)
}

impl<'a> Event<'a> {
    fn of(fields: &Object<'a>, wrong: &mut Wrong) -> Self {
        let exclude_connection = exclude_connection(fields, wrong);
        Self {
            event_type: event_type(fields, wrong),
            payload: fields.raw("payload").map_or("{}", RawValue::get),
            ephemeral: flag(fields, "ephemeral", wrong),
            plaintext: flag(fields, "plaintext", wrong),
            only: only(fields, wrong),
            exclude: exclude(fields, exclude_connection.is_none(), wrong),
            exclude_connection,
        }
    }
}

/// P2.2.
fn event_type(fields: &Object<'_>, wrong: &mut Wrong) -> String {
    let code = match fields.field("eventType").text() {
        Err(()) => INVALID,
        Ok(text) => match text.unwrap_or_default() {
            text if text.is_empty() => "missing_event_type",
            text if !is_name(&text, 64) => INVALID,
            text if RESERVED.contains(&text.as_str()) || text.starts_with("client-") => {
                "reserved_event_type"
            }
            text => return text,
        },
    };
    wrong.insert(code);
    String::new()
}

fn flag(fields: &Object<'_>, name: &str, wrong: &mut Wrong) -> bool {
    match fields.field(name) {
        Field::Absent => false,
        Field::Is(Value::Bool(is_set)) => is_set,
        _ => {
            wrong.insert(INVALID);
            false
        }
    }
}

/// P2.5.
fn only(fields: &Object<'_>, wrong: &mut Wrong) -> Option<BTreeSet<String>> {
    let value = fields.given("userIds").map(|raw| value(raw).unwrap_or_default())?;
    let ids = texts(&value).unwrap_or_default();
    if !(1..=1_000).contains(&ids.len()) || !ids.iter().all(|id| is_user_id(id)) {
        wrong.insert(INVALID);
    }
    Some(ids.into_iter().map(str::to_owned).collect())
}

/// P2.4.
fn exclude_connection(fields: &Object<'_>, wrong: &mut Wrong) -> Option<(String, Option<String>)> {
    let Ok(id) = fields.field("excludeConnectionId").text() else {
        wrong.insert(INVALID);
        return None;
    };
    let id = id.filter(|id| !id.is_empty())?;
    if !is_name(&id, 128) {
        wrong.insert(INVALID);
    }
    let user = fields.field("excludeUserId").text().ok().flatten();
    Some((id, user.filter(|user| !user.is_empty())))
}

/// P2.4. `with_one`: whether the one user is excluded on every connection.
fn exclude(fields: &Object<'_>, with_one: bool, wrong: &mut Wrong) -> BTreeSet<String> {
    let mut exclude = BTreeSet::new();
    match fields.field("excludeUserId").text() {
        Ok(Some(one)) if !with_one && (one.is_empty() || is_user_id(&one)) => {}
        Ok(one) => exclude.extend(one),
        Err(()) => _ = wrong.insert(INVALID),
    }
    match fields.field("excludeUserIds") {
        Field::Absent => {}
        Field::Is(Value::Array(many)) if many.len() <= 1_000 => {
            for id in many {
                match id {
                    Value::String(id) => _ = exclude.insert(id),
                    Value::Null => {}
                    _ => _ = wrong.insert(INVALID),
                }
            }
        }
        _ => _ = wrong.insert(INVALID),
    }
    exclude.remove("");
    if !exclude.iter().all(|id| is_user_id(id)) {
        wrong.insert(INVALID);
    }
    exclude
}
