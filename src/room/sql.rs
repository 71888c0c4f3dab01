//! The object's SQLite: rows cross the boundary as one text (`sql.js`). In JavaScript, because the crate's cursor crosses
//! once for each row and each value.

use validiant_core::ports::ID_END;
use worker::js_sys::Array;
use worker::wasm_bindgen::{self, prelude::*};
use worker::worker_sys::DurableObjectStorage;

/// Separates the values of a row, and rows, as `sql.js` joins them.
pub const VALUE_END: &str = "\u{1f}";
const ROW_END: char = ID_END;

#[wasm_bindgen(module = "/src/room/sql.js")]
extern "C" {
    /// All rows that a statement returns.
    #[wasm_bindgen(catch, variadic)]
    pub fn rows(
        storage: &DurableObjectStorage,
        statement: &str,
        bindings: &[JsValue],
    ) -> Result<String, JsValue>;

    /// Runs statements that return no rows: all or none. Each comes with its bindings in an array.
    #[wasm_bindgen(catch, js_name = runAll)]
    pub fn run_all(storage: &DurableObjectStorage, statements: &Array) -> Result<(), JsValue>;
}

/// Adds a statement with its bindings to those for [`run_all`].
pub fn push(statements: &Array, statement: &str, bindings: &[JsValue]) {
    let parts: Array = std::iter::once(&statement.into()).chain(bindings).collect();
    statements.push(&parts);
}

/// The values of one row, in order; null is empty.
pub type Values<'a> = std::str::Split<'a, &'static str>;

/// Parses rows; `None` if `parse` fails on one of them.
pub fn parse<T>(rows: &str, parse: impl Fn(&mut Values<'_>) -> Option<T>) -> Option<Vec<T>> {
    let mut parsed = Vec::new();
    for row in rows.split(ROW_END).filter(|row| !row.is_empty()) {
        parsed.push(parse(&mut row.split(VALUE_END))?);
    }
    Some(parsed)
}

/// A number to bind. Milliseconds since 1970 and event numbers are far below 2^53, the limit of exact JavaScript
/// numbers.
pub fn number(number: u64) -> JsValue {
    JsValue::from_f64(number as f64)
}
