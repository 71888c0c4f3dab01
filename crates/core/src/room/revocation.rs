//! Tokens that a backend revokes (P8.4 to P8.6).

use super::Room;
use super::once_read::once_read;
use crate::Millis;
use crate::answer::Disconnection;
use crate::member::{HeldToken, Member};
use crate::names::UserId;
use crate::ports::{Documents, Sockets, Storage, StorageFailed};
use crate::room_call::bearer::Bearer;
use crate::room_call::revocation::Revocation;
use crate::tree::root::tickets::Answer;
use crate::tree::wire::Control;
use crate::wire::close_code::CloseCode;
use crate::wire::error_code::{ErrorCode, Refusal};
use crate::wire::reason::Reason;

impl<S: Sockets, P: Storage> Room<S, P> {
    /// Revokes tokens: they are no longer accepted, and the sockets that connected with them are closed. No later event
    /// reaches any of these sockets.
    ///
    /// # Errors
    /// The room remembers too many already, or the storage failed; then nothing has changed.
    pub fn revoke(
        &mut self,
        revocation: Revocation,
        now: Millis,
    ) -> Result<Disconnection, Refusal> {
        self.begin(now);
        self.know_tree(now)?;
        let documents = self.storage.load_documents(Documents::Open)?;
        self.number_control()?;
        self.remember_revocation(revocation.clone())?;
        let Self { sockets, revocations, .. } = self;
        let is_revoked = |member: &Member| {
            let token = member.token.as_ref().zip(revocations.as_ref());
            token.is_some_and(|(token, revocations)| revocations.concern(member.user_id(), token))
        };
        let revoked = sockets.select(is_revoked);
        let closed =
            self.close_all(revoked, CloseCode::TOKEN_INVALID.because(Reason::Revoked), now);
        let disconnected = closed.into_iter().map(|(_, member)| member).collect();
        let message = "Tokens revoked";
        let revoked = Disconnection { message, disconnected, documents, ticket: None };
        let answer = || Answer::Disconnected(revoked.answer());
        let ticket = self.tell_control(|| Control::Revoke(revocation), answer);
        Ok(Disconnection { ticket, ..revoked })
    }

    fn remember_revocation(&mut self, revocation: Revocation) -> Result<(), Refusal> {
        let Self { storage, revocations, .. } = self;
        let known = once_read(revocations, || storage.load_revocations())?;
        let merged = known.merged(revocation).ok_or(ErrorCode::TOO_MANY_REVOCATIONS)?;
        storage.save_revocation(&merged)?;
        known.insert(merged);
        // If this fails, the redundant entries do no harm; they are dropped the next time.
        if let Some(time) = known.covered_until()
            && known.forget_until(time)
        {
            let _ = storage.drop_revocations(time);
        }
        Ok(())
    }

    /// Checks that a client may still publish with its token (P9.6).
    ///
    /// # Errors
    /// The token is revoked, or the revocations can't be read.
    pub fn may_publish(&mut self, bearer: &Bearer) -> Result<(), Refusal> {
        match self.is_revoked(bearer.user.as_ref(), &bearer.token)? {
            true => Err(ErrorCode::UNAUTHORIZED.because(Reason::Revoked)),
            false => Ok(()),
        }
    }

    /// Whether a token is revoked. `user`: whose it is.
    #[inline(never)]
    pub(super) fn is_revoked(
        &mut self,
        user: Option<&UserId>,
        token: &HeldToken,
    ) -> Result<bool, StorageFailed> {
        let Self { storage, revocations, .. } = self;
        Ok(once_read(revocations, || storage.load_revocations())?.concern(user, token))
    }
}
