//! `docs/errors/`: a page for each code, and an index.

use validiant_core::wire::close_code::{Advice, CloseCode, ClosePage};
use validiant_core::wire::error_code::{Carrier, ErrorCode, ErrorPage};

use crate::file::File;
use crate::paragraph::wrapped;

/// Where the pages are.
pub const FOLDER: &str = "docs/errors";

const INTRODUCTION: &str = "\
# Errors

This is the list of error codes and close codes; each has a page that says when it is sent and what
to do. Every refusal has a stable code. In HTTP it is `code` in the body; on a socket it is `code`
in an `ERROR` frame, or a close code.";

const ERRORS: &str = "\
## Codes

| code | sent as | message |
|---|---|---|";

const CLOSES: &str = "\
## Close codes

| code | name | what a client should do |
|---|---|---|";

const MARK: &str = "<!-- Written by `npm run codegen` from the registries in crates/core/src/wire: change them there. -->";

/// All of them.
pub fn files() -> Vec<File> {
    let errors = ErrorCode::PAGES.iter().map(|page| file(page.code.code, &error(page)));
    let closes =
        CloseCode::PAGES.iter().map(|page| file(&page.code.number.to_string(), &close(page)));
    errors.chain(closes).chain([file("README", &index())]).collect()
}

fn file(name: &str, text: &str) -> File {
    File { path: format!("{FOLDER}/{name}.md"), text: format!("{MARK}\n\n{text}\n") }
}

fn index() -> String {
    let errors: Vec<String> = ErrorCode::PAGES.iter().map(error_row).collect();
    let closes: Vec<String> = CloseCode::PAGES.iter().map(close_row).collect();
    let (errors, closes) = (errors.join("\n"), closes.join("\n"));
    format!("{INTRODUCTION}\n\n{ERRORS}\n{errors}\n\n{CLOSES}\n{closes}")
}

fn error_row(page: &ErrorPage) -> String {
    let ErrorCode { code, message, .. } = page.code;
    let carried = match page.carrier {
        Carrier::Http(status) => status.to_string(),
        Carrier::Frame => "frame".to_owned(),
        Carrier::HttpOrFrame(status) => format!("{status}, frame"),
    };
    format!("| [`{code}`]({code}.md) | {carried} | {message} |")
}

fn close_row(page: &ClosePage) -> String {
    let CloseCode { number, name, .. } = page.code;
    format!("| [{number}]({number}.md) | `{name}` | {} |", in_words(page.code.advice()))
}

fn error(page: &ErrorPage) -> String {
    let ErrorCode { code, message, .. } = page.code;
    let carried = match page.carrier {
        Carrier::Http(status) => format!("HTTP {status}."),
        Carrier::Frame => "an `ERROR` frame; the socket stays open.".to_owned(),
        Carrier::HttpOrFrame(status) => format!(
            "HTTP {status}. On a socket it comes as an `ERROR` frame, and the socket stays open."
        ),
    };
    let prose = prose(page.when, page.what_to_do);
    format!("# `{code}`\n\n> {message}\n\nSent as {carried}\n\n{prose}")
}

fn close(page: &ClosePage) -> String {
    let CloseCode { number, name, retry_after_ms } = page.code;
    let advice = in_words(page.code.advice());
    let retry = retry_after_ms
        .map_or(String::new(), |ms| format!(" Its reason has `\"retryAfterMs\":{ms}`."));
    let prose = prose(page.when, page.what_to_do);
    format!("# {number} `{name}`\n\nA close code: {advice}.{retry}\n\n{prose}")
}

fn prose(when: &str, what_to_do: &str) -> String {
    format!(
        "{}\n\n{}",
        wrapped("", &format!("**When.** {when}")),
        wrapped("", &format!("**What to do.** {what_to_do}"))
    )
}

fn in_words(advice: Advice) -> &'static str {
    match advice {
        Advice::Stop => "stop",
        Advice::RefreshToken => "fetch a fresh token, then reconnect",
        Advice::Later => "reconnect later",
    }
}
