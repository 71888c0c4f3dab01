//! The answer to a call that raises the key epoch (P14.2).

use serde::{Serialize, Serializer};

use super::Ticket;
use crate::encryption::KeyEpoch;

/// The result of a raise; its serialised form is the answer to it (P14.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raised {
    /// The lowest epoch that is in force.
    pub min_key_epoch: KeyEpoch,
    /// The open documents, which are to be told before the answer is given, as in [`Removed`](super::Removed).
    pub documents: String,
    /// Under which the answer comes, once all places have done it; `None` if this is it (P15).
    pub ticket: Option<Ticket>,
}

impl Serialize for Raised {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Answer {
            success: bool,
            message: &'static str,
            min_key_epoch: KeyEpoch,
        }
        let Self { min_key_epoch, .. } = *self;
        Answer { success: true, message: "Key epoch raised", min_key_epoch }.serialize(serializer)
    }
}
