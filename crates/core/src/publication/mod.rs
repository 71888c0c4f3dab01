//! The body of a broadcast, parsed once: one event or several, to one project or to many (P2, P2.11 to P2.13).

pub mod audience;
pub mod batch;
pub mod envelope;
pub(crate) mod fields;

use serde_json::value::RawValue;

use crate::names::{IdempotencyKey, ProjectId};
use crate::wire::error_code::{ErrorCode, Refusal};
use envelope::Envelope;
use fields::{Field, Fields, read, text};

/// The maximum number of events in one publication.
pub const MAX_EVENTS: usize = 100;
/// The maximum number of projects that one publication names.
pub const MAX_PROJECT_IDS: usize = 1_000;

const ID: Refusal = Refusal::invalid_field(
    "id (or Idempotency-Key) must be a string of 1 to 64 bytes without control characters",
);
const TWO_IDS: Refusal =
    Refusal::invalid_field("id and Idempotency-Key differ. Send only one of them");
const EVENTS: Refusal = Refusal::invalid_field("events must be a list of 1 to 100 events");
const EVENTS_AND_EVENT: Refusal =
    Refusal::invalid_field("Send either events or the fields of a single event, not both");
const NESTED: Refusal =
    Refusal::invalid_field("id and events belong at the top level, not inside an event");
const PROJECT_IDS: Refusal =
    Refusal::invalid_field("projectIds must be a list of 1 to 1,000 project ids");

/// What a backend publishes at once: all of it or nothing.
#[derive(Debug, PartialEq, Eq)]
pub struct Publication<'a> {
    /// The key with which the backend can retry it.
    pub key: Option<IdempotencyKey>,
    /// At least one.
    pub events: Vec<Envelope<'a>>,
    /// Whether the body had a list of events.
    pub is_batch: bool,
}

impl<'a> Publication<'a> {
    /// Parses the body of a broadcast, whose size the caller has already limited.
    ///
    /// `header`: the value of `Idempotency-Key`; empty counts as absent.
    ///
    /// # Errors
    /// Not one JSON object in UTF-8, a doubled field, no event type, a reserved one, or a field of
    /// the wrong type or form.
    pub fn parse(body: &'a [u8], header: Option<&str>) -> Result<Self, Refusal> {
        Self::read(&Fields::parse(body)?, header)
    }

    fn read(fields: &Fields<'a>, header: Option<&str>) -> Result<Self, Refusal> {
        let key = match (fields.get(Field::Id), header) {
            (None, None) => None,
            (field, header) => key(field, header)?,
        };
        match fields.get(Field::Events) {
            None => Ok(Self { key, events: vec![Envelope::read(fields)?], is_batch: false }),
            Some(_) if Envelope::is_in(fields) => Err(EVENTS_AND_EVENT),
            Some(list) => Ok(Self { key, events: events(list)?, is_batch: true }),
        }
    }
}

#[inline(never)] // An event without a key does not wait until this is compiled.
fn key(field: Option<&RawValue>, header: Option<&str>) -> Result<Option<IdempotencyKey>, Refusal> {
    let in_body = field.map(|field| text(field, ID)).transpose()?;
    let in_header = header.filter(|text| !text.is_empty());
    let text = match (&in_body, in_header) {
        (Some(body), Some(header)) if body != header => return Err(TWO_IDS),
        (Some(body), _) => body,
        (None, Some(header)) => header,
        (None, None) => return Ok(None),
    };
    IdempotencyKey::parse(text).map(Some).map_err(|_| ID)
}

#[inline(never)] // An event alone does not wait until this is compiled.
fn events(list: &RawValue) -> Result<Vec<Envelope<'_>>, Refusal> {
    let list: Vec<&RawValue> = serde_json::from_str(list.get()).map_err(|_| EVENTS)?;
    if !(1..=MAX_EVENTS).contains(&list.len()) {
        return Err(EVENTS);
    }
    let places = list.into_iter().enumerate();
    places.map(|(place, raw)| event(raw).map_err(|error| at(place, error))).collect()
}

fn event(raw: &RawValue) -> Result<Envelope<'_>, Refusal> {
    let fields = Fields::parse(raw.get().as_bytes())?;
    if fields.get(Field::Id).is_some() || fields.get(Field::Events).is_some() {
        return Err(NESTED);
    }
    Envelope::read(&fields)
}

/// Adds the number of the event in the list to an error.
pub(crate) fn at(place: usize, refusal: Refusal) -> Refusal {
    let detail = refusal.detail.as_deref().unwrap_or(refusal.code.message);
    let detail = Some(format!("events[{place}]: {detail}").into());
    Refusal { detail, ..refusal }
}

/// A publication to many projects (P2.13).
#[derive(Debug, PartialEq, Eq)]
pub struct ForMany {
    /// In the order of the body. One that is repeated there is repeated here.
    pub projects: Vec<ProjectId>,
    /// The body for each of them: without the list, which would be most of it.
    pub body: Vec<u8>,
}

impl ForMany {
    /// Parses a body, whose size the caller has already limited.
    ///
    /// # Errors
    /// The publication itself is invalid, so that no project gets it; or `projectIds` is.
    pub fn parse(body: &[u8], header: Option<&str>) -> Result<Self, Refusal> {
        let fields = Fields::parse(body)?;
        Publication::read(&fields, header)?;
        let list = fields.get(Field::ProjectIds).ok_or(PROJECT_IDS)?;
        let texts: Vec<String> = read(list, PROJECT_IDS)?;
        if !(1..=MAX_PROJECT_IDS).contains(&texts.len()) {
            return Err(PROJECT_IDS);
        }
        let ids = texts.iter().map(|text| ProjectId::parse(text));
        let projects = ids.collect::<Result<_, _>>().map_err(|_| ErrorCode::INVALID_PROJECT_ID)?;
        Ok(Self { projects, body: without(body, list) })
    }
}

/// The body with `null` in place of one of its values, which counts as absent.
fn without(body: &[u8], value: &RawValue) -> Vec<u8> {
    let value = value.get().as_bytes();
    let start = value.as_ptr().addr().saturating_sub(body.as_ptr().addr());
    let (before, rest) = body.split_at_checked(start).unwrap_or_default();
    [before, b"null", rest.get(value.len()..).unwrap_or_default()].concat()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(body: &str) -> Result<Publication<'_>, Refusal> {
        Publication::parse(body.as_bytes(), None)
    }

    fn code_of<T>(result: Result<T, Refusal>) -> &'static str {
        result.err().unwrap().code.code
    }

    fn key_of(body: &str, header: Option<&str>) -> Result<Option<String>, Refusal> {
        let publication = Publication::parse(body.as_bytes(), header)?;
        Ok(publication.key.map(|key| key.to_string()))
    }

    #[test]
    fn p2_11_an_id_is_in_the_body_or_in_the_header() {
        let (plain, with_id) = (r#"{"eventType":"E"}"#, r#"{"eventType":"E","id":"a"}"#);
        assert_eq!(key_of(plain, None), Ok(None));
        assert_eq!(key_of(plain, Some("")), Ok(None));
        for (body, header) in [(plain, Some("a")), (with_id, None), (with_id, Some("a"))] {
            assert_eq!(key_of(body, header), Ok(Some("a".into())));
        }
        assert_eq!(key_of(with_id, Some("b")), Err(TWO_IDS));
    }

    #[test]
    fn p2_11_an_id_has_1_to_64_bytes() {
        let of = |id: &str| key_of(&format!(r#"{{"eventType":"E","id":{id}}}"#), None);
        assert_eq!(of("null"), Ok(None));
        assert!(of(&format!("\"{}\"", "x".repeat(64))).is_ok());
        for wrong in
            [format!("\"{}\"", "x".repeat(65)), "\"\"".into(), "7".into(), "\"\\n\"".into()]
        {
            assert_eq!(of(&wrong), Err(ID));
        }
        assert_eq!(key_of(r#"{"eventType":"E"}"#, Some(&"x".repeat(65))), Err(ID));
    }

    #[test]
    fn p2_12_events_are_read_in_order() {
        let body =
            r#"{"events":[{"eventType":"A","ephemeral":true},{"eventType":"B","payload":1}]}"#;
        let Publication { events, is_batch, .. } = parse(body).unwrap();
        let types: Vec<&str> = events.iter().map(|event| event.event_type.as_str()).collect();
        assert_eq!((types, is_batch), (vec!["A", "B"], true));
        assert_eq!((events[0].ephemeral, events[1].ephemeral), (true, false));
        assert_eq!(events[1].payload, "1");
    }

    #[test]
    fn p2_12_there_are_1_to_100_events() {
        let of =
            |n: usize| format!(r#"{{"events":[{}]}}"#, vec![r#"{"eventType":"E"}"#; n].join(","));
        assert_eq!(parse(&of(100)).unwrap().events.len(), 100);
        for wrong in [of(0), of(101), r#"{"events":{}}"#.into(), r#"{"events":"E"}"#.into()] {
            assert_eq!(parse(&wrong), Err(EVENTS));
        }
    }

    #[test]
    fn p2_12_one_wrong_event_is_named_and_refuses_all() {
        let body = r#"{"events":[{"eventType":"A"},{"payload":1}]}"#;
        let Refusal { code, detail, .. } = parse(body).unwrap_err();
        assert_eq!(code, ErrorCode::MISSING_EVENT_TYPE);
        assert_eq!(detail.unwrap(), "events[1]: Missing eventType");
        assert_eq!(code_of(parse(r#"{"events":[7]}"#)), "invalid_json");
        assert_eq!(
            code_of(parse(r#"{"events":[{"eventType":"A","eventType":"B"}]}"#)),
            "duplicate_field"
        );
    }

    #[test]
    fn p2_12_events_stand_alone_and_are_not_nested() {
        assert_eq!(parse(r#"{"eventType":"A","events":[]}"#), Err(EVENTS_AND_EVENT));
        assert_eq!(parse(r#"{"userIds":["u"],"events":[]}"#), Err(EVENTS_AND_EVENT));
        assert_eq!(
            parse(r#"{"events":[{"eventType":"A"}],"payload":null}"#),
            Err(EVENTS_AND_EVENT)
        );
        for inner in [r#"{"eventType":"A","id":"x"}"#, r#"{"events":[]}"#] {
            assert_eq!(code_of(parse(&format!(r#"{{"events":[{inner}]}}"#))), "invalid_field");
        }
    }

    fn projects(ids: &str) -> Result<Vec<String>, Refusal> {
        let body = format!(r#"{{"eventType":"E","projectIds":{ids}}}"#);
        let ForMany { projects, .. } = ForMany::parse(body.as_bytes(), None)?;
        Ok(projects.into_iter().map(|id| id.to_string()).collect())
    }

    #[test]
    fn p2_13_projects_are_1_to_1_000_in_order() {
        let ids = projects(r#"["b","\u0061","b"]"#);
        assert_eq!(ids, Ok(vec!["b".into(), "a".into(), "b".into()]));
        let many = |n: usize| serde_json::to_string(&vec!["p"; n]).unwrap();
        assert!(projects(&many(1_000)).is_ok());
        for wrong in [many(1_001), many(0), "null".into(), "\"p\"".into(), "[1]".into()] {
            assert_eq!(projects(&wrong), Err(PROJECT_IDS));
        }
        assert_eq!(code_of(projects(r#"["a/b"]"#)), "invalid_project_id");
    }

    #[test]
    fn p2_13_a_wrong_event_is_refused_for_all_projects() {
        let body = br#"{"projectIds":["p"]}"#;
        assert_eq!(code_of(ForMany::parse(body, None)), "missing_event_type");
    }

    #[test]
    fn p2_13_a_project_is_not_told_the_others() {
        let body = "\u{feff} {\"eventType\":\"E\",\"projectIds\" : [\"ü\", \"b\"] ,\"payload\":{\"n\": 1}}";
        let ForMany { body, .. } = ForMany::parse(body.as_bytes(), None).unwrap();
        let wanted = "\u{feff} {\"eventType\":\"E\",\"projectIds\" : null ,\"payload\":{\"n\": 1}}";
        assert_eq!(String::from_utf8(body).unwrap(), wanted);
    }

    proptest! {
        #[test]
        fn no_body_panics(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Publication::parse(&body, None);
            let _ = ForMany::parse(&body, None);
        }

        #[test]
        fn p2_13_each_project_gets_the_publication_as_posted(
            payload in "[ -~\u{80}-\u{ffff}]{0,40}",
            ids in proptest::collection::vec("[a-zü\\\"]{1,9}", 1..20),
            at in 0..4_usize,
        ) {
            let list = format!("\"projectIds\": {}", serde_json::to_string(&ids).unwrap());
            let payload = format!("\"payload\":{}", serde_json::to_string(&payload).unwrap());
            let mut fields = vec!["\"eventType\":\"E\"", &payload, "\"id\":\"k\""];
            fields.insert(at, &list);
            let body = format!("{{{}}}", fields.join(", "));
            let ForMany { projects, body: each } = ForMany::parse(body.as_bytes(), None).unwrap();
            prop_assert!(projects.iter().map(|project| project.as_str()).eq(&ids));
            prop_assert_eq!(Publication::parse(&each, None), parse(&body));
            prop_assert!(code_of(ForMany::parse(&each, None)) == PROJECT_IDS.code.code);
        }

        #[test]
        fn no_json_panics(body in "[\\[\\]{}\",:a-z0-9\\\\ eventTypuIds]{0,100}") {
            let _ = Publication::parse(body.as_bytes(), Some(&body));
        }
    }
}
