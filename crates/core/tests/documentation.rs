//! The docs say what the registries in Rust say: a code, a limit or a default stands in one place.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use validiant_core::close_code::{Advice, CloseCode};
use validiant_core::error_code::ErrorCode;
use validiant_core::settings::{
    ALLOWED_ORIGINS, BROADCAST_SECRET, BROADCAST_SECRET_PREVIOUS, CONNECT_AUTH,
    CONNECTS_PER_MINUTE, JWT_SECRET, LOG_LEVEL, LogLevel, NUMBERS,
};

fn path(relative: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(relative)
}

fn read(relative: &str) -> String {
    fs::read_to_string(path(relative)).unwrap_or_else(|error| panic!("{relative}: {error}"))
}

fn assert_has(file: &str, text: &str, wanted: &str) {
    assert!(text.contains(wanted), "{file} lacks: {wanted}");
}

#[test]
fn every_error_code_has_a_page_with_its_status_and_message() {
    let index = read("docs/errors/README.md");
    for ErrorCode { code, status, message } in ErrorCode::ALL {
        let file = format!("docs/errors/{code}.md");
        let page = read(&file);
        assert_has(&file, &page, &format!("# `{code}`"));
        assert_has(&file, &page, &format!("> {message}\n"));
        let (carried, column) = match status {
            Some(status) => (format!("HTTP {status}."), status.to_string()),
            None => ("an `ERROR` frame".to_owned(), "frame".to_owned()),
        };
        assert_has(&file, &page, &format!("Carried by {carried}"));
        assert_has("index", &index, &format!("| [`{code}`]({code}.md) | {column} | {message} |"));
    }
}

#[test]
fn every_close_code_has_a_page_with_its_name_and_advice() {
    let index = read("docs/errors/README.md");
    for code in CloseCode::ALL {
        let CloseCode { number, name, retry_after_ms, .. } = code;
        let advice = match code.advice() {
            Advice::Stop => "stop",
            Advice::RefreshToken => "fetch a fresh token, then come back",
            Advice::Later => "come back later",
        };
        let file = format!("docs/errors/{number}.md");
        let page = read(&file);
        assert_has(&file, &page, &format!("# {number} `{name}`\n\nA close code: {advice}."));
        if let Some(ms) = retry_after_ms {
            assert_has(&file, &page, &format!("`\"retryAfterMs\":{ms}`"));
        }
        assert_has("index", &index, &format!("| [{number}]({number}.md) | `{name}` | {advice} |"));
    }
}

#[test]
fn no_page_is_about_a_code_that_does_not_exist() {
    let codes = ErrorCode::ALL.iter().map(|code| code.code.to_owned());
    let closes = CloseCode::ALL.iter().map(|code| code.number.to_string());
    let known: BTreeSet<_> = codes.chain(closes).chain(["README".to_owned()]).collect();
    for page in fs::read_dir(path("docs/errors")).unwrap() {
        let name = page.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned();
        assert!(known.contains(&name), "docs/errors/{name}.md");
    }
}

#[test]
fn the_readme_lists_every_setting_with_default_and_bounds() {
    let readme = read("README.md");
    for setting in NUMBERS {
        let (name, default) = (setting.name, setting.default);
        let row = format!(
            "| `{name}` | {default} | {} to {} {} | {} |",
            setting.min, setting.max, setting.unit, setting.purpose
        );
        assert_has("README.md", &readme, &row);
    }
    assert_has("README.md", &readme, &format!("| `{LOG_LEVEL}` | info | {} |", LogLevel::VALUES));
    for secret in
        [BROADCAST_SECRET, BROADCAST_SECRET_PREVIOUS, CONNECT_AUTH, ALLOWED_ORIGINS, JWT_SECRET]
    {
        assert_has("README.md", &readme, &format!("| `{secret}` | "));
    }
}

#[test]
fn wrangler_toml_has_every_variable_with_its_default_and_what_it_is_for() {
    let wrangler = read("wrangler.toml");
    for setting in NUMBERS {
        let entry = format!(
            "# {} In {}, {} to {}.\n{} = \"{}\"",
            setting.purpose, setting.unit, setting.min, setting.max, setting.name, setting.default
        );
        assert_has("wrangler.toml", &wrangler, &entry);
    }
    assert_has("wrangler.toml", &wrangler, &format!("{LOG_LEVEL} = \"info\""));
    for secret in [BROADCAST_SECRET, JWT_SECRET] {
        assert_has("wrangler.toml", &wrangler, &format!("#   {secret} "));
    }
    let connects = format!("simple = {{ limit = {}, period = 60 }}", CONNECTS_PER_MINUTE.default);
    assert_has("wrangler.toml", &wrangler, &connects);
    // With a section of secrets wrangler would take nothing else from .dev.vars, CONNECT_AUTH neither.
    assert!(!wrangler.lines().any(|line| line.trim() == "[secrets]"));
}
