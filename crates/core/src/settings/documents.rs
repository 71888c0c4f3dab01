//! The settings of documents, and the text with which the module of the documents gets all that it needs: it has no code
//! to read the environment.

use super::{LogLevel, Settings};
use crate::limits::Limits;
use crate::limits::rate::Rate;

/// Whether a project's room is told when people have stopped changing a document.
pub const DOCUMENT_CHANGED_EVENTS: &str = "DOCUMENT_CHANGED_EVENTS";

/// More sockets than this a document never has: it is one object. The runtime takes 32,768.
const MAX_SOCKETS: usize = 30_000;

/// What is only for documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentLimits {
    /// See [`DOCUMENT_MAX_BYTES`](super::DOCUMENT_MAX_BYTES).
    pub max_bytes: usize,
    /// See [`DOCUMENT_CHANGED_EVENTS`].
    pub tells_changes: bool,
    /// To how many sockets a document passes on messages of its clients, whether or not those of rooms may talk to each
    /// other.
    pub deliveries: Rate,
}

impl Settings {
    /// The settings that a document needs: a line `name=value` for each, numbers in digits, yes and no as 1 and 0.
    #[must_use]
    pub fn for_documents(&self) -> String {
        let Self { documents, limits, log_level, .. } = self;
        let DocumentLimits { max_bytes, tells_changes, deliveries } = *documents;
        let Limits { user_sockets, room_sockets, .. } = *limits;
        let numbers: [(&str, u64); 10] = [
            ("tokenGraceMs", self.token_grace_ms),
            ("staleMs", self.stale_socket_ms),
            ("messagesPerSecond", limits.client_messages_per_second.into()),
            ("messageBurst", limits.client_message_burst.into()),
            ("deliveriesPerSecond", deliveries.per_second.into()),
            ("deliveryBurst", deliveries.burst.into()),
            ("userSockets", user_sockets as u64),
            ("roomSockets", room_sockets.min(MAX_SOCKETS) as u64),
            ("documentMaxBytes", max_bytes as u64),
            ("changedEvents", tells_changes.into()),
        ];
        let mut text = String::new();
        for (name, number) in numbers {
            push_line(&mut text, name, &number.to_string());
        }
        push_line(&mut text, "logLevel", LogLevel::name(*log_level));
        text
    }
}

fn push_line(text: &mut String, name: &str, value: &str) {
    for part in [name, "=", value, "\n"] {
        text.push_str(part);
    }
}
