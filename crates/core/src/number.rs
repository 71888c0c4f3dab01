//! Numbers from outside.

use std::str::FromStr;

/// Reads a whole number made only of digits: `parse` would also accept a sign.
pub(crate) fn read<T: FromStr>(text: &str) -> Option<T> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok())?
}
