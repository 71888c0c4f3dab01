//! What a client says about itself: where it is, what it is doing (P12).

use super::{Answered, Room};
use crate::Millis;
use crate::member::SocketId;
use crate::ports::{Sockets, Storage};
use crate::wire::error_code::ErrorCode;

impl<S: Sockets, P: Storage> Room<S, P> {
    /// Changes the presence data of a connection. `patch`: JSON, not read yet.
    #[inline(never)]
    pub(super) fn set_presence(&mut self, socket: SocketId, _patch: &str, now: Millis) -> Answered {
        self.refuse(socket, ErrorCode::CLIENT_EVENTS_DISABLED, now)
    }
}
