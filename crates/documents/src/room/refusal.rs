//! The project refuses a user or tokens, or is erased (P13.10).

use validiant_core::Millis;
use validiant_core::names::UserId;
use validiant_core::room_call::revocation::Revocation;
use validiant_core::wire::close_code::{CloseCode, Closing};
use validiant_core::wire::reason::Reason;

use super::Document;
use crate::ports::{Sockets, Storage, StorageFailed};
use crate::visitor::Visitor;

impl<S: Sockets, T: Storage> Document<S, T> {
    /// A backend removes a user from the project (P8.1). The room keeps them out.
    pub fn remove_user(&mut self, user: &UserId, now: Millis) -> Vec<Visitor> {
        let is_theirs = |visitor: &Visitor| visitor.user_id() == Some(user);
        self.refuse(is_theirs, CloseCode::REMOVED.into(), now)
    }

    /// A backend revokes tokens (P8.4). The room refuses them.
    pub fn revoke(&mut self, revocation: &Revocation, now: Millis) -> Vec<Visitor> {
        let is_revoked = |visitor: &Visitor| {
            let token = visitor.token.as_ref();
            token.is_some_and(|token| revocation.concerns(visitor.user_id(), token))
        };
        self.refuse(is_revoked, CloseCode::TOKEN_INVALID.because(Reason::Revoked), now)
    }

    /// Closes the sockets of those who are meant, and keeps out those of them who are expected.
    fn refuse(
        &mut self,
        is_meant: impl Fn(&Visitor) -> bool,
        closing: Closing,
        now: Millis,
    ) -> Vec<Visitor> {
        self.expected.refuse(&is_meant, closing);
        let closed = self.close_all(self.select(is_meant), closing, now);
        self.is_maybe_abandoned(true);
        closed
    }

    /// Erases the document, and closes all its sockets: by itself (P13.11) or with its project (P8.7). Their clients come
    /// back to an empty one, and bring what they have.
    ///
    /// # Errors
    /// [`StorageFailed`]; then nothing has changed.
    pub fn erase(&mut self, now: Millis) -> Result<Vec<Visitor>, StorageFailed> {
        self.storage.erase()?;
        self.unwritten.clear();
        self.log = None;
        self.floor = 0;
        self.change.erase();
        self.timers.erase();
        let closed = self.refuse(|_| true, CloseCode::TRY_AGAIN.into(), now);
        self.wants_compaction = false;
        self.registration.is_erased();
        Ok(closed)
    }
}
