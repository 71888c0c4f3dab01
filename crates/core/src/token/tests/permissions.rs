//! What a token allows, also one of another issuer (P9.4).

use serde_json::{Value, json};

use crate::names::ProjectId;
use crate::wire::reason::Reason;

use super::*;

/// What the claims of a token allow in a project.
fn allowed(fields: Value, rules: &Rules, project: &str) -> Vec<&'static str> {
    let text = encode(r#"{"alg":"HS256"}"#, &fields.to_string());
    let (claims, project) =
        (Token::parse(&text, rules).unwrap().claims, ProjectId::parse(project).unwrap());
    let known = Permission::ALL.into_iter().filter(|known| claims.allows(*known, &project));
    known.map(Permission::name).collect()
}

const USUAL: [&str; 2] = ["subscribe", "presence"];
const NOTHING: [&str; 0] = [];

#[test]
fn p9_4_a_token_allows_what_it_says_in_the_projects_that_it_names() {
    let allowed = |fields: Value, project| allowed(fields, &Rules::default(), project);
    assert_eq!(allowed(json!({}), "p"), NOTHING);
    assert_eq!(allowed(json!({ "projects": ["p"] }), "p"), USUAL);
    assert_eq!(allowed(json!({ "projects": ["p"] }), "q"), NOTHING);
    assert_eq!(allowed(json!({ "projects": "*" }), "q"), USUAL);
    let publisher = json!({ "projects": ["p", "q"], "permissions": ["publish", "someday"] });
    assert_eq!(allowed(publisher.clone(), "q"), ["publish"]);
    assert_eq!(allowed(publisher, "r"), NOTHING);
    let by_project =
        json!({ "projects": "*", "permissions": { "p": ["publish"], "*": ["subscribe"] } });
    assert_eq!(allowed(by_project.clone(), "p"), ["publish"]);
    assert_eq!(allowed(by_project, "q"), ["subscribe"]);
}

#[test]
fn p13_2_documents_must_be_named_and_to_write_includes_to_read() {
    let allowed = |list: Value| {
        allowed(json!({ "projects": ["p"], "permissions": list }), &Rules::default(), "p")
    };
    assert_eq!(allowed(json!(["doc:read"])), ["doc:read"]);
    assert_eq!(allowed(json!(["doc:write"])), ["doc:read", "doc:write"]);
    assert_eq!(allowed(json!(["subscribe", "doc:write"])), ["subscribe", "doc:read", "doc:write"]);
    assert_eq!(allowed(json!(["publish", "doc"])), ["publish"]);
}

#[test]
fn p9_4_unreadable_projects_count_as_none() {
    for odd in [json!(1), json!({}), json!([1]), json!([{ "id": "p" }]), json!(null)] {
        assert_eq!(allowed(json!({ "projects": odd }), &Rules::default(), "p"), NOTHING);
    }
}

#[test]
fn p9_4_permissions_of_a_provider_that_name_nothing_of_ours_count_as_absent() {
    for theirs in [
        json!([]),
        json!(["posts:read", "Publish", "subscribe:all"]),
        json!("read write"),
        json!(""),
        json!(null),
        json!(7),
        json!(true),
        json!([7, { "rsname": "photos", "scopes": ["publish"] }, ["publish"]]),
        json!({}),
        json!({ "posts": ["read"] }),
        json!({ "posts": { "publish": true } }),
        json!(["send"]),
        json!("mail:read send"),
        json!({ "mail": ["send"] }),
    ] {
        let fields = json!({ "projects": ["p"], "permissions": theirs });
        assert_eq!(allowed(fields.clone(), &Rules::default(), "p"), USUAL, "{fields}");
    }
}

#[test]
fn p9_4_permissions_in_which_there_is_something_of_ours_are_ours_and_say_all() {
    for (ours, expected) in [
        (json!(["posts:read", "subscribe"]), vec!["subscribe"]),
        (json!(["publish", 7]), vec!["publish"]),
        (json!(["doc:read"]), vec!["doc:read"]),
        (json!({ "mail": ["doc:write"], "p": ["doc:read"] }), vec!["doc:read"]),
        (json!("publish posts:read"), vec!["publish"]),
        (json!({ "p": [], "*": ["subscribe"] }), vec![]),
        (json!({ "p": [] }), vec![]),
        (json!({ "*": [] }), vec![]),
        (json!({ "q": ["publish"] }), vec![]),
        (json!({ "p": "publish" }), vec!["publish"]),
        (json!({ "p": 7 }), vec![]),
        (json!(["send", "subscribe"]), vec!["subscribe", "send"]),
        (json!({ "p": ["send"] }), vec!["send"]),
    ] {
        let fields = json!({ "projects": ["p"], "permissions": ours });
        assert_eq!(allowed(fields.clone(), &Rules::default(), "p"), expected, "{fields}");
    }
}

fn under(prefix: &str) -> Rules {
    let claims_prefix = ClaimsPrefix::parse(prefix.to_owned());
    assert!(claims_prefix.is_some(), "{prefix}");
    Rules { claims_prefix, ..Rules::default() }
}

#[test]
fn p9_4_claims_under_the_prefix_count_before_the_plain_names() {
    for (prefix, ours) in [
        (
            "https://app.test/",
            json!({ "https://app.test/projects": "p", "https://app.test/permissions": ["publish"], "https://app.test/name": "Ann" }),
        ),
        (
            "app_metadata.",
            json!({ "app_metadata": { "projects": ["p"], "permissions": ["publish"], "name": "Ann" } }),
        ),
        (
            "a.b.",
            json!({ "a": { "b": { "projects": ["p"], "permissions": ["publish"], "name": "Ann" } } }),
        ),
        (
            "extn.",
            json!({ "extn.projects": ["p"], "extn.permissions": ["publish"], "extn.name": "Ann" }),
        ),
    ] {
        let mut fields = json!({ "sub": "ann", "name": "a@app.test", "projects": "*", "permissions": ["subscribe"] });
        fields.as_object_mut().unwrap().extend(ours.as_object().unwrap().clone());
        let rules = under(prefix);
        assert_eq!(allowed(fields.clone(), &rules, "p"), ["publish"], "{prefix}");
        assert_eq!(allowed(fields.clone(), &rules, "q"), NOTHING, "{prefix}");
        let text = encode(r#"{"alg":"HS256"}"#, &fields.to_string());
        let name = Token::parse(&text, &rules).unwrap().claims.user().unwrap().name;
        assert_eq!(name.unwrap().as_str(), "Ann", "{prefix}");
    }
}

#[test]
fn p9_4_without_claims_under_the_prefix_the_plain_names_count() {
    for prefix in ["https://app.test/", "app_metadata.", "a.b."] {
        for other in [json!(null), json!(7), json!({}), json!({ "b": [] }), json!({ "b": null })] {
            let fields = json!({ "projects": "p", "a": other, "app_metadata": other });
            assert_eq!(allowed(fields, &under(prefix), "p"), USUAL, "{prefix}");
        }
    }
}

#[test]
fn p9_4_with_projects_under_the_prefix_a_provider_s_own_permissions_grant_nothing() {
    let fields = json!({ "x/projects": "p", "permissions": ["publish"], "projects": "*" });
    assert_eq!(allowed(fields.clone(), &under("x/"), "p"), USUAL);
    assert_eq!(allowed(fields, &under("x/"), "q"), NOTHING);
    let fields = json!({ "x/permissions": ["publish"], "projects": "*" });
    assert_eq!(allowed(fields, &under("x/"), "p"), NOTHING);
}

#[test]
fn p9_4_claims_under_the_prefix_are_ours_alone_and_must_be_valid() {
    let rules = under("x/");
    let read = |claims: &str| {
        let text = encode(r#"{"alg":"HS256"}"#, claims);
        Token::parse(&text, &rules).map(|_| ())
    };
    for wrong in [
        r#"{"x/projects":7}"#,
        r#"{"x/projects":[7]}"#,
        r#"{"x/projects":{}}"#,
        r#"{"x/permissions":"publish"}"#,
        r#"{"x/permissions":{"p":"publish"}}"#,
        r#"{"x/permissions":[null]}"#,
        r#"{"x/projects":"p","x/projects":"*"}"#,
    ] {
        assert_eq!(read(wrong), Err(TokenError::Claims), "{wrong}");
    }
    let fields = json!({ "x/projects": "p", "x/permissions": [] });
    assert_eq!(allowed(fields, &rules, "p"), NOTHING);
    let fields = json!({ "x/projects": "p", "x/permissions": null });
    assert_eq!(allowed(fields, &rules, "p"), USUAL);
}

#[test]
fn p6_2_what_a_token_does_not_allow_is_named() {
    let fields = claims(&json!({ "projects": ["p"], "permissions": ["publish"] })).unwrap();
    let [p, q] = ["p", "q"].map(|id| ProjectId::parse(id).unwrap());
    assert_eq!(fields.may(Permission::Subscribe, &q), Err(Reason::Projects));
    assert_eq!(fields.may(Permission::Subscribe, &p), Err(Reason::Permissions));
    assert_eq!(fields.may(Permission::Publish, &p), Ok(()));
}
