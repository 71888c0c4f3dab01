//! A project's room is erased (P8.7).

use super::{Room, Summary, Timers};
use crate::Millis;
use crate::answer::Disconnection;
use crate::ports::{Documents, Sockets, Storage, StorageFailed};
use crate::presence::Presence;
use crate::room_call::erasure::Erasure;
use crate::sorted::SortedSet;
use crate::tree::root::tickets::Answer;
use crate::tree::wire::Control;
use crate::wire::close_code::CloseCode;

impl<S: Sockets, P: Storage> Room<S, P> {
    /// Erases everything that the room has stored, and closes all sockets. Their clients reconnect to a history of
    /// another epoch, and fetch everything they show again. Removals, the key epoch and revocations are kept unless everything is erased.
    /// The documents stay known until each has erased itself.
    ///
    /// # Errors
    /// [`StorageFailed`]; then nothing has changed.
    pub fn erase(&mut self, erasure: Erasure, now: Millis) -> Result<Disconnection, StorageFailed> {
        self.begin(now);
        self.know_tree(now)?;
        let documents = self.storage.load_documents(Documents::All)?;
        self.number_control()?;
        self.ends_history_of_leaves(now)?;
        self.storage.erase_room(erasure)?;
        if erasure == Erasure::All {
            (self.removals, self.min_key_epoch, self.revocations) = (None, None, None);
        }
        self.history = None;
        self.changed_users = SortedSet::default();
        self.presence = Presence::default();
        self.summary = Summary::default();
        self.timers = Timers::default();
        let sockets = self.sockets.select(|_| true);
        let close = |socket| self.sockets.close(socket, CloseCode::TRY_AGAIN.into());
        let disconnected = sockets.into_iter().filter_map(close).collect();
        if let Some(at) = self.next_look_at_size(now) {
            self.arm(at, now);
        }
        let message = "Project erased";
        let erased = Disconnection { message, disconnected, documents, ticket: None };
        let answer = || Answer::Disconnected(erased.answer());
        let ticket = self.tell_control(|| Control::Erase(erasure), answer);
        Ok(Disconnection { ticket, ..erased })
    }
}
