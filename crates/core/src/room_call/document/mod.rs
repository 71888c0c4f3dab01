//! Documents (P13): what is asked of one, and what it asks of its project's room. Each travels in one
//! [internal header](super::internal_header).

pub mod call;
mod errand;

use std::borrow::Cow;

use crate::names::DocId;
use crate::wire::error_code::{ErrorCode, Refusal};

pub use call::{DocumentCall, Opening, Reading};
pub use errand::{Errand, Purpose, Visitor};

/// A document would be larger than the setting allows (P13.8, P13.11).
pub const TOO_LARGE: Refusal = Refusal {
    code: ErrorCode::PAYLOAD_TOO_LARGE,
    detail: Some(Cow::Borrowed("The document is larger than DOCUMENT_MAX_BYTES")),
    exceeded: None,
    reason: None,
    key_hint: None,
};

/// The limit in [`TOO_LARGE`], as a close names it.
pub const BYTES_LIMIT: &str = "documentBytes";

/// The body of the broadcast that tells a project of a changed document (P13.12). It has nothing to hide, so it is sent in
/// an encrypted project, too (P14.4).
#[must_use]
pub fn changed(document: &DocId) -> String {
    let mut body = String::from(r#"{"eventType":"DOC_CHANGED","payload":{"docId":""#);
    for character in document.as_str().chars() {
        // Nothing else needs it: an id has no control characters.
        if matches!(character, '"' | '\\') {
            body.push('\\');
        }
        body.push(character);
    }
    body.push_str(r#""},"plaintext":true}"#);
    body
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    proptest! {
        #[test]
        fn p13_12_a_change_is_a_broadcast_with_the_id(id in "[^/\\p{Cc}]{1,32}|[\"\\\\]{1,5}") {
            let body: Value = serde_json::from_str(&changed(&DocId::parse(&id).unwrap())).unwrap();
            prop_assert_eq!(body, json!({
                "eventType": "DOC_CHANGED", "payload": {"docId": id}, "plaintext": true,
            }));
        }
    }
}
