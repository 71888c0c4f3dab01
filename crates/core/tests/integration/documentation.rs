//! The docs match the registries in Rust, so a code, a limit or a default is defined in one place.

use std::fs;
use std::path::Path;

use validiant_core::settings::{
    BROADCAST_SECRET, CONNECTS_PER_MINUTE, CONSOLE, JWT_SECRET, LOG_LEVEL, LogLevel, NUMBERS,
    PURPOSES, names,
};

fn read(relative: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(relative))
        .unwrap_or_else(|error| panic!("{relative}: {error}"))
}

fn assert_has(file: &str, text: &str, wanted: &str) {
    assert!(text.contains(wanted), "{file} lacks: {wanted}");
}

#[test]
fn the_settings_page_lists_every_setting_with_default_and_bounds() {
    let page = read("docs/settings.md");
    for (setting, purpose) in NUMBERS.into_iter().zip(PURPOSES) {
        let (name, default) = (setting.name, setting.default);
        let row = format!(
            "| `{name}` | {default} | {} to {} {} | {} |",
            setting.min, setting.max, setting.unit, purpose
        );
        assert_has("docs/settings.md", &page, &row);
    }
    assert_has(
        "docs/settings.md",
        &page,
        &format!("| `{LOG_LEVEL}` | info | {} |", LogLevel::VALUES),
    );
    for name in names() {
        let row = page
            .lines()
            .find(|line| line.starts_with("| `") && line.contains(&format!("`{name}`")));
        assert!(row.is_some(), "docs/settings.md has no row for {name}");
    }
}

#[test]
fn wrangler_toml_has_every_variable_with_its_default_and_what_it_is_for() {
    let wrangler = read("wrangler.toml");
    for (setting, purpose) in NUMBERS.into_iter().zip(PURPOSES) {
        let entry = format!(
            "# {} In {}, {} to {}.\n{} = \"{}\"",
            purpose, setting.unit, setting.min, setting.max, setting.name, setting.default
        );
        assert_has("wrangler.toml", &wrangler, &entry);
    }
    assert_has("wrangler.toml", &wrangler, &format!("{LOG_LEVEL} = \"info\""));
    assert_has("wrangler.toml", &wrangler, &format!("{CONSOLE} = \"off\""));
    for secret in [BROADCAST_SECRET, JWT_SECRET] {
        assert_has("wrangler.toml", &wrangler, &format!("#   {secret} "));
    }
    let connects = format!("simple = {{ limit = {}, period = 60 }}", CONNECTS_PER_MINUTE.default);
    assert_has("wrangler.toml", &wrangler, &connects);
    // With a section of secrets wrangler would take nothing else from .dev.vars, CONNECT_AUTH neither.
    assert!(!wrangler.lines().any(|line| line.trim() == "[secrets]"));
}
