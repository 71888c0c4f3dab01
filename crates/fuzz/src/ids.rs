//! Names, paths, removals, and the texts in which a room stores or passes on identities (P1, P8.2).

use validiant_core::member::Attachment;
use validiant_core::names::{
    ConnectionId, DocId, Epoch, EventType, IdempotencyKey, ProjectId, TokenId, UserId, UserName,
};
use validiant_core::request::head::RequestHead;
use validiant_core::request::route::{Route, route, split_url};
use validiant_core::room_call::admission::Admission;
use validiant_core::room_call::document::{DocumentCall, Errand, Opening, call};
use validiant_core::room_call::internal_header;
use validiant_core::room_call::removal::Removal;

use crate::names::{form_decode, is_name, is_project_id, is_user_id, number, percent_decode};

/// The input is one text, which is tried as each of these in turn. It must be a name exactly if it follows the rules, lead
/// where the oracle says, and read back unchanged after it is written.
pub fn ids(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    names(text);
    url(text);
    internal(text);
    attachment(text);
    request_head(text);
}

fn names(text: &str) {
    assert_eq!(ProjectId::parse(text).is_ok(), is_project_id(text));
    assert_eq!(DocId::parse(text).is_ok(), is_project_id(text));
    assert_eq!(UserId::parse(text).is_ok(), is_user_id(text));
    assert_eq!(UserName::parse(text).is_ok(), is_name(text, 256));
    assert_eq!(ConnectionId::parse(text).is_ok(), is_name(text, 128));
    assert_eq!(EventType::parse(text).is_ok(), is_name(text, 64));
    assert_eq!(IdempotencyKey::parse(text).is_ok(), is_name(text, 64));
    assert_eq!(TokenId::parse(text).is_ok(), is_name(text, 128));
    assert_eq!(Epoch::parse(text).is_ok(), is_name(text, 64));
    if let Ok(name) = UserName::parse(text) {
        assert_eq!(name.as_str(), text);
    }
}

/// The text is what follows the host in a URL, without the first slash.
fn url(text: &str) {
    let url = format!("https://host.example/{text}");
    let (path, query) = split_url(&url);
    let target = url.split('#').next().unwrap_or_default();
    assert_eq!(format!("https://host.example{path}"), target.split('?').next().unwrap_or_default());
    assert_eq!(Some(query), target.split_once('?').map(|(_, query)| query).or(Some("")));
    for method in ["GET", "POST", "DELETE", "OPTIONS", "PUT"] {
        for upgrade in [false, true] {
            let got = route(method, path, upgrade);
            let told = got.as_ref().map_err(|error| error.code.code);
            assert_eq!(told.map(label), expected_route(method, path, upgrade), "{method} {path}");
            if let Ok(Route::RemoveUser(_, user)) = got {
                removal(user, query);
            }
        }
    }
}

fn label(route: &Route<'_>) -> String {
    match route {
        Route::Health => "health".into(),
        Route::Preflight => "preflight".into(),
        Route::PublishToMany => "many".into(),
        Route::Connect(project) => format!("connect {project}"),
        Route::ConnectToNone(reason) => format!("connect to none: {}", reason.name()),
        Route::Publish(project) => format!("publish {project}"),
        Route::State(project) => format!("state {project}"),
        Route::RemoveUser(project, user) => format!("remove {project} {user}"),
        Route::Erase(project) => format!("erase {project}"),
        Route::Revoke(project) => format!("revoke {project}"),
        Route::Document(project, document, asked) => format!("{asked:?} {project}/{document}"),
        Route::RaiseKeyEpoch(project) => format!("key epoch {project}"),
        Route::Console => "console".into(),
    }
}

/// The table in P1, read from the top.
fn expected_route(method: &str, path: &str, upgrade: bool) -> Result<String, &'static str> {
    let (method, upgrade) = if method == "HEAD" { ("GET", false) } else { (method, upgrade) };
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let (project, below) = match segments.as_slice() {
        ["health"] => return one_verb(method, "GET", "health"),
        ["parties", "main"] => return one_verb(method, "POST", "many"),
        ["parties", "main", project, below @ ..] | ["party", project, below @ ..] => {
            (*project, below)
        }
        ["parties", "docs", project, document] => {
            return expected_document(method, project, document, upgrade);
        }
        ["parties", "docs", ..] => return Err("not_found"),
        ["parties", _, ..] => return Err("unknown_party"),
        [] | ["console", ..] if method == "GET" && !upgrade => return Ok("console".into()),
        _ => return Err("not_found"),
    };
    if method == "OPTIONS" {
        return Ok("preflight".into());
    }
    let id = String::from_utf8(percent_decode(project)).ok().filter(|id| is_project_id(id));
    let Some(id) = id else {
        let connects = method == "GET" && upgrade;
        return if connects {
            Ok("connect to none: projectId".into())
        } else {
            Err("invalid_project_id")
        };
    };
    match (method, below) {
        ("GET", _) if upgrade => Ok(format!("connect {id}")),
        ("GET", []) => Ok(format!("state {id}")),
        ("POST", []) => Ok(format!("publish {id}")),
        ("DELETE", []) => Ok(format!("erase {id}")),
        ("DELETE", ["users", user]) => Ok(format!("remove {id} {user}")),
        ("POST", ["revoke"]) => Ok(format!("revoke {id}")),
        ("POST", ["key-epoch"]) => Ok(format!("key epoch {id}")),
        (_, [] | ["users", _] | ["revoke" | "key-epoch"]) => Err("method_not_allowed"),
        _ => Err("not_found"),
    }
}

/// P13.1.
fn expected_document(
    method: &str,
    project: &str,
    document: &str,
    upgrade: bool,
) -> Result<String, &'static str> {
    let asked = match method {
        "OPTIONS" => return Ok("preflight".into()),
        "GET" if upgrade => "Open",
        "GET" => "Read",
        "PUT" => "Seed",
        "DELETE" => "Erase",
        _ => return Err("method_not_allowed"),
    };
    let id = |segment| {
        String::from_utf8(percent_decode(segment)).ok().filter(|id: &String| is_project_id(id))
    };
    match (id(project), id(document)) {
        (Some(project), Some(document)) => Ok(format!("{asked} {project}/{document}")),
        (None, _) if asked == "Open" => Ok("connect to none: projectId".into()),
        (None, _) => Err("invalid_project_id"),
        _ if asked == "Open" => Ok("connect to none: docId".into()),
        _ => Err("invalid_doc_id"),
    }
}

fn one_verb(method: &str, wanted: &str, label: &str) -> Result<String, &'static str> {
    match method {
        "OPTIONS" => Ok("preflight".into()),
        _ if method == wanted => Ok(label.into()),
        _ => Err("method_not_allowed"),
    }
}

/// P8.2, P14.2.
fn removal(segment: &str, query: &str) {
    let user = String::from_utf8(percent_decode(segment)).ok().filter(|user| is_user_id(user));
    let given = form_decode(query).into_iter().find(|(name, _)| name == "for");
    let seconds = given.map_or(Some(0), |(_, seconds)| {
        number(&seconds).filter(|seconds| (1..=31_536_000).contains(seconds))
    });
    let given = form_decode(query).into_iter().find(|(name, _)| name == "minKeyEpoch");
    let epoch = given.map_or(Some(0), |(_, digits)| {
        number(&digits).filter(|epoch| *epoch <= u32::MAX.into() && !digits.starts_with('0'))
    });
    let expected = user.zip(seconds).zip(epoch);
    let Ok(removal) = Removal::parse(segment, query) else {
        assert_eq!(expected, None, "refused");
        return;
    };
    let who = (removal.user_id.to_string(), removal.refuse_ms / 1_000);
    let got = (who, u64::from(removal.min_key_epoch));
    assert_eq!(Some(got), expected);
    assert_eq!(Removal::from_header(&removal.to_header()), Some(removal));
}

/// The text is an internal header.
fn internal(text: &str) {
    let values = form_decode(text);
    let decoded: Vec<_> = internal_header::decode(text).collect();
    assert!(
        decoded
            .iter()
            .map(|(a, b)| (a.as_ref(), b.as_ref()))
            .eq(values.iter().map(|(name, value)| (name.as_str(), value.as_str())))
    );
    let there = || values.iter().filter(|(_, value)| !value.is_empty());
    let pairs: Vec<_> = there().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let header = internal_header::encode(&pairs);
    assert!(header.bytes().all(|byte| byte.is_ascii_graphic()), "{header}");
    assert!(form_decode(&header).iter().eq(there()));
    if let Some(admission) = Admission::from_header(&header) {
        assert_eq!(Admission::from_header(&admission.to_header()), Some(admission));
    }
    if let Some(removal) = Removal::from_header(&header) {
        assert_eq!(Removal::from_header(&removal.to_header()), Some(removal));
    }
    if let Some(DocumentCall::Open(Opening { admission, may_write, is_encrypted })) =
        DocumentCall::from_header(&header)
    {
        let text = call::open(&admission, may_write, is_encrypted);
        let opening = Opening { admission, may_write, is_encrypted };
        assert_eq!(DocumentCall::from_header(&text), Some(DocumentCall::Open(opening)));
    }
    if let Some(errand) = Errand::from_header(&header) {
        assert_eq!(Errand::from_header(&errand.to_header()), Some(errand));
    }
}

/// The text is the attachment of a socket.
fn attachment(text: &str) {
    let Some(attachment) = Attachment::parse(text) else { return };
    let lines: Vec<&str> = text.split('\n').collect();
    let member = &attachment.member;
    let user = member.user.as_ref();
    assert_eq!(member.connection_id.as_str(), lines[3]);
    assert_eq!(user.map(|user| user.id.as_str()), Some(lines[4]).filter(|id| is_user_id(id)));
    assert_eq!(member.is_present, lines.get(6) != Some(&"l"));
    assert!(user.is_none_or(|user| user.verified == member.token.is_some()));
    let kept = attachment.to_text();
    assert!(kept.len() <= 16_384, "the runtime attaches no more");
    assert_eq!(Attachment::parse(&kept), Some(attachment));
}

/// The text is the head of a request, one line per field.
fn request_head(text: &str) {
    let head = RequestHead::parse(text);
    let line = |place| text.split('\n').nth(place).unwrap_or_default();
    assert_eq!([head.method, head.url, head.upgrade], [line(0), line(1), line(2)]);
    assert_eq!([head.authorization, head.idempotency_key], [line(3), line(5)]);
    assert_eq!([head.websocket_version, head.websocket_protocol], [line(7), line(8)]);
    if let Some(length) = head.content_length() {
        assert_eq!(number(line(4)), Some(length as u64));
    }
}
