use serde_json::{Map, Value as Json, json};

use super::*;

const KEY: &str = "a secret of at least 32 characters";

/// The values of this JSON as `environment.js` tells them, with the rooms and the documents bound.
fn read_json(values: &str) -> Settings {
    let values: Vec<(String, Json)> =
        serde_json::from_str::<Map<_, _>>(values).unwrap().into_iter().collect();
    let entry = |(name, value): (String, Json)| match value {
        Json::String(text) => json!([name, "text", text]),
        Json::Bool(_) | Json::Number(_) => json!([name, "bare", value.to_string()]),
        Json::Array(texts) => Json::Array([vec![name.into(), "list".into()], texts].concat()),
        Json::Object(_) => json!([name, "object", value.to_string()]),
        Json::Null => json!([name, "unreadable"]),
    };
    let bound = [ROOMS, DOCUMENTS].map(|name| json!([name, "binding"]));
    let entries: Vec<_> = values.into_iter().map(entry).chain(bound).collect();
    read_entries(&Json::Array(entries).to_string())
}

fn read_entries(json: &str) -> Settings {
    // Which keys can be used is for the runtime to say.
    Settings::read(&Environment::from_json(json), |jwks| match jwks {
        r#"{"keys":[]}"# => Some(0),
        r#"{"keys":[1]}"# => Some(1),
        _ => None,
    })
}

fn read(pairs: &[(&str, &str)]) -> Settings {
    let values: std::collections::BTreeMap<_, _> = pairs.iter().copied().collect();
    read_json(&serde_json::to_string(&values).unwrap())
}

/// What a server says that has all it needs but for these.
fn problems(more: &str) -> Vec<(&'static str, String)> {
    let settings = read_json(&format!(r#"{{"BROADCAST_SECRET":"s","JWT_SECRET":"{KEY}"{more}}}"#));
    settings
        .problems()
        .into_iter()
        .cloned()
        .map(|problem| (problem.setting, problem.problem))
        .collect()
}

fn names_of(problems: &[(&'static str, String)]) -> Vec<&'static str> {
    problems.iter().map(|(setting, _)| *setting).collect()
}

#[test]
fn every_default_is_within_its_own_bounds() {
    for setting in NUMBERS {
        assert!((setting.min..=setting.max).contains(&setting.default), "{}", setting.name);
    }
}

#[test]
fn a_missing_secret_is_a_problem_but_no_wrong_value() {
    let settings = read(&[]);
    assert!(settings.wrong.is_empty());
    assert_eq!(settings.problems()[0].setting, BROADCAST_SECRET);
}

#[test]
fn a_wrong_number_is_reported_by_name_and_never_by_value() {
    for wrong in ["-1", "1e3", "ten", "99999999", "3.5", " 5"] {
        let settings = read(&[
            ("PRESENCE_GRACE_SECONDS", wrong),
            ("BROADCAST_SECRET", "s"),
            ("CONNECT_AUTH", "open"),
            ("ALLOWED_ORIGINS", "*"),
        ]);
        let [problem] = settings.problems().try_into().unwrap();
        assert_eq!(problem.setting, "PRESENCE_GRACE_SECONDS");
        assert!(!problem.problem.contains(wrong.trim()), "{}", problem.problem);
    }
}

#[test]
fn a_wrong_secret_is_reported_once_and_not_shown() {
    let settings = read(&[("BROADCAST_SECRET", "with space"), ("JWT_SECRET", KEY)]);
    let [problem] = settings.problems().try_into().unwrap();
    assert_eq!(problem.setting, BROADCAST_SECRET);
    assert!(!format!("{problem:?}").contains("with space"));
}

#[test]
fn an_empty_value_counts_as_not_set() {
    assert_eq!(read(&[("MAX_PAYLOAD_BYTES", "")]).max_payload_bytes, 32_768);
}

fn policy(pairs: &[(&str, &str)]) -> (ConnectPolicy, Option<&'static str>) {
    let settings = read(pairs);
    let problem = settings.why_nobody_may_connect().map(|problem| problem.setting);
    (settings.connect_policy, problem)
}

#[test]
fn p9_1_who_may_connect_follows_from_the_keys_unless_it_is_said() {
    let key = ("JWT_SECRET", KEY);
    assert_eq!(policy(&[]), (ConnectPolicy::NotSet, Some(CONNECT_AUTH)));
    assert_eq!(policy(&[key]), (ConnectPolicy::Jwt, None));
    assert_eq!(
        policy(&[("CONNECT_AUTH", "open"), key, (ALLOWED_ORIGINS, "*")]),
        (ConnectPolicy::Open, None)
    );
    assert_eq!(policy(&[("CONNECT_AUTH", "jwt")]), (ConnectPolicy::Jwt, Some(JWT_SECRET)));
}

#[test]
fn p9_1_a_key_that_can_not_be_used_is_a_wrong_value_and_is_not_shown() {
    for (name, value) in [
        (JWT_SECRET, "short"),
        (JWT_SECRET_PREVIOUS, "short"),
        (JWKS_URL, "http://example.com/short"),
        (CONNECT_AUTH, "short"),
    ] {
        let settings = read(&[(name, value), (BROADCAST_SECRET, "s")]);
        assert_eq!(settings.wrong[0].setting, name);
        assert!(!format!("{settings:?}").contains("short"));
    }
}

#[test]
fn p10_6_without_tokens_the_origins_must_be_said() {
    let origins = |pairs: &[(&str, &str)]| {
        let settings = read(pairs);
        let missing = settings.why_nobody_may_connect().map(|problem| problem.setting);
        (settings.origins, missing)
    };
    let open = ("CONNECT_AUTH", "open");
    assert_eq!(origins(&[("JWT_SECRET", KEY)]), (Origins::Any, None));
    assert_eq!(origins(&[open]), (Origins::NotSet, Some(ALLOWED_ORIGINS)));
    assert_eq!(origins(&[open, (ALLOWED_ORIGINS, "*")]), (Origins::Any, None));
    let wrong = read(&[open, (ALLOWED_ORIGINS, "app.example.com")]);
    assert_eq!(wrong.wrong[0].setting, ALLOWED_ORIGINS);
    assert_eq!(wrong.why_nobody_may_connect(), None);
}

#[test]
fn p1_10_the_console_is_served_only_where_it_is_said() {
    let console = |value| read(&[(CONSOLE, value)]).console;
    assert!(console("on"));
    assert!(!console("off") && !console("") && !read(&[]).console);
    assert_eq!(read(&[(CONSOLE, "yes")]).wrong[0].setting, CONSOLE);
}

#[test]
fn values_are_taken() {
    let settings = read(&[
        ("PRESENCE_GRACE_SECONDS", "0"),
        ("LOG_LEVEL", "off"),
        ("BROADCAST_SECRET", "a"),
        ("BROADCAST_SECRET_PREVIOUS", "b"),
        ("CONNECT_AUTH", "open"),
        ("ALLOWED_ORIGINS", "https://app.example.com"),
    ]);
    assert_eq!(settings.presence_grace_ms, 0);
    assert_eq!(settings.log_level, LogLevel::Off);
    assert!(settings.problems().is_empty());
    assert!(settings.secrets.previous.is_some());
}

#[test]
fn p9_2_public_keys_count_only_with_an_audience_or_an_issuer() {
    let url = (JWKS_URL, "https://id.example.com/jwks.json");
    let rules = |more: &[(&str, &str)]| {
        let settings = read(&[&[url], more].concat());
        let missing = settings.why_nobody_may_connect().map(|problem| problem.setting);
        (settings.token_keys.jwks_url.is_some(), missing)
    };
    assert_eq!(rules(&[]), (false, Some(JWT_AUDIENCE)));
    assert_eq!(rules(&[("JWT_SECRET", KEY)]), (false, Some(JWT_AUDIENCE)));
    assert_eq!(
        rules(&[(CONNECT_AUTH, "open"), (ALLOWED_ORIGINS, "*")]),
        (false, Some(JWT_AUDIENCE))
    );
    assert_eq!(rules(&[(JWT_AUDIENCE, "realtime")]), (true, None));
    assert_eq!(rules(&[(JWT_ISSUER, "https://id.example.com")]), (true, None));
}

#[test]
fn p1_8_numbers_booleans_and_lists_of_wrangler_toml_are_read() {
    let settings = read_json(
        r#"{"MAX_PAYLOAD_BYTES":65536,"CONSOLE":true,"JWT_AUDIENCE":["a","b,c"],"JWT_ISSUER":"d,e",
            "ALLOWED_ORIGINS":["https://app.test"]}"#,
    );
    assert!(settings.wrong.is_empty(), "{:?}", settings.wrong);
    assert_eq!(settings.max_payload_bytes, 65_536);
    assert!(settings.console);
    assert_eq!(settings.token_rules.audience, ["a", "b,c"]);
    assert_eq!(settings.token_rules.issuer, ["d,e"]);
    assert!(matches!(settings.origins, Origins::Listed(_)));
    assert!(!read_json(r#"{"CONSOLE":false}"#).console);
}

#[test]
fn p1_8_what_is_there_and_can_not_be_read_is_wrong_for_every_setting() {
    for name in names() {
        for value in ["{}", "null", "[]"] {
            let problems = problems(&format!(r#","NAME":1,"{name}":{value}"#));
            assert_eq!(names_of(&problems), [name], "{name} {value}: {problems:?}");
        }
    }
}

#[test]
fn p1_8_a_secret_without_quotes_may_be_another_one_than_it_seems() {
    for name in [BROADCAST_SECRET, BROADCAST_SECRET_PREVIOUS, JWT_SECRET, JWT_SECRET_PREVIOUS] {
        assert_eq!(names_of(&problems(&format!(r#","{name}":true"#))), [name]);
    }
}

#[test]
fn p1_8_a_key_set_may_be_an_object_and_is_understood_when_it_is_read() {
    let problems = |jwks: &str| problems(&format!(r#","JWT_AUDIENCE":"a","JWKS":{jwks}"#));
    assert_eq!(problems(r#"{"keys":[1]}"#), []);
    assert_eq!(problems(r#""{\"keys\":[1]}""#), []);
    for wrong in [r#""nonsense""#, r#"{"keys":[]}"#, r#"["a"]"#, "7", "null"] {
        assert_eq!(names_of(&problems(wrong)), [JWKS], "{wrong}");
    }
}

#[test]
fn p1_8_a_misspelt_name_is_a_problem_that_suggests_the_near_one() {
    let problems = problems(r#","LOG_LEVLE":"warn","DATABASE_URL":"x""#);
    let [(LOG_LEVEL, problem)] = problems.as_slice() else { panic!("{problems:?}") };
    assert!(problem.contains("LOG_LEVLE"));
}

#[test]
fn p1_8_a_wrong_value_has_no_follow_on_problem() {
    for (values, only) in [
        (r#"{"BROADCAST_SECRET":"s","CONNECT_AUTH":"opne"}"#, CONNECT_AUTH),
        (r#"{"BROADCAST_SECRET":"s","JWT_SECRET":"short"}"#, JWT_SECRET),
        (r#"{"BROADCAST_SECRET":"s","CONNECT_AUTH":"jwt","JWKS_URL":"ftp://x"}"#, JWKS_URL),
        (r#"{"BROADCAST_SECRET":"s","CONNECT_AUHT":"jwt"}"#, CONNECT_AUTH),
        (
            r#"{"BROADCAST_SECERT":"s","CONNECT_AUTH":"open","ALLOWED_ORIGINS":"*"}"#,
            BROADCAST_SECRET,
        ),
        (
            r#"{"BROADCAST_SECRET":"s","CONNECT_AUTH":"open","ALLOWED_ORIGINS":"app"}"#,
            ALLOWED_ORIGINS,
        ),
        (r#"{"BROADCAST_SECRET":"s","JWKS_URL":"https://x","JWT_AUDIENCE":{}}"#, JWT_AUDIENCE),
    ] {
        let settings = read_json(values);
        let named: Vec<_> = settings.problems().iter().map(|problem| problem.setting).collect();
        assert_eq!(named, [only], "{values}");
    }
}

#[test]
fn p1_8_a_rate_limiter_that_is_none_and_objects_that_are_not_bound_are_wrong() {
    for name in [CONNECTS, ASSETS] {
        assert_eq!(names_of(&problems(&format!(r#","{name}":"600""#))), [name]);
    }
    let unbound = read_entries("[]").wrong;
    assert_eq!([unbound[0].setting, unbound[1].setting], [ROOMS, DOCUMENTS]);
    assert!(read_entries("not JSON").wrong.len() > names().count());
    let limited =
        read_entries(r#"[["ROOMS","binding"],["DOCUMENTS","binding"],["CONNECTS","binding"]]"#);
    assert_eq!(limited.limits.connects_per_minute, Some(600));
}

#[test]
fn p9_1_a_key_set_is_fetched_from_nowhere_that_others_can_listen_to() {
    for url in [
        "http://localhost.evil.example/jwks",
        "http://id.example.com/jwks",
        "https://",
        "https:///jwks",
        "https://me:secret@id.example.com/jwks",
        "https://id.example.com/a b",
        "https://id.example.com:port/",
        "id.example.com",
    ] {
        assert_eq!(read(&[(JWKS_URL, url)]).wrong[0].setting, JWKS_URL, "{url}");
    }
    for url in [
        "https://id.example.com",
        "http://localhost:8080/jwks",
        "http://127.0.0.1/jwks",
        "https://[::1]:1/",
    ] {
        assert_eq!(read(&[(JWKS_URL, url)]).wrong, [], "{url}");
    }
}

#[test]
fn p9_4_a_prefix_of_claims_says_where_the_names_begin() {
    let prefix = |value: &str| {
        let settings = read(&[(JWT_CLAIMS_PREFIX, value), (JWT_SECRET, KEY)]);
        (settings.token_rules.claims_prefix.is_some(), settings.wrong.len())
    };
    assert_eq!(prefix(""), (false, 0));
    for right in ["https://app.test/", "app_metadata.", "a.b.", "extn.", "custom:", "rt_"] {
        assert_eq!(prefix(right), (true, 0), "{right}");
    }
    let long = "x".repeat(256) + "/";
    for wrong in ["https://app.test", "app metadata.", ".", "a..", ".a.", "é/", " ", &long] {
        assert_eq!(prefix(wrong), (false, 1), "{wrong}");
    }
}

#[test]
fn p1_11_a_base_path_of_another_form_is_a_wrong_value() {
    let base = |value| read(&[(BASE_PATH, value)]).base_path;
    assert_eq!(base("/realtime").unwrap().as_str(), "/realtime");
    assert_eq!(base(""), None);
    for wrong in ["realtime", "/", "/realtime/", "https://example.com/realtime"] {
        assert_eq!(read(&[(BASE_PATH, wrong)]).wrong[0].setting, BASE_PATH, "{wrong}");
    }
}

#[test]
fn p13_a_document_is_told_the_settings_that_it_needs() {
    let text = read(&[
        (DOCUMENT_MAX_BYTES.name, "65536"),
        (DOCUMENT_CHANGED_EVENTS, "on"),
        (USER_SOCKETS_MAX.name, "3"),
        (CLIENT_DELIVERIES_PER_SECOND.name, "70"),
        (LOG_LEVEL, "warn"),
    ])
    .for_documents();
    let expected = "tokenGraceMs=30000\nstaleMs=90000\nmessagesPerSecond=20\nmessageBurst=40\n\
                    deliveriesPerSecond=70\ndeliveryBurst=2000\nuserSockets=3\nroomSockets=30000\n\
                    documentMaxBytes=65536\nchangedEvents=1\nlogLevel=warn\n";
    assert_eq!(text, expected);
}
