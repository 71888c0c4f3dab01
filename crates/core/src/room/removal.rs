//! Users whom a backend removes from the room (P8).

use serde::{Serialize, Serializer};

use super::Room;
use super::once_read::once_read;
use crate::Millis;
use crate::member::Member;
use crate::names::UserId;
use crate::ports::{Documents, RosterEntry, Sockets, Storage, StorageFailed};
use crate::wire::close_code::CloseCode;

/// The result of a removal; its serialised form is the answer to it (P8.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// The members of the closed sockets.
    pub disconnected: Vec<Member>,
    /// When the user may come back, if not at once.
    pub refused_until: Option<Millis>,
    /// The open documents, which are to be told before the answer is given (P13.10), with
    /// [`ID_END`](crate::ports::ID_END) between two.
    pub documents: String,
}

impl Serialize for Removed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Answer {
            success: bool,
            message: &'static str,
            disconnected: usize,
            refused_until: Option<Millis>,
        }
        let Self { disconnected, refused_until, .. } = self;
        let answer = Answer {
            success: true,
            message: "User removed",
            disconnected: disconnected.len(),
            refused_until: *refused_until,
        };
        answer.serialize(serializer)
    }
}

impl<S: Sockets, P: Storage> Room<S, P> {
    /// Removes a user: closes all their sockets, and keeps them out for `refuse_ms` if that is not 0. No later event
    /// reaches any of these sockets.
    ///
    /// # Errors
    /// [`StorageFailed`]; then nothing has changed.
    pub fn remove_user(
        &mut self,
        user: &UserId,
        refuse_ms: Millis,
        now: Millis,
    ) -> Result<Removed, StorageFailed> {
        self.begin(now);
        let documents = self.storage.load_documents(Documents::Open)?;
        let refused_until = self.refuse_return(user, refuse_ms, now)?;
        let sockets = self.sockets.select(|member| member.user_id() == Some(user));
        let close = |socket| self.sockets.close(socket, CloseCode::REMOVED.into());
        let disconnected: Vec<Member> = sockets.into_iter().filter_map(close).collect();
        if let Some(gone) = self.presence.remove(user) {
            self.remember(&gone.user.id);
            self.announce_removed(&gone, &disconnected, now);
        }
        Ok(Removed { disconnected, refused_until, documents })
    }

    fn announce_removed(&mut self, gone: &RosterEntry, disconnected: &[Member], now: Millis) {
        self.announce_left(std::slice::from_ref(gone), now);
        if self.is_large() {
            for member in disconnected {
                self.tell_left(gone, member.last_data().as_ref(), now);
            }
        }
    }

    /// The newest removal counts: one without `for` ends an earlier one that keeps the user out.
    fn refuse_return(
        &mut self,
        user: &UserId,
        refuse_ms: Millis,
        now: Millis,
    ) -> Result<Option<Millis>, StorageFailed> {
        let Self { storage, removals, .. } = self;
        let removals = once_read(removals, || storage.load_removals())?;
        let until = now.saturating_add(refuse_ms);
        if refuse_ms > 0 || removals.contains(user) {
            storage.save_removal(user, until)?;
            removals.insert(user.clone(), until);
        }
        // If this fails, only expired entries stay; they are dropped the next time.
        if removals.values().any(|until| *until <= now) && storage.drop_removals(now).is_ok() {
            removals.retain(|_, until| *until > now);
        }
        Ok((refuse_ms > 0).then_some(until))
    }

    #[inline(never)]
    pub(super) fn may_not_return(
        &mut self,
        user: Option<&UserId>,
        now: Millis,
    ) -> Result<bool, StorageFailed> {
        let Some(user) = user else { return Ok(false) };
        let Self { storage, removals, .. } = self;
        let removals = once_read(removals, || storage.load_removals())?;
        Ok(removals.get(user).is_some_and(|until| *until > now))
    }
}
