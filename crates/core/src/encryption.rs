//! What the server sees of end-to-end encryption (P14): the epoch of the key, and nothing of what it hides.

use crate::number;

/// The number of a key: 1, 2, 3, … As the lowest that a project still takes, 0 means that it is not encrypted.
pub type KeyEpoch = u32;

/// The internal header with a project's lowest key epoch: the gate sends it to raise that, and the room answers a document
/// with it.
pub const KEY_EPOCH_HEADER: &str = "x-validiant-key-epoch";

const BEFORE_EPOCH: &str = r#"{"e2e":1,"k":"#;
const BEFORE_NONCE: &str = r#""n":""#;
/// The length of a nonce in base64url.
const NONCE_BYTES: usize = 16;

/// How an encrypted payload begins (P14.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sealed<'a> {
    /// The epoch of its key.
    pub epoch: KeyEpoch,
    /// The nonce, in base64url.
    pub nonce: &'a str,
}

impl<'a> Sealed<'a> {
    /// Reads the beginning of a payload; `None` if it is not encrypted. Nothing else of it is read.
    #[must_use]
    pub fn parse(payload: &'a str) -> Option<Self> {
        let (epoch, rest) = payload.strip_prefix(BEFORE_EPOCH)?.split_once(',')?;
        let rest = rest.strip_prefix(BEFORE_NONCE)?;
        let (nonce, rest) = rest.split_at_checked(NONCE_BYTES)?;
        let is_nonce = nonce.bytes().all(is_base64url) && rest.starts_with('"');
        Some(Self { epoch: read_epoch(epoch).filter(|_| is_nonce)?, nonce })
    }
}

fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// Reads an epoch: digits without a leading zero.
#[must_use]
pub fn read_epoch(digits: &str) -> Option<KeyEpoch> {
    number::read(digits).filter(|_| !digits.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NONCE: &str = "oKGio6Slpqeo-_qr";

    fn payload(epoch: &str, nonce: &str) -> String {
        format!(r#"{{"e2e":1,"k":{epoch},"n":"{nonce}","c":"HKV1Gdy43_WY"}}"#)
    }

    #[test]
    fn p14_1_an_encrypted_payload_begins_with_its_epoch_and_its_nonce() {
        for (digits, epoch) in [("1", 1), ("7", 7), ("4294967295", KeyEpoch::MAX)] {
            let text = payload(digits, NONCE);
            assert_eq!(Sealed::parse(&text), Some(Sealed { epoch, nonce: NONCE }));
        }
    }

    #[test]
    fn p14_1_an_epoch_is_a_number_from_1_without_a_leading_zero() {
        for digits in ["", "0", "07", "4294967296", "+7", "-7", "7.0", "7e0", " 7", "7 ", "\"7\""] {
            assert_eq!(Sealed::parse(&payload(digits, NONCE)), None, "{digits}");
        }
    }

    #[test]
    fn p14_1_a_payload_that_begins_otherwise_is_not_encrypted() {
        let right = payload("7", NONCE);
        assert!(Sealed::parse(&right).is_some());
        for wrong in [
            right.replace("{\"", "{ \""),
            right.replace(":1,", ":2,"),
            right.replace(":1,", ":1, "),
            right.replace("\"e2e\"", "\"E2E\""),
            right.replace(NONCE, &NONCE[1..]),
            right.replace(NONCE, &format!("{NONCE}a")),
            right.replace('-', "+"),
            right.replace('-', "é"),
            right.replace("\"n\"", "\"c\""),
            format!("[{right}]"),
            format!(" {right}"),
            "{}".into(),
            "null".into(),
            String::new(),
        ] {
            assert_eq!(Sealed::parse(&wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn p14_1_every_beginning_is_read_as_it_was_written(
            epoch in 1..=KeyEpoch::MAX, nonce in "[A-Za-z0-9_-]{16}", rest in ".{0,20}",
        ) {
            let text = format!(r#"{{"e2e":1,"k":{epoch},"n":"{nonce}"{rest}"#);
            prop_assert_eq!(Sealed::parse(&text), Some(Sealed { epoch, nonce: &nonce }));
            let cut = text.len() - rest.len() - 1;
            for end in (0..=cut).filter(|end| text.is_char_boundary(*end)) {
                prop_assert_eq!(Sealed::parse(&text[..end]), None);
            }
        }

        #[test]
        fn no_payload_panics(text in "\\{\"e2e\":1,\"k\":[0-9,]{0,12}.{0,30}|.{0,60}") {
            let _ = Sealed::parse(&text);
        }
    }
}
