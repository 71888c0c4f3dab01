//! How what is posted and said is encrypted.

use validiant_core::encryption::KeyEpoch;

/// How something is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seal {
    /// Not at all.
    Plain,
    /// Not at all, and its sender says so.
    Marked,
    /// Under the key of this epoch.
    Under(KeyEpoch),
}

impl Seal {
    /// The same for a client, which can't say that it is plaintext.
    pub fn unmarked(self) -> Self {
        if self == Self::Marked { Self::Plain } else { self }
    }

    /// The beginning of what is encrypted with this number in its nonce; `None` for plaintext.
    pub fn envelope(self, number: u64) -> Option<String> {
        match self {
            Self::Under(epoch) => Some(format!(r#"{{"e2e":1,"k":{epoch},"n":"{}""#, nonce(number))),
            Self::Plain | Self::Marked => None,
        }
    }
}

/// A nonce in which a number can be read.
pub fn nonce(number: u64) -> String {
    format!("{number:016}")
}
