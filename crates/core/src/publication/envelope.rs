//! One event as a backend posts it, parsed once (P2).

use serde_json::value::RawValue;

use super::audience::{Audience, ExcludedConnection};
use super::fields::{Field, Fields, read, text};
use crate::names::{ConnectionId, EventType, UserId};
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
    /// Whether it may be unencrypted in a project that is encrypted (P14.4).
    pub plaintext: bool,
}

const EVENT_TYPE: Refusal = Refusal::invalid_field(
    "eventType must be a string of 1 to 64 bytes without control characters",
);
const EXCLUDE_USER_ID: Refusal = Refusal::invalid_field(
    "excludeUserId must be a string of at most 128 bytes without control characters",
);
const EXCLUDE_CONNECTION_ID: Refusal = Refusal::invalid_field(
    "excludeConnectionId must be a string of at most 128 bytes without control characters",
);
const EXCLUDE_USER_IDS: Refusal =
    Refusal::invalid_field("excludeUserIds must be a list of at most 1000 user ids");
const USER_IDS: Refusal = Refusal::invalid_field("userIds must be a list of 1 to 1000 user ids");
const EPHEMERAL: Refusal = Refusal::invalid_field("ephemeral must be true or false");
const PLAINTEXT: Refusal = Refusal::invalid_field("plaintext must be true or false");

impl<'a> Envelope<'a> {
    /// Reads an event from its fields.
    ///
    /// # Errors
    /// No event type, a reserved one, or a field of the wrong type or form.
    pub(crate) fn read(fields: &Fields<'a>) -> Result<Self, Refusal> {
        let event_type = event_type(fields)?;
        let payload = fields.posted(Field::Payload).map_or("{}", RawValue::get);
        let audience = audience(fields)?;
        let ephemeral = is_set(fields, Field::Ephemeral, EPHEMERAL)?;
        let plaintext = is_set(fields, Field::Plaintext, PLAINTEXT)?;
        Ok(Self { event_type, payload, audience, ephemeral, plaintext })
    }

    /// Whether there are any fields of a single event.
    pub(crate) fn is_in(fields: &Fields<'_>) -> bool {
        fields.posted(Field::Payload).is_some()
            || OF_AN_EVENT.iter().any(|field| fields.get(*field).is_some())
    }
}

/// The fields of a single event, besides its payload.
const OF_AN_EVENT: [Field; 7] = [
    Field::EventType,
    Field::ExcludeUserId,
    Field::ExcludeUserIds,
    Field::ExcludeConnectionId,
    Field::UserIds,
    Field::Ephemeral,
    Field::Plaintext,
];

#[inline(never)]
fn event_type(fields: &Fields<'_>) -> Result<EventType, Refusal> {
    let field = fields.get(Field::EventType);
    let text = field.map(|field| text(field, EVENT_TYPE)).transpose()?.unwrap_or_default();
    if text.is_empty() {
        return Err(ErrorCode::MISSING_EVENT_TYPE.into());
    }
    let event_type = EventType::parse(&text).map_err(|_| EVENT_TYPE)?;
    if event_type.is_reserved() {
        return Err(ErrorCode::RESERVED_EVENT_TYPE.into());
    }
    Ok(event_type)
}

fn is_set(fields: &Fields<'_>, field: Field, error: Refusal) -> Result<bool, Refusal> {
    fields.get(field).map_or(Ok(false), |value| read_flag(value, error))
}

#[inline(never)] // An event without such a field does not wait until it is compiled, like the next two.
fn read_flag(field: &RawValue, error: Refusal) -> Result<bool, Refusal> {
    read(field, error)
}

/// Reads the users that an event is for.
///
/// # Errors
/// It is no list of 1 to [`MAX_USER_IDS`] user ids.
#[inline(never)]
pub(crate) fn targets(field: &RawValue) -> Result<SortedSet<UserId>, Refusal> {
    let ids: Vec<String> = read(field, USER_IDS)?;
    if !(1..=MAX_USER_IDS).contains(&ids.len()) {
        return Err(USER_IDS);
    }
    let mut only = SortedSet::default();
    for id in &ids {
        add(&mut only, id, USER_IDS)?;
    }
    Ok(only)
}

#[inline(never)]
fn audience(fields: &Fields<'_>) -> Result<Audience, Refusal> {
    let only = fields.get(Field::UserIds).map(targets).transpose()?;
    let mut audience = Audience { only, ..Audience::default() };
    if let Some(one) = fields.get(Field::ExcludeUserId) {
        let id = text(one, EXCLUDE_USER_ID)?;
        exclude(&mut audience.exclude, &id, EXCLUDE_USER_ID)?;
    }
    if let Some(connection) = fields.get(Field::ExcludeConnectionId) {
        exclude_connection(&mut audience, connection)?;
    }
    if let Some(many) = fields.get(Field::ExcludeUserIds) {
        exclude_many(&mut audience.exclude, many)?;
    }
    Ok(audience)
}

/// If `excludeUserId` is given, only this connection of that user is excluded, and not the user.
#[inline(never)]
fn exclude_connection(audience: &mut Audience, field: &RawValue) -> Result<(), Refusal> {
    let id = text(field, EXCLUDE_CONNECTION_ID)?;
    if id.is_empty() {
        return Ok(());
    }
    let id = ConnectionId::parse(&id).map_err(|_| EXCLUDE_CONNECTION_ID)?;
    let user = std::mem::take(&mut audience.exclude).keys().next().cloned();
    audience.exclude_connection = Some(ExcludedConnection { id, user });
    Ok(())
}

#[inline(never)]
fn exclude_many(excluded: &mut SortedSet<UserId>, field: &RawValue) -> Result<(), Refusal> {
    let ids: Vec<Option<String>> = read(field, EXCLUDE_USER_IDS)?;
    if ids.len() > MAX_USER_IDS {
        return Err(EXCLUDE_USER_IDS);
    }
    ids.iter().flatten().try_for_each(|id| exclude(excluded, id, EXCLUDE_USER_IDS))
}

/// An empty id excludes nobody.
fn exclude(excluded: &mut SortedSet<UserId>, id: &str, error: Refusal) -> Result<(), Refusal> {
    if id.is_empty() { Ok(()) } else { add(excluded, id, error) }
}

fn add(ids: &mut SortedSet<UserId>, id: &str, error: Refusal) -> Result<(), Refusal> {
    let Ok(id) = UserId::parse(id) else { return Err(error) };
    ids.insert(id, ());
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
        verdict_on(body, "c", user)
    }

    fn verdict_on(body: &str, connection: &str, user: &str) -> Verdict {
        let connection = ConnectionId::parse(connection).unwrap();
        parse(body).unwrap().audience.verdict(&connection, UserId::parse(user).ok().as_ref())
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
        assert_eq!(parse(r#"{"eventType":"client-typing"}"#), Err("reserved_event_type"));
        assert!(parse(r#"{"eventType":"Client-typing"}"#).is_ok());
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
            r#""excludeConnectionId":null"#,
            r#""excludeConnectionId":"","excludeUserId":"""#,
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
    fn p2_4_a_connection_narrows_the_one_user_and_nobody_else() {
        let body = r#"{"eventType":"E","excludeUserId":"a","excludeUserIds":["b"],"excludeConnectionId":"1"}"#;
        for (connection, user, expected) in [
            ("1", "a", Verdict::Excluded),
            ("2", "a", Verdict::Send),
            ("2", "b", Verdict::Excluded),
            ("1", "c", Verdict::Send),
            ("1", "", Verdict::Send),
        ] {
            assert_eq!(verdict_on(body, connection, user), expected, "{connection} {user}");
        }
        let twice = body.replace("\"b\"", "\"b\",\"a\"");
        assert_eq!(verdict_on(&twice, "2", "a"), Verdict::Excluded, "it is in the list too");
        let alone = r#"{"eventType":"E","excludeUserId":"","excludeConnectionId":"1"}"#;
        assert_eq!(["a", ""].map(|user| verdict_on(alone, "1", user)), [Verdict::Excluded; 2]);
    }

    #[test]
    fn p2_6_a_connection_is_named_as_a_client_names_it() {
        let of = |id: &str| format!(r#"{{"eventType":"E","excludeConnectionId":{id}}}"#);
        assert!(parse(&of(&format!("\"{}\"", "x".repeat(128)))).is_ok());
        for wrong in [&format!("\"{}\"", "x".repeat(129)), "7", "\"\\n\"", "[\"1\"]"] {
            assert_eq!(parse(&of(wrong)), Err("invalid_field"));
        }
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
    fn p14_4_an_event_may_say_that_it_is_not_encrypted() {
        let of = |text: &str| format!(r#"{{"eventType":"E","plaintext":{text}}}"#);
        assert!(parse(&of("true")).unwrap().plaintext);
        for no in ["false", "null"] {
            assert!(!parse(&of(no)).unwrap().plaintext);
        }
        assert_eq!(parse(&of("1")), Err("invalid_field"));
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
