//! One event as a backend posts it, parsed once (P2).

use serde::de::Deserializer;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::error::Category;
use serde_json::value::RawValue;

use super::audience::Audience;
use crate::names::{EventType, UserId};
use crate::request::body;
use crate::sorted::SortedSet;
use crate::wire::error_code::{ErrorCode, Refusal};

/// The maximum number of user ids in `userIds` or `excludeUserIds`.
pub const MAX_USER_IDS: usize = 1_000;

/// One event, and who gets it.
#[derive(Debug, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// What happened.
    pub event_type: EventType,
    /// The payload, byte for byte as it was posted: one JSON value.
    pub payload: &'a str,
    /// Who gets it.
    pub audience: Audience,
    /// Whether it is not kept for clients that reconnect (P7.2).
    pub ephemeral: bool,
}

const EVENT_TYPE: Refusal = Refusal::invalid_field(
    "eventType must be a string of 1 to 64 bytes without control characters",
);
const EXCLUDE_USER_ID: Refusal = Refusal::invalid_field(
    "excludeUserId must be a string of at most 128 bytes without control characters",
);
const EXCLUDE_USER_IDS: Refusal =
    Refusal::invalid_field("excludeUserIds must be a list of at most 1000 user ids");
const USER_IDS: Refusal = Refusal::invalid_field("userIds must be a list of 1 to 1000 user ids");
const EPHEMERAL: Refusal = Refusal::invalid_field("ephemeral must be true or false");

/// The raw fields of a body. Each is read separately, so that an error can name it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Fields<'a> {
    #[serde(borrow)]
    event_type: Option<&'a RawValue>,
    // By default, an `Option` would treat a posted `null` as an absent field.
    #[serde(borrow, default, deserialize_with = "any_value")]
    payload: Option<&'a RawValue>,
    #[serde(borrow)]
    exclude_user_id: Option<&'a RawValue>,
    #[serde(borrow)]
    exclude_user_ids: Option<&'a RawValue>,
    #[serde(borrow)]
    user_ids: Option<&'a RawValue>,
    #[serde(borrow)]
    ephemeral: Option<&'a RawValue>,
    /// Belongs to the whole publication, like the next two.
    #[serde(borrow)]
    pub(crate) id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) events: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) project_ids: Option<&'a RawValue>,
}

fn any_value<'de: 'a, 'a, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<&'a RawValue>, D::Error> {
    Deserialize::deserialize(deserializer).map(Some)
}

impl<'a> Envelope<'a> {
    /// Reads an event from its fields.
    ///
    /// # Errors
    /// No event type, a reserved one, or a field of the wrong type or form.
    pub(crate) fn read(fields: &Fields<'a>) -> Result<Self, Refusal> {
        Ok(Self {
            event_type: event_type(fields.event_type)?,
            payload: fields.payload.map_or("{}", RawValue::get),
            audience: Audience { only: targets(fields.user_ids)?, exclude: exclusions(fields)? },
            ephemeral: read::<bool>(fields.ephemeral, EPHEMERAL)?.unwrap_or_default(),
        })
    }
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

    /// Whether any of the fields of a single event is present.
    pub(crate) fn has_event(&self) -> bool {
        let Self { event_type, payload, user_ids, ephemeral, .. } = self;
        let Self { exclude_user_id, exclude_user_ids, .. } = self;
        let all = [event_type, payload, exclude_user_id, exclude_user_ids, user_ids, ephemeral];
        all.iter().any(|field| field.is_some())
    }
}

/// Reads a field that may be absent or null.
pub(crate) fn read<T: DeserializeOwned>(
    field: Option<&RawValue>,
    error: Refusal,
) -> Result<Option<T>, Refusal> {
    field.map(|raw| serde_json::from_str(raw.get()).map_err(|_| error)).transpose()
}

fn event_type(field: Option<&RawValue>) -> Result<EventType, Refusal> {
    let text = read::<String>(field, EVENT_TYPE)?.unwrap_or_default();
    if text.is_empty() {
        return Err(ErrorCode::MISSING_EVENT_TYPE.into());
    }
    let event_type = EventType::parse(&text).map_err(|_| EVENT_TYPE)?;
    if event_type.is_reserved() {
        return Err(ErrorCode::RESERVED_EVENT_TYPE.into());
    }
    Ok(event_type)
}

fn targets(field: Option<&RawValue>) -> Result<Option<SortedSet<UserId>>, Refusal> {
    let Some(ids) = read::<Vec<String>>(field, USER_IDS)? else { return Ok(None) };
    if !(1..=MAX_USER_IDS).contains(&ids.len()) {
        return Err(USER_IDS);
    }
    let mut only = SortedSet::default();
    add_all(&mut only, ids.into_iter(), USER_IDS)?;
    Ok(Some(only))
}

fn exclusions(fields: &Fields<'_>) -> Result<SortedSet<UserId>, Refusal> {
    let one = read::<Option<String>>(fields.exclude_user_id, EXCLUDE_USER_ID)?.flatten();
    let many = read::<Vec<Option<String>>>(fields.exclude_user_ids, EXCLUDE_USER_IDS)?;
    let many = many.unwrap_or_default();
    if many.len() > MAX_USER_IDS {
        return Err(EXCLUDE_USER_IDS);
    }
    let mut excluded = SortedSet::default();
    let is_there = |text: &String| !text.is_empty();
    add_all(&mut excluded, one.into_iter().filter(is_there), EXCLUDE_USER_ID)?;
    add_all(&mut excluded, many.into_iter().flatten().filter(is_there), EXCLUDE_USER_IDS)?;
    Ok(excluded)
}

fn add_all(
    ids: &mut SortedSet<UserId>,
    texts: impl Iterator<Item = String>,
    error: Refusal,
) -> Result<(), Refusal> {
    for text in texts {
        let Ok(id) = UserId::parse(&text) else { return Err(error) };
        ids.insert(id, ());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::publication::audience::Verdict;

    fn read(body: &[u8]) -> Result<Envelope<'_>, Refusal> {
        Envelope::read(&Fields::parse(body)?)
    }

    fn parse(body: &str) -> Result<Envelope<'_>, &'static str> {
        read(body.as_bytes()).map_err(|error| error.code.code)
    }

    fn verdict(body: &str, user: &str) -> Verdict {
        parse(body).unwrap().audience.verdict(Some(&UserId::parse(user).unwrap()))
    }

    #[test]
    fn p2_1_the_fields_of_the_product_s_backend_are_read() {
        let body = r#"{"eventType":"TASK_UPDATED","payload":{"taskId":"t"},"excludeUserId":"u1"}"#;
        let envelope = parse(body).unwrap();
        assert_eq!(envelope.event_type.as_str(), "TASK_UPDATED");
        assert_eq!(envelope.payload, r#"{"taskId":"t"}"#);
        assert_eq!(verdict(body, "u1"), Verdict::Excluded);
    }

    #[test]
    fn p2_2_an_event_type_is_required() {
        for body in ["{}", r#"{"eventType":null}"#, r#"{"eventType":""}"#] {
            assert_eq!(parse(body), Err("missing_event_type"), "{body}");
        }
    }

    #[test]
    fn p2_2_the_server_s_own_types_are_refused() {
        for name in crate::names::RESERVED_EVENT_TYPES {
            let body = format!(r#"{{"eventType":"{name}"}}"#);
            assert_eq!(parse(&body), Err("reserved_event_type"));
        }
        assert_eq!(parse(r#"{"eventType":"PO\u004EG"}"#), Err("reserved_event_type"));
        assert!(parse(r#"{"eventType":"PING"}"#).is_ok());
    }

    #[test]
    fn p2_2_an_event_type_has_1_to_64_bytes() {
        let of = |text: &str| format!(r#"{{"eventType":"{text}"}}"#);
        assert!(parse(&of(&"x".repeat(64))).is_ok());
        assert_eq!(parse(&of(&"x".repeat(65))), Err("invalid_field"));
        assert_eq!(parse(&of("a\\n")), Err("invalid_field"));
        assert_eq!(parse(&of("\\ud800")), Err("invalid_field"));
        assert_eq!(parse(r#"{"eventType":7}"#), Err("invalid_field"));
    }

    #[test]
    fn p2_3_the_payload_defaults_to_an_empty_object_and_null_stays_null() {
        assert_eq!(parse(r#"{"eventType":"E"}"#).unwrap().payload, "{}");
        assert_eq!(parse(r#"{"eventType":"E","payload": null }"#).unwrap().payload, "null");
    }

    #[test]
    fn p2_4_null_and_empty_exclusions_are_as_if_absent() {
        for fields in [
            r#""excludeUserId":null"#,
            r#""excludeUserId":"""#,
            r#""excludeUserIds":null"#,
            r#""excludeUserIds":[]"#,
            r#""excludeUserIds":["",null]"#,
        ] {
            let body = format!(r#"{{"eventType":"E",{fields}}}"#);
            assert_eq!(parse(&body).unwrap().audience, Audience::default(), "{body}");
        }
    }

    #[test]
    fn p2_4_both_ways_to_exclude_add_up() {
        let body = r#"{"eventType":"E","excludeUserId":"a","excludeUserIds":["b","c"]}"#;
        assert_eq!(["a", "b", "c"].map(|user| verdict(body, user)), [Verdict::Excluded; 3]);
        assert_eq!(verdict(body, "d"), Verdict::Send);
    }

    #[test]
    fn p2_5_targets_are_1_to_1000_users() {
        let of = |ids: &str| format!(r#"{{"eventType":"E","userIds":{ids}}}"#);
        let many = |n: usize| of(&serde_json::to_string(&vec!["u"; n]).unwrap());
        assert!(parse(&many(1_000)).is_ok());
        assert!(parse(&of("null")).is_ok());
        for wrong in [many(1_001), of("[]"), of("\"u\""), of("[1]"), of("[\"\"]"), of("{}")] {
            assert_eq!(parse(&wrong), Err("invalid_field"));
        }
    }

    #[test]
    fn p7_2_an_event_is_ephemeral_if_it_says_so() {
        let of = |text: &str| format!(r#"{{"eventType":"E","ephemeral":{text}}}"#);
        assert!(parse(&of("true")).unwrap().ephemeral);
        for no in ["false", "null"] {
            assert!(!parse(&of(no)).unwrap().ephemeral);
        }
        assert_eq!(parse(&of("\"yes\"")), Err("invalid_field"));
    }

    #[test]
    fn p2_6_what_is_not_one_json_object_is_refused() {
        let deep = format!(r#"{{"eventType":"E","payload":{}"#, "[".repeat(100_000));
        for body in ["", "null", "[]", r#"["E",1,2,3,4]"#, "{", "{}{}", "nonsense", &deep] {
            assert_eq!(parse(body), Err("invalid_json"), "{}", &body[..body.len().min(40)]);
        }
        assert_eq!(read(b"{\"eventType\":\"\xff\"}").unwrap_err().code, ErrorCode::INVALID_JSON);
    }

    #[test]
    fn p2_6_a_doubled_field_is_refused() {
        assert_eq!(parse(r#"{"eventType":"A","eventType":"B"}"#), Err("duplicate_field"));
        assert_eq!(parse(r#"{"eventType":"A","event\u0054ype":"B"}"#), Err("duplicate_field"));
    }

    #[test]
    fn p2_3_a_deeply_nested_payload_is_forwarded() {
        let payload = format!("{}{}", "[".repeat(15_000), "]".repeat(15_000));
        let body = format!(r#"{{"eventType":"E","payload":{payload}}}"#);
        assert_eq!(parse(&body).unwrap().payload, payload);
    }

    #[test]
    fn fields_of_later_versions_are_ignored() {
        assert!(parse(r#"{"eventType":"E","someday":[1,{"x":2}]}"#).is_ok());
    }

    proptest! {
        #[test]
        fn no_body_panics(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&body);
        }

        #[test]
        fn no_json_panics(body in "[\\[\\]{}\",:a-z0-9\\\\ eventTypuIds]{0,100}") {
            let _ = parse(&body);
        }
    }
}
