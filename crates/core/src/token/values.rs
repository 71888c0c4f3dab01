//! Values of claims, each read only if it counts.

use serde_json::value::RawValue;

/// A string.
#[inline(never)]
pub(super) fn text(raw: &RawValue) -> Option<String> {
    serde_json::from_str(raw.get()).ok()
}

/// A number.
#[inline(never)]
pub(super) fn number(raw: &RawValue) -> Option<f64> {
    serde_json::from_str(raw.get()).ok()
}

/// A list of nothing but strings.
pub(super) fn texts(raw: &RawValue) -> Option<Vec<String>> {
    list(raw)?.into_iter().map(text).collect()
}

/// A string, or a list of strings.
pub(super) fn one_or_many(raw: &RawValue) -> Option<Vec<String>> {
    text(raw).map(|text| vec![text]).or_else(|| texts(raw))
}

/// The strings in a list, or the words in a string, as in a `scope`; nothing for any other value.
pub(super) fn texts_among(raw: &RawValue) -> Vec<String> {
    match text(raw) {
        Some(text) => text.split_ascii_whitespace().map(str::to_owned).collect(),
        None => list(raw).unwrap_or_default().into_iter().filter_map(text).collect(),
    }
}

#[inline(never)]
fn list(raw: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(raw.get()).ok()
}
