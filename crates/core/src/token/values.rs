//! Values of claims, each read only if it counts.

use serde_json::value::RawValue;

/// A text.
#[inline(never)]
pub(super) fn text(raw: &RawValue) -> Option<String> {
    serde_json::from_str(raw.get()).ok()
}

/// A number.
#[inline(never)]
pub(super) fn number(raw: &RawValue) -> Option<f64> {
    serde_json::from_str(raw.get()).ok()
}

/// A list of texts and nothing else.
pub(super) fn texts(raw: &RawValue) -> Option<Vec<String>> {
    list(raw)?.into_iter().map(text).collect()
}

/// A text, or a list of them.
pub(super) fn one_or_many(raw: &RawValue) -> Option<Vec<String>> {
    text(raw).map(|text| vec![text]).or_else(|| texts(raw))
}

/// The texts in a list, or the words of a text, as a `scope` has them; none in anything else.
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
