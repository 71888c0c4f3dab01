//! What a backend asks for when it raises the lowest key epoch of a project (P14.2).

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::encryption::{KeyEpoch, read_epoch};
use crate::request::body;
use crate::wire::error_code::{ErrorCode, Refusal};

/// The maximum size of the body.
pub const MAX_BODY_BYTES: usize = 4_096;

/// The name of the epoch, in a body, a query and an internal header.
pub(super) const NAME: &str = "minKeyEpoch";

/// `minKeyEpoch` is something else.
pub const INVALID: Refusal =
    Refusal::invalid_field("minKeyEpoch must be a whole number from 1 to 4294967295");

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Asked<'a> {
    #[serde(borrow)]
    min_key_epoch: &'a RawValue,
}

/// Reads the body of a request, already limited to [`MAX_BODY_BYTES`].
///
/// # Errors
/// It is not a JSON object, or has no valid epoch.
pub fn parse(body: &[u8]) -> Result<KeyEpoch, Refusal> {
    let body = body::object(body).ok_or(ErrorCode::INVALID_JSON)?;
    let asked: Asked<'_> = serde_json::from_str(body).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => INVALID,
        _ => ErrorCode::INVALID_JSON.into(),
    })?;
    read_epoch(asked.min_key_epoch.get()).ok_or(INVALID)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn p14_2_the_body_names_an_epoch() {
        assert_eq!(parse(br#"{"minKeyEpoch":8}"#), Ok(8));
        assert_eq!(parse(br#" { "minKeyEpoch" : 4294967295 } "#), Ok(KeyEpoch::MAX));
        for wrong in [
            "{}",
            r#"{"minKeyEpoch":0}"#,
            r#"{"minKeyEpoch":-1}"#,
            r#"{"minKeyEpoch":8.0}"#,
            r#"{"minKeyEpoch":"8"}"#,
            r#"{"minKeyEpoch":null}"#,
            r#"{"minKeyEpoch":4294967296}"#,
            r#"{"minKeyEpoch":8,"minKeyEpoch":9}"#,
            r#"{"minKeyEpoch":8,"for":1}"#,
        ] {
            assert_eq!(parse(wrong.as_bytes()), Err(INVALID), "{wrong}");
        }
        for wrong in ["", "8", "[8]", r#"{"minKeyEpoch":8"#] {
            assert_eq!(parse(wrong.as_bytes()).unwrap_err().code, ErrorCode::INVALID_JSON);
        }
    }

    proptest! {
        #[test]
        fn no_body_panics(body in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = parse(&body);
        }
    }
}
