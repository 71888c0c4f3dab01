//! Maps a method and a URL to a route (P1).

use percent_encoding::percent_decode_str;

use crate::names::{DocId, ProjectId};
use crate::wire::error_code::ErrorCode;
use crate::wire::reason::Reason;

/// A longer URL is refused before it is parsed.
pub const MAX_URL_BYTES: usize = 16_384;

/// What a request asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Route<'a> {
    /// Is the server configured?
    Health,
    /// A browser asks before a cross-origin request.
    Preflight,
    /// A socket in the project's room.
    Connect(ProjectId),
    /// A socket for an invalid id; contains which.
    ConnectToNone(Reason),
    /// Broadcast to the room.
    Publish(ProjectId),
    /// Broadcast to the rooms named in the body.
    PublishToMany,
    /// The state of the room.
    State(ProjectId),
    /// Remove a user from the room; contains the path segment with their id.
    RemoveUser(ProjectId, &'a str),
    /// Erase the room.
    Erase(ProjectId),
    /// Revoke tokens for the room.
    Revoke(ProjectId),
    /// Raise the lowest key epoch of the room (P14.2).
    RaiseKeyEpoch(ProjectId),
    /// Something about a document of the project (P13.1).
    Document(ProjectId, DocId, DocumentRoute),
    /// A file of the console, if it is served here (P1.10).
    Console,
}

/// What a request asks of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentRoute {
    /// A socket.
    Open,
    /// Read it.
    Read,
    /// Give it its first content.
    Seed,
    /// Erase it.
    Erase,
}

/// A request that matches no route.
#[derive(Debug, PartialEq, Eq)]
pub struct RouteError {
    /// Why.
    pub code: ErrorCode,
    /// The value of the `Allow` header of a 405.
    pub allow: Option<&'static str>,
}

impl From<ErrorCode> for RouteError {
    fn from(code: ErrorCode) -> Self {
        Self { code, allow: None }
    }
}

/// The path and the query of an absolute URL, unchanged.
#[must_use]
#[inline(never)]
pub fn split_url(url: &str) -> (&str, &str) {
    // Not `split_once("://")`: substring search adds 2 KB that the first request would have to compile.
    let after_scheme = url.split_once(':').map_or(url, |(_, rest)| rest.trim_start_matches('/'));
    let without_fragment = after_scheme.split('#').next().unwrap_or_default();
    let (target, query) = without_fragment.split_once('?').unwrap_or((without_fragment, ""));
    let path = target.find('/').and_then(|slash| target.get(slash..)).unwrap_or("/");
    (path, query)
}

/// Finds the route of a request. `wants_upgrade`: it has the header `Upgrade: websocket`.
///
/// # Errors
/// An unknown path or party (404), a method that the path does not support (405), or an invalid project id (400).
#[inline(never)]
pub fn route<'a>(
    method: &str,
    path: &'a str,
    wants_upgrade: bool,
) -> Result<Route<'a>, RouteError> {
    // HEAD is answered like GET; the runtime leaves out the body (RFC 9110, 9.3.2).
    let (method, wants_upgrade) =
        if method == "HEAD" { ("GET", false) } else { (method, wants_upgrade) };
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    let project = match segments.next() {
        Some("health") if segments.next().is_none() => return health(method),
        Some("parties") => match segments.next() {
            Some("main") => match segments.next() {
                None => return many(method),
                project => project,
            },
            Some("docs") => {
                let ids = (segments.next(), segments.next(), segments.next());
                return document(method, ids, wants_upgrade);
            }
            Some(_) => return Err(ErrorCode::UNKNOWN_PARTY.into()),
            None => None,
        },
        Some("party") => segments.next(),
        None | Some("console") if method == "GET" && !wants_upgrade => return Ok(Route::Console),
        _ => None,
    };
    let project = project.ok_or(ErrorCode::NOT_FOUND)?;
    let below_the_room = (segments.next(), segments.next(), segments.next());
    if method == "OPTIONS" {
        return Ok(Route::Preflight);
    }
    let project = match project_id(project) {
        // A browser can see a close code, but not a status.
        Err(_) if method == "GET" && wants_upgrade => {
            return Ok(Route::ConnectToNone(Reason::ProjectId));
        }
        project => project?,
    };
    match (method, below_the_room) {
        ("GET", _) if wants_upgrade => Ok(Route::Connect(project)),
        ("GET", (None, ..)) => Ok(Route::State(project)),
        ("POST", (None, ..)) => Ok(Route::Publish(project)),
        ("DELETE", (None, ..)) => Ok(Route::Erase(project)),
        (_, (None, ..)) => Err(not_allowed("GET, HEAD, POST, DELETE, OPTIONS")),
        ("DELETE", (Some("users"), Some(user), None)) => Ok(Route::RemoveUser(project, user)),
        (_, (Some("users"), Some(_), None)) => Err(not_allowed("DELETE, OPTIONS")),
        ("POST", (Some("revoke"), None, _)) => Ok(Route::Revoke(project)),
        ("POST", (Some("key-epoch"), None, _)) => Ok(Route::RaiseKeyEpoch(project)),
        (_, (Some("revoke" | "key-epoch"), None, _)) => Err(not_allowed("POST, OPTIONS")),
        _ => Err(ErrorCode::NOT_FOUND.into()),
    }
}

/// The ids are the segments after the party. There must be two.
#[inline(never)] // Everything else does not wait until this is compiled.
fn document(
    method: &str,
    ids: (Option<&str>, Option<&str>, Option<&str>),
    wants_upgrade: bool,
) -> Result<Route<'static>, RouteError> {
    let (Some(project), Some(document), None) = ids else {
        return Err(ErrorCode::NOT_FOUND.into());
    };
    let asked = match method {
        "OPTIONS" => return Ok(Route::Preflight),
        "GET" if wants_upgrade => DocumentRoute::Open,
        "GET" => DocumentRoute::Read,
        "PUT" => DocumentRoute::Seed,
        "DELETE" => DocumentRoute::Erase,
        _ => return Err(not_allowed("GET, HEAD, PUT, DELETE, OPTIONS")),
    };
    match (project_id(project), doc_id(document)) {
        (Ok(project), Ok(document)) => Ok(Route::Document(project, document, asked)),
        // A browser can see a close code, but not a status.
        (Err(_), _) if asked == DocumentRoute::Open => Ok(Route::ConnectToNone(Reason::ProjectId)),
        _ if asked == DocumentRoute::Open => Ok(Route::ConnectToNone(Reason::DocId)),
        (Err(code), _) | (_, Err(code)) => Err(code.into()),
    }
}

fn many(method: &str) -> Result<Route<'static>, RouteError> {
    match method {
        "POST" => Ok(Route::PublishToMany),
        "OPTIONS" => Ok(Route::Preflight),
        _ => Err(not_allowed("POST, OPTIONS")),
    }
}

fn health(method: &str) -> Result<Route<'static>, RouteError> {
    match method {
        "GET" => Ok(Route::Health),
        "OPTIONS" => Ok(Route::Preflight),
        _ => Err(not_allowed("GET, HEAD, OPTIONS")),
    }
}

fn not_allowed(allow: &'static str) -> RouteError {
    RouteError { code: ErrorCode::METHOD_NOT_ALLOWED, allow: Some(allow) }
}

fn project_id(segment: &str) -> Result<ProjectId, ErrorCode> {
    let decoded =
        percent_decode_str(segment).decode_utf8().map_err(|_| ErrorCode::INVALID_PROJECT_ID)?;
    ProjectId::parse(&decoded).map_err(|_| ErrorCode::INVALID_PROJECT_ID)
}

fn doc_id(segment: &str) -> Result<DocId, ErrorCode> {
    let decoded =
        percent_decode_str(segment).decode_utf8().map_err(|_| ErrorCode::INVALID_DOC_ID)?;
    DocId::parse(&decoded).map_err(|_| ErrorCode::INVALID_DOC_ID)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(text: &str) -> ProjectId {
        ProjectId::parse(text).unwrap()
    }

    fn code(method: &str, path: &str, upgrade: bool) -> &'static str {
        route(method, path, upgrade).unwrap_err().code.code
    }

    #[test]
    fn p1_1_a_room_path_leads_to_the_three_verbs() {
        assert_eq!(route("GET", "/parties/main/p1", true), Ok(Route::Connect(id("p1"))));
        assert_eq!(route("POST", "/parties/main/p1", false), Ok(Route::Publish(id("p1"))));
        assert_eq!(route("GET", "/parties/main/p1", false), Ok(Route::State(id("p1"))));
    }

    #[test]
    fn p1_1_a_socket_may_ask_for_a_path_below_the_room_and_nothing_else_may() {
        assert_eq!(route("GET", "/parties/main/p1/a/b", true), Ok(Route::Connect(id("p1"))));
        assert_eq!(code("GET", "/parties/main/p1/a", false), "not_found");
        assert_eq!(code("POST", "/parties/main/p1/a", false), "not_found");
    }

    #[test]
    fn p1_2_doubled_and_trailing_slashes_and_the_alias_are_tolerated() {
        for path in ["//parties//main///p1", "/parties/main/p1/", "/party/p1", "/party//p1//"] {
            assert_eq!(route("POST", path, false), Ok(Route::Publish(id("p1"))), "{path}");
        }
        assert_eq!(route("GET", "//health/", false), Ok(Route::Health));
    }

    #[test]
    fn p1_3_a_project_id_is_percent_decoded_once() {
        assert_eq!(route("GET", "/party/a%3Ab", false), route("GET", "/party/a:b", false));
        assert_eq!(route("GET", "/party/a%253Ab", false), Ok(Route::State(id("a%3Ab"))));
        assert_eq!(route("GET", "/party/a+b", false), Ok(Route::State(id("a+b"))));
    }

    #[test]
    fn p1_3_an_id_that_is_not_valid_is_400() {
        let too_long = format!("/party/{}", "x".repeat(129));
        for path in ["/party/a%2Fb", "/party/%00", "/party/%C2%85", "/party/%FF", &too_long] {
            assert_eq!(code("POST", path, false), "invalid_project_id", "{path}");
            assert_eq!(code("POST", path, true), "invalid_project_id", "{path}");
            let to_none = Route::ConnectToNone(Reason::ProjectId);
            assert_eq!(route("GET", path, true), Ok(to_none), "{path}");
        }
    }

    #[test]
    fn p1_4_another_party_is_404_also_for_an_upgrade() {
        assert_eq!(code("GET", "/parties/other/p1", true), "unknown_party");
        assert_eq!(code("GET", "/parties", true), "not_found");
        assert_eq!(code("GET", "/", true), "not_found");
    }

    #[test]
    fn p1_10_the_console_is_at_the_root_and_its_files_are_below_a_name_of_their_own() {
        for path in ["/", "//", "/console", "/console/app.js"] {
            assert_eq!(route("GET", path, false), Ok(Route::Console), "{path}");
            assert_eq!(code("POST", path, false), "not_found");
            assert_eq!(code("GET", path, true), "not_found");
        }
        assert_eq!(code("GET", "/consoles", false), "not_found");
    }

    #[test]
    fn p1_5_a_wrong_method_is_405_with_allow() {
        for method in ["PUT", "PATCH"] {
            let refused = route(method, "/party/p1", false).unwrap_err();
            assert_eq!(refused.code, ErrorCode::METHOD_NOT_ALLOWED);
            assert_eq!(refused.allow, Some("GET, HEAD, POST, DELETE, OPTIONS"));
        }
        let health = route("POST", "/health", false).unwrap_err();
        assert_eq!(health.allow, Some("GET, HEAD, OPTIONS"));
        assert_eq!(route("GET", "/parties/main", true).unwrap_err().allow, Some("POST, OPTIONS"));
        let user = route("GET", "/party/p1/users/u", false).unwrap_err();
        assert_eq!(user.allow, Some("DELETE, OPTIONS"));
    }

    #[test]
    fn p1_5_head_is_answered_where_get_is() {
        for path in ["/health", "/party/p1", "/", "/console/app.js"] {
            for upgrade in [false, true] {
                assert_eq!(route("HEAD", path, upgrade), route("GET", path, false), "{path}");
            }
        }
        assert_eq!(code("HEAD", "/party/p1/users/u", false), "method_not_allowed");
    }

    #[test]
    fn p2_13_the_party_itself_takes_an_event_for_many_projects() {
        assert_eq!(route("POST", "/parties/main/", false), Ok(Route::PublishToMany));
        assert_eq!(code("POST", "/party", false), "not_found");
    }

    #[test]
    fn p8_1_a_user_of_a_room_can_be_removed() {
        let path = "/party/p1//users/a%2Fb/";
        assert_eq!(route("DELETE", path, false), Ok(Route::RemoveUser(id("p1"), "a%2Fb")));
        assert_eq!(route("GET", path, true), Ok(Route::Connect(id("p1"))));
        assert_eq!(code("DELETE", "/party/p1/users", false), "not_found");
        assert_eq!(code("DELETE", "/party/p1/users/u/x", false), "not_found");
    }

    #[test]
    fn p8_7_a_room_can_be_erased_and_a_missing_user_id_is_refused() {
        assert_eq!(route("DELETE", "/party/p1/", false), Ok(Route::Erase(id("p1"))));
        for path in ["/party/p1/users/", "/party/p1//users//", "/party/", "/parties/main/"] {
            assert!(route("DELETE", path, false).is_err(), "{path}");
        }
    }

    #[test]
    fn p14_2_the_key_epoch_of_a_room_is_raised_by_a_post() {
        let path = "/party/p1/key-epoch/";
        assert_eq!(route("POST", path, false), Ok(Route::RaiseKeyEpoch(id("p1"))));
        assert_eq!(route("PUT", path, false).unwrap_err().allow, Some("POST, OPTIONS"));
        assert_eq!(route("GET", path, true), Ok(Route::Connect(id("p1"))));
        assert_eq!(code("POST", "/party/p1/key-epoch/x", false), "not_found");
    }

    fn of_document(method: &str, path: &str, upgrade: bool) -> DocumentRoute {
        let doc = DocId::parse("d 1").unwrap();
        match route(method, path, upgrade) {
            Ok(Route::Document(project, document, asked))
                if (&project, &document) == (&id("p1"), &doc) =>
            {
                asked
            }
            other => panic!("{method} {path}: {other:?}"),
        }
    }

    #[test]
    fn p13_1_a_document_is_opened_read_seeded_and_deleted() {
        for path in ["/parties/docs/p1/d%201", "//parties/docs//p%31/d 1/"] {
            assert_eq!(of_document("GET", path, true), DocumentRoute::Open);
            assert_eq!(of_document("GET", path, false), DocumentRoute::Read);
            assert_eq!(of_document("HEAD", path, true), DocumentRoute::Read);
            assert_eq!(of_document("PUT", path, false), DocumentRoute::Seed);
            assert_eq!(of_document("DELETE", path, false), DocumentRoute::Erase);
            assert_eq!(route("OPTIONS", path, false), Ok(Route::Preflight));
        }
        let refused = route("POST", "/parties/docs/p1/d", false).unwrap_err();
        assert_eq!(refused.allow, Some("GET, HEAD, PUT, DELETE, OPTIONS"));
    }

    #[test]
    fn p13_1_a_document_without_an_id_or_with_a_path_below_it_is_404() {
        for path in
            ["/parties/docs", "/parties/docs/p1", "/parties/docs/p1/", "/parties/docs/p1/d/x"]
        {
            for (method, upgrade) in [("GET", true), ("GET", false), ("PUT", false)] {
                assert_eq!(code(method, path, upgrade), "not_found", "{path}");
            }
        }
        // The alias leads to rooms.
        assert_eq!(route("GET", "/party/docs/p1", true), Ok(Route::Connect(id("docs"))));
    }

    #[test]
    fn p13_1_a_document_id_is_as_valid_as_a_project_id() {
        let too_long = format!("/parties/docs/p1/{}", "x".repeat(129));
        for path in ["/parties/docs/p1/a%2Fb", "/parties/docs/p1/%00", &too_long] {
            let to_none = Route::ConnectToNone(Reason::DocId);
            assert_eq!(route("GET", path, true), Ok(to_none), "{path}");
            assert_eq!(code("GET", path, false), "invalid_doc_id", "{path}");
            assert_eq!(code("PUT", path, true), "invalid_doc_id", "{path}");
        }
        let both = "/parties/docs/a%2Fb/%00";
        assert_eq!(route("GET", both, true), Ok(Route::ConnectToNone(Reason::ProjectId)));
        assert_eq!(code("DELETE", both, false), "invalid_project_id");
    }

    #[test]
    fn p1_6_options_is_a_preflight_on_every_known_path() {
        for path in ["/health", "/party/p1", "/parties/main/p1/x", "/party/a%2Fb"] {
            assert_eq!(route("OPTIONS", path, false), Ok(Route::Preflight), "{path}");
        }
        assert_eq!(code("OPTIONS", "/nowhere", false), "not_found");
    }

    #[test]
    fn a_url_splits_into_path_and_query() {
        assert_eq!(split_url("http://h:1/a/b?c=d?e#f"), ("/a/b", "c=d?e"));
        assert_eq!(split_url("http://h/a?"), ("/a", ""));
        assert_eq!(split_url("http://h"), ("/", ""));
        assert_eq!(split_url("http://h?x/y"), ("/", "x/y"));
    }

    proptest! {
        #[test]
        fn p1_3_every_valid_id_is_reached_through_percent_encoding(text in "[^/\\p{Cc}]{1,32}") {
            let encoded: String = text.bytes().map(|b| format!("%{b:02X}")).collect();
            let path = format!("/parties/main/{encoded}");
            prop_assert_eq!(route("GET", &path, false), Ok(Route::State(id(&text))));
        }

        #[test]
        fn no_path_panics(method in "[A-Z]{0,8}", path in ".{0,200}", upgrade: bool) {
            let (path, _) = split_url(&path);
            let _ = route(&method, path, upgrade);
        }
    }
}
