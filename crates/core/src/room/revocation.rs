//! Tokens that a backend takes back (P8.4 to P8.6).

use super::once_read::once_read;
use super::{Disconnection, Room};
use crate::Millis;
use crate::bearer::Bearer;
use crate::close_code::CloseCode;
use crate::error_code::{ErrorCode, Refusal};
use crate::member::{HeldToken, Member};
use crate::names::UserId;
use crate::ports::{Sockets, Storage, StorageFailed};
use crate::reason::Reason;
use crate::revocation::Revocation;

impl<S: Sockets, P: Storage> Room<S, P> {
    /// Takes tokens back: they let nobody in any more, and the sockets that came with them are closed. No event
    /// that comes later reaches any of these.
    ///
    /// # Errors
    /// The room remembers too many already, or the storage failed; then nothing has happened.
    pub fn revoke(
        &mut self,
        revocation: Revocation,
        now: Millis,
    ) -> Result<Disconnection, Refusal> {
        self.begin(now);
        self.remember_revocation(revocation)?;
        let Self { sockets, revocations, .. } = self;
        let is_revoked = |member: &Member| {
            let token = member.token.as_ref().zip(revocations.as_ref());
            token.is_some_and(|(token, revocations)| revocations.concern(member.user_id(), token))
        };
        let revoked = sockets.select(is_revoked);
        let closed =
            self.close_all(revoked, CloseCode::TOKEN_INVALID.because(Reason::Revoked), now);
        let disconnected = closed.into_iter().map(|(_, member)| member).collect();
        Ok(Disconnection { message: "Tokens revoked", disconnected })
    }

    fn remember_revocation(&mut self, revocation: Revocation) -> Result<(), Refusal> {
        let Self { storage, revocations, .. } = self;
        let known = once_read(revocations, || storage.load_revocations())?;
        let merged = known.merged(revocation).ok_or(ErrorCode::TOO_MANY_REVOCATIONS)?;
        storage.save_revocation(&merged)?;
        known.insert(merged);
        // Should it fail, what stays changes nothing; it is dropped the next time.
        if let Some(time) = known.covered_until()
            && known.forget_until(time)
        {
            let _ = storage.drop_revocations(time);
        }
        Ok(())
    }

    /// Whether whoever publishes by a token still may (P9.6).
    ///
    /// # Errors
    /// The token is revoked, or nobody can tell.
    pub fn may_publish(&mut self, bearer: &Bearer) -> Result<(), Refusal> {
        match self.is_revoked(bearer.user.as_ref(), &bearer.token)? {
            true => Err(ErrorCode::UNAUTHORIZED.because(Reason::Revoked)),
            false => Ok(()),
        }
    }

    /// Whether a token counts no more. `user`: whose it is.
    pub(super) fn is_revoked(
        &mut self,
        user: Option<&UserId>,
        token: &HeldToken,
    ) -> Result<bool, StorageFailed> {
        let Self { storage, revocations, .. } = self;
        Ok(once_read(revocations, || storage.load_revocations())?.concern(user, token))
    }
}
