//! The documents of the project (P13): the room judges who may see them, and knows which to tell when that changes.
//!
//! A client is judged, and the document that it opens is noted as open, in one turn. So a removal, which takes a turn too,
//! either finds the document open or comes first and keeps the client out.

use super::{NotConnected, Room};
use crate::Millis;
use crate::encryption::KeyEpoch;
use crate::member::HeldToken;
use crate::names::UserId;
use crate::ports::{DocumentNote, Sockets, Storage};
use crate::room_call::document::{Errand, Purpose};

impl<S: Sockets, P: Storage> Room<S, P> {
    /// Does what a document asks for. Returns the lowest key epoch that the project takes (P14.2); 0 if it is not encrypted.
    ///
    /// # Errors
    /// Whoever wants to see the document may not, or the storage failed.
    #[inline(never)]
    pub fn serve_document(
        &mut self,
        errand: &Errand,
        now: Millis,
    ) -> Result<KeyEpoch, NotConnected> {
        let min_key_epoch = self.min_key_epoch()?;
        let note = match &errand.purpose {
            Purpose::Open(visitor) => {
                self.judge(visitor.user.as_ref(), visitor.token.as_ref(), now)?;
                DocumentNote::Opened
            }
            Purpose::Read(bearer) => {
                self.judge(bearer.user.as_ref(), Some(&bearer.token), now)?;
                return Ok(min_key_epoch);
            }
            Purpose::Seed(bearer) => {
                if let Some(bearer) = bearer {
                    self.judge(bearer.user.as_ref(), Some(&bearer.token), now)?;
                }
                DocumentNote::Exists
            }
            Purpose::Release => DocumentNote::Closed,
            Purpose::Forget => DocumentNote::Gone,
        };
        self.storage.note_document(&errand.document, note)?;
        Ok(min_key_epoch)
    }

    /// Whether a user has been removed, or the token revoked.
    #[inline(never)]
    pub(super) fn judge(
        &mut self,
        user: Option<&UserId>,
        token: Option<&HeldToken>,
        now: Millis,
    ) -> Result<(), NotConnected> {
        if self.may_not_return(user, now)? {
            return Err(NotConnected::Removed);
        }
        match token {
            Some(token) if self.is_revoked(user, token)? => Err(NotConnected::Revoked),
            _ => Ok(()),
        }
    }
}
