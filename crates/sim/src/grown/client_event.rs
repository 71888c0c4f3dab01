//! An event of a client (P11), and who has got it.

use validiant_core::Millis;

use super::socket::{Key, Socket};
use crate::publication::{ClientEvent, PostedEvent};

/// An event that a client sent.
#[derive(Debug)]
pub struct Said {
    pub event: ClientEvent,
    pub at: Millis,
    /// The socket that it comes from.
    pub from: Key,
    /// When, in the order of all that happens.
    pub order: u64,
    /// Whether it was refused at once.
    pub is_refused: bool,
    /// How many sockets got it.
    pub heard: usize,
}

impl Said {
    pub fn is_for(&self, socket: &Socket) -> bool {
        let posted = PostedEvent::of_client(&self.event);
        socket.key != self.from && posted.is_for(socket.client, socket.user)
    }
}
