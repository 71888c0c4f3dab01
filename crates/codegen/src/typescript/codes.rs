//! The codes, for the npm package.

use validiant_core::wire::close_code::{Advice, CloseCode, ClosePage};
use validiant_core::wire::error_code::{ErrorCode, ErrorPage};

use super::layout::wrapped;
use crate::paragraph::LINE_WIDTH;

/// Where the module is.
pub const PATH: &str = "packages/realtime/src/codes.ts";

const HEADER: &str = "\
/**
 * The error and close codes of the server.
 *
 * Written by `npm run codegen` from the registries in crates/core/src/wire (error_code/table.rs,
 * close_code/table.rs): change them there. The constants do not depend on each other, so a bundler
 * leaves out those that nothing uses.
 */";

const ERROR_CODE: &str = "\
/**
 * Why the server refuses a request or a message: `code` in the body of an HTTP answer, or in the
 * payload of an `ERROR` frame.
 */";

const ERROR_INFO: &str = "\
/** What the server sends with an error code. */
export interface ErrorInfo {
  /** The status of the HTTP answer; null if only `ERROR` frames carry the code. */
  readonly status: number | null;
  /** Whether an `ERROR` frame can carry the code. The socket then stays open. */
  readonly inFrame: boolean;
  /** What is wrong and what to do, for people. An answer can be more precise and name a field. */
  readonly message: string;
}";

const ERROR_CODES: &str = "/** Every error code: when it is sent, what to do, and its details. */";

const CLOSE_ADVICE: &str = "\
/**
 * What a client should do after a close.
 *
 * - `stop`: do not reconnect.
 * - `refresh-token`: fetch a fresh token, then reconnect.
 * - `later`: reconnect later.
 */";

const CLOSE_CODE_NAME: &str =
    "/** Why the server ends a connection: `code` in the JSON reason of the close. */";

const CLOSE_INFO: &str = "\
/** The details of a close code. */
export interface CloseInfo {
  /** `code` of the browser's `CloseEvent`. */
  readonly number: number;
  /** `code` in the JSON reason. */
  readonly name: CloseCodeName;
  /** What a client should do. */
  readonly advice: CloseAdvice;
  /** Milliseconds to wait before the next attempt, if the server knows better than the client. */
  readonly retryAfterMs?: number;
}";

const CLOSE_CODES: &str =
    "/** Every close code by its name: when it is sent, what to do, and its details. */";

const ADVICE_OF: &str = "\
/**
 * What a client should do after a close with this code. It depends on the range alone, so it is also
 * right for codes newer than this module. Undefined for a code that is not one of the server's, such
 * as 1006.
 */
export function adviceOf(code: number): CloseAdvice | undefined {";

/// The text of the module.
pub fn module() -> String {
    let parts = [
        HEADER.to_owned(),
        union(ERROR_CODE, "ErrorCode", ErrorCode::PAGES.iter().map(|page| page.code.code)),
        ERROR_INFO.to_owned(),
        table(
            ERROR_CODES,
            "ERROR_CODES",
            ErrorCode::PAGES.iter().map(error),
            "ErrorCode, ErrorInfo",
        ),
        union(CLOSE_ADVICE, "CloseAdvice", Advice::ALL.into_iter().map(name)),
        union(CLOSE_CODE_NAME, "CloseCodeName", CloseCode::PAGES.iter().map(|page| page.code.name)),
        CLOSE_INFO.to_owned(),
        table(
            CLOSE_CODES,
            "CLOSE_CODES",
            CloseCode::PAGES.iter().map(close),
            "CloseCodeName, CloseInfo",
        ),
        advice_of(),
    ];
    parts.join("\n\n") + "\n"
}

fn union(doc: &str, name: &str, members: impl Iterator<Item = &'static str>) -> String {
    let members: Vec<String> = members.map(|member| format!("\"{member}\"")).collect();
    let declaration = format!("export type {name} =");
    let line = format!("{declaration} {};", members.join(" | "));
    if line.len() <= LINE_WIDTH {
        return format!("{doc}\n{line}");
    }
    format!("{doc}\n{declaration}\n  | {};", members.join("\n  | "))
}

fn table(doc: &str, name: &str, entries: impl Iterator<Item = String>, record: &str) -> String {
    let entries: String = entries.collect();
    format!("{doc}\nexport const {name} = {{\n{entries}}} as const satisfies Record<{record}>;")
}

fn error(page: &ErrorPage) -> String {
    let ErrorCode { code, status, message } = page.code;
    let status = status.map_or("null".to_owned(), |status| status.to_string());
    let in_frame = page.carrier.in_frame();
    let message = message_field(message);
    let fields = format!("    status: {status},\n    inFrame: {in_frame},\n{message}");
    entry(code, page.when, page.what_to_do, &fields)
}

/// Puts a string that would not fit on its line on the next one.
fn message_field(message: &str) -> String {
    let line = format!("    message: {message:?},\n");
    if line.trim_end().chars().count() <= LINE_WIDTH {
        return line;
    }
    format!("    message:\n      {message:?},\n")
}

fn close(page: &ClosePage) -> String {
    let CloseCode { number, name: code, retry_after_ms } = page.code;
    let advice = name(page.code.advice());
    let retry = retry_after_ms.map_or(String::new(), |ms| format!("    retryAfterMs: {ms},\n"));
    let fields =
        format!("    number: {number},\n    name: \"{code}\",\n    advice: \"{advice}\",\n{retry}");
    entry(code, page.when, page.what_to_do, &fields)
}

fn entry(key: &str, when: &str, what_to_do: &str, fields: &str) -> String {
    let comment = comment(when, what_to_do);
    format!("{comment}  {key}: {{\n{fields}  }},\n")
}

fn comment(when: &str, what_to_do: &str) -> String {
    let when = wrapped(2, &without_links(&format!("**When.** {when}")));
    let what_to_do = wrapped(2, &without_links(&format!("**What to do.** {what_to_do}")));
    format!("  /**\n{when}   *\n{what_to_do}   */\n")
}

/// The text without the targets of its links, which are relative to `docs/errors/`.
fn without_links(text: &str) -> String {
    let mut parts = text.split("](");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (before, label) = plain.rsplit_once('[').unwrap_or_default();
        let (_, after) = part.split_once(')').unwrap_or_default();
        plain = format!("{before}{label}{after}");
    }
    plain
}

fn advice_of() -> String {
    let lines: String = Advice::ALL.into_iter().map(range_line).collect();
    format!("{ADVICE_OF}\n{lines}  return undefined;\n}}")
}

fn range_line(advice: Advice) -> String {
    let (range, name) = (advice.range(), name(advice));
    format!("  if (code >= {} && code <= {}) return \"{name}\";\n", range.start(), range.end())
}

fn name(advice: Advice) -> &'static str {
    match advice {
        Advice::Stop => "stop",
        Advice::RefreshToken => "refresh-token",
        Advice::Later => "later",
    }
}
