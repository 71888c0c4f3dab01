use proptest::prelude::*;

use super::*;

const URL: &str = "https://rt.example.com/parties/main/p1?x=https://evil.example";

fn parse(list: &str) -> Result<Origins, String> {
    Origins::parse(&list.split(',').collect::<Vec<_>>())
}

fn allows(list: &str, origin: &str) -> bool {
    parse(list).unwrap().allow(origin, URL)
}

#[test]
fn p10_6_a_page_of_an_origin_in_the_list_may_and_no_other() {
    let list = "https://app.example.com, http://localhost:5173";
    for origin in ["https://app.example.com", "HTTPS://App.Example.com", "http://localhost:5173"] {
        assert!(allows(list, origin), "{origin}");
    }
    for origin in [
        "http://app.example.com",
        "https://app.example.com:8443",
        "https://app.example.com.evil.example",
        "https://evil.example/https://app.example.com",
        "https://example.com",
        "null",
        "https://",
    ] {
        assert!(!allows(list, origin), "{origin}");
    }
}

#[test]
fn p10_6_apps_in_web_views_and_extensions_can_be_listed() {
    for origin in [
        "capacitor://localhost",
        "ionic://localhost",
        "tauri://localhost",
        "http://tauri.localhost",
        "app://bundle",
        "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
        "moz-extension://0f5c2a5e-8f5b-4f0e-9f5a-2b1d6c7e8f90",
        "http://[::1]:5173",
    ] {
        assert!(allows(origin, origin), "{origin}");
        assert!(!allows("https://app.example.com", origin), "{origin}");
    }
}

#[test]
fn p10_6_a_wildcard_is_for_one_label_or_more_and_never_for_the_bare_domain() {
    let list = "https://*.preview.app.test";
    for origin in [
        "https://pr-1.preview.app.test",
        "https://a.b.preview.app.test",
        "https://PR-1.Preview.App.Test",
        "https://pr-1.preview.app.test:443",
    ] {
        assert!(allows(list, origin), "{origin}");
    }
    for origin in [
        "https://preview.app.test",
        "https://.preview.app.test",
        "https://evilpreview.app.test",
        "http://pr-1.preview.app.test",
        "https://pr-1.preview.app.test:8443",
        "https://pr-1.preview.app.test.evil.example",
        "https://evil.example/.preview.app.test",
        "https://evil.example:x.preview.app.test",
        "https://evil@x.preview.app.test",
    ] {
        assert!(!allows(list, origin), "{origin}");
    }
}

#[test]
fn p10_6_a_slash_at_the_end_and_the_scheme_s_own_port_make_no_difference() {
    for (entry, origin) in [
        ("https://app.example.com/", "https://app.example.com"),
        ("https://app.example.com:443", "https://app.example.com"),
        ("http://app.example.com:80/", "http://app.example.com"),
        ("https://app.example.com", "https://app.example.com:443"),
    ] {
        assert!(allows(entry, origin), "{entry} {origin}");
    }
    assert!(!allows("https://app.example.com:80", "https://app.example.com"));
}

#[test]
fn p10_6_a_client_that_is_not_a_page_may_and_so_may_the_server_s_own_origin() {
    for origin in ["", "https://rt.example.com", "http://rt.example.com"] {
        assert!(allows("https://app.example.com", origin), "{origin}");
    }
    for origin in [
        "https://rt.example.com/",
        "https://x@rt.example.com",
        "rt.example.com",
        "capacitor://rt.example.com",
        "https://rt.example.com:8443",
    ] {
        assert!(!allows("https://app.example.com", origin), "{origin}");
    }
}

#[test]
fn p10_6_a_star_allows_any_origin_and_must_be_the_only_entry() {
    assert_eq!(parse(" * "), Ok(Origins::Any));
    assert!(allows("*", "null"));
    assert!(parse("*, https://app.example.com").unwrap_err().starts_with("entry 1 is *"));
}

#[test]
fn p10_6_an_invalid_entry_is_reported_with_what_is_wrong() {
    for (entry, wrong) in [
        ("", "is empty"),
        ("app.example.com", "has no scheme"),
        ("localhost:5173", "has no scheme"),
        ("null", "is null"),
        ("https://app.example.com/x", "has a path"),
        ("https://app.example.com//", "has a path"),
        ("https://app.example.com?x", "has a path"),
        ("https://*", "has a *"),
        ("https://*.com", "has a * that covers too much"),
        ("https://a.*.example.com", "has a *"),
        ("https://pr-*.example.com", "has a *"),
        ("capacitor://*.example.com", "has a * that covers too much"),
        ("ws://app.example.com", "begins with ws"),
        ("file://", "is a file"),
        ("htps://app.example.com", "begins with a misspelt https"),
        ("https://", "has no valid host"),
        ("https://a b.example", "has no valid host"),
        ("https://me@app.example.com", "has no valid host"),
        ("https://app.example.com:99999", "has no valid host"),
        ("https://bücher.example", "has non-ASCII letters"),
    ] {
        let problem = parse(&format!("https://ok.example,{entry}")).unwrap_err();
        assert!(problem.starts_with(&format!("entry 2 {wrong}")), "{entry}: {problem}");
    }
    assert!(Origins::parse(&[] as &[&str]).is_err());
}

proptest! {
    #[test]
    fn no_text_panics(list in ".{0,60}", origin in ".{0,60}", url in ".{0,60}") {
        if let Ok(origins) = parse(&list) {
            let _ = origins.allow(&origin, &url);
        }
    }

    #[test]
    fn p10_6_no_origin_gets_by_a_wildcard_but_one_below_its_domain(before in "[a-zA-Z0-9.:/@_-]{0,12}") {
        let origin = format!("https://{before}preview.app.test");
        let labels = before.strip_suffix('.').unwrap_or_default();
        let is_below = labels.split('.').all(|label| {
            !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        });
        prop_assert_eq!(allows("https://*.preview.app.test", &origin), is_below);
    }

    #[test]
    fn p10_6_an_origin_that_differs_in_a_byte_is_another(at in 0..23_usize, byte in b'!'..=b'~') {
        let listed = "https://app.example.com";
        let mut other = listed.as_bytes().to_vec();
        other[at] = byte;
        let other = String::from_utf8(other).unwrap();
        prop_assert_eq!(allows(listed, &other), other.eq_ignore_ascii_case(listed));
    }
}
