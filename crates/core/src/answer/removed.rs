//! The answer to the removal of a user (P8.1).

use serde::{Serialize, Serializer};

use super::Ticket;
use crate::Millis;
use crate::encryption::KeyEpoch;
use crate::member::Member;

/// The result of a removal; its serialised form is the answer to it (P8.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// The members of the closed sockets.
    pub disconnected: Vec<Member>,
    /// When the user may come back, if not at once.
    pub refused_until: Option<Millis>,
    /// The lowest key epoch that is in force; 0 for none.
    pub min_key_epoch: KeyEpoch,
    /// The open documents, which are to be told before the answer is given (P13.10), with
    /// [`ID_END`](crate::ports::ID_END) between two.
    pub documents: String,
    /// Under which the answer comes, once all places have done it; `None` if this is it (P15).
    pub ticket: Option<Ticket>,
}

/// The answer to a removal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemovedAnswer {
    /// How many sockets were closed.
    pub disconnected: usize,
    /// When the user may come back, if not at once.
    pub refused_until: Option<Millis>,
    /// The lowest key epoch that is in force; 0 for none.
    pub min_key_epoch: KeyEpoch,
}

impl Removed {
    /// What the backend is told.
    #[must_use]
    pub fn answer(&self) -> RemovedAnswer {
        let Self { disconnected, refused_until, min_key_epoch, .. } = self;
        RemovedAnswer {
            disconnected: disconnected.len(),
            refused_until: *refused_until,
            min_key_epoch: *min_key_epoch,
        }
    }
}

impl Serialize for Removed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.answer().serialize(serializer)
    }
}

impl Serialize for RemovedAnswer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Answer {
            success: bool,
            message: &'static str,
            disconnected: usize,
            refused_until: Option<Millis>,
            #[serde(skip_serializing_if = "Option::is_none")]
            min_key_epoch: Option<KeyEpoch>,
        }
        let Self { disconnected, refused_until, min_key_epoch } = self;
        let answer = Answer {
            success: true,
            message: "User removed",
            disconnected: *disconnected,
            refused_until: *refused_until,
            min_key_epoch: Some(*min_key_epoch).filter(|epoch| *epoch > 0),
        };
        answer.serialize(serializer)
    }
}
