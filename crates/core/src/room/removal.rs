//! Users whom a backend removes from the room (P8).

use super::Room;
use super::once_read::once_read;
use crate::Millis;
use crate::answer::Removed;
use crate::encryption::KeyEpoch;
use crate::member::Member;
use crate::names::UserId;
use crate::ports::{Documents, Exclusion, RosterEntry, Sockets, Storage, StorageFailed};
use crate::room_call::removal::Removal;
use crate::tree::root::tickets::Answer;
use crate::tree::wire::Control;
use crate::wire::close_code::CloseCode;

impl<S: Sockets, P: Storage> Room<S, P> {
    /// Removes a user: closes all their sockets, and keeps them out for a time if that is asked for. No later event reaches
    /// any of these sockets, and nothing is taken any more that is encrypted under an older key than is asked for.
    ///
    /// # Errors
    /// [`StorageFailed`]; then nothing has changed.
    pub fn remove_user(
        &mut self,
        removal: &Removal,
        now: Millis,
    ) -> Result<Removed, StorageFailed> {
        self.begin(now);
        let user = &removal.user_id;
        self.know_tree(now)?;
        let documents = self.storage.load_documents(Documents::Open)?;
        self.number_control()?;
        let raised = self.higher(removal.min_key_epoch)?;
        let refused_until = self.refuse_return(removal, raised, now)?;
        let sockets = self.sockets.select(|member| member.user_id() == Some(user));
        let close = |socket| self.sockets.close(socket, CloseCode::REMOVED.into());
        let disconnected: Vec<Member> = sockets.into_iter().filter_map(close).collect();
        if let Some(gone) = self.presence.remove(user) {
            self.remember(&gone.user.id);
            self.announce_removed(&gone, &disconnected, now);
        }
        self.has_key_epoch(raised, now);
        let min_key_epoch = self.min_key_epoch()?;
        let removed =
            Removed { disconnected, refused_until, min_key_epoch, documents, ticket: None };
        let until = refused_until;
        let control = || Control::Remove { user: user.clone(), until, min_key_epoch: raised };
        let ticket = self.tell_control(control, || Answer::Removed(removed.answer()));
        Ok(Removed { ticket, ..removed })
    }

    fn announce_removed(&mut self, gone: &RosterEntry, disconnected: &[Member], now: Millis) {
        self.announce_left(std::slice::from_ref(gone), now);
        if self.is_large() {
            for member in disconnected {
                self.tell_left(gone, member.last_data().as_ref(), now);
            }
        }
    }

    /// The newest removal counts: one without `for` ends an earlier one that keeps the user out. `min_key_epoch`: stored in
    /// the same write.
    fn refuse_return(
        &mut self,
        Removal { user_id: user, refuse_ms, .. }: &Removal,
        min_key_epoch: Option<KeyEpoch>,
        now: Millis,
    ) -> Result<Option<Millis>, StorageFailed> {
        let Self { storage, removals, .. } = self;
        let removals = once_read(removals, || storage.load_removals())?;
        let until = now.saturating_add(*refuse_ms);
        let is_noted = *refuse_ms > 0 || removals.contains(user);
        if is_noted || min_key_epoch.is_some() {
            let until = is_noted.then_some((user, until));
            storage.save_exclusion(Exclusion { until, min_key_epoch })?;
        }
        if is_noted {
            removals.insert(user.clone(), until);
        }
        // If this fails, only expired entries stay; they are dropped the next time.
        if removals.values().any(|until| *until <= now) && storage.drop_removals(now).is_ok() {
            removals.retain(|_, until| *until > now);
        }
        Ok((*refuse_ms > 0).then_some(until))
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
