//! A broken promise.

use std::fmt;

/// The broken promise, as a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation(pub String);

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The result of a check.
pub type Checked<T = ()> = Result<T, Violation>;

/// Leaves the function with a [`Violation`] unless a condition holds.
macro_rules! ensure {
    ($holds:expr, $($sentence:tt)+) => {
        if !$holds {
            return Err($crate::violation::Violation(format!($($sentence)+)));
        }
    };
}
pub(crate) use ensure;
