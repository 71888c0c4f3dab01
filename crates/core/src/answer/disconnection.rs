//! The answer to a backend's call that closes sockets (P8.4, P8.7).

use serde::{Serialize, Serializer};

use super::Ticket;
use crate::member::Member;

/// The result of such a call; its serialised form is the answer to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disconnection {
    /// What was done, in words.
    pub message: &'static str,
    /// The members of the closed sockets.
    pub disconnected: Vec<Member>,
    /// The documents that are to be told before the answer is given (P13.10), with
    /// [`ID_END`](crate::ports::ID_END) between two.
    pub documents: String,
    /// Under which the answer comes, once all places have done it; `None` if this is it (P15).
    pub ticket: Option<Ticket>,
}

/// The answer to such a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DisconnectionAnswer {
    /// What was done, in words.
    pub message: &'static str,
    /// How many sockets were closed.
    pub disconnected: usize,
}

impl Disconnection {
    /// What the backend is told.
    #[must_use]
    pub fn answer(&self) -> DisconnectionAnswer {
        DisconnectionAnswer { message: self.message, disconnected: self.disconnected.len() }
    }
}

impl Serialize for Disconnection {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.answer().serialize(serializer)
    }
}

impl Serialize for DisconnectionAnswer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Answer {
            success: bool,
            message: &'static str,
            disconnected: usize,
        }
        let Self { message, disconnected } = *self;
        Answer { success: true, message, disconnected }.serialize(serializer)
    }
}
