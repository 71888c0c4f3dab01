//! The simple model of a project's lowest key epoch (P14.2), and of the app that makes its keys.

use std::collections::VecDeque;

use validiant_core::encryption::KeyEpoch;
use validiant_core::wire::error_code::ErrorCode;

use crate::journal::publish::Verdict;
use crate::publication::{Posted, PostedEvent};
use crate::seal::Seal;
use crate::step::Under;
use crate::users::{USERS, User, Users};
use crate::violation::{Checked, ensure};

/// The lowest epoch that a room takes.
#[derive(Debug, Clone, Default)]
pub struct Floor {
    /// 0 if it is not encrypted.
    pub epoch: KeyEpoch,
    /// Whether the room has read it in its current life.
    is_known: bool,
}

impl Floor {
    /// The room needs to know it. Returns whether it does.
    pub fn read(&mut self, can_be_read: bool) -> bool {
        self.is_known |= can_be_read;
        self.is_known
    }

    /// The room has lost its memory.
    pub fn forget(&mut self) {
        self.is_known = false;
    }

    /// A backend asks for this one. Returns whether it is higher.
    pub fn raise(&mut self, epoch: KeyEpoch) -> bool {
        let is_higher = epoch > self.epoch;
        self.epoch = self.epoch.max(epoch);
        is_higher
    }

    /// Everything is erased.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether all events of a POST may be taken (P14.4).
    pub fn judge_all(&self, posted: &Posted) -> Verdict {
        let judge = |(place, event): (usize, &PostedEvent)| Some((place, self.judge(event.seal)?));
        posted.events.iter().enumerate().find_map(judge).map_or(Ok(()), Err)
    }

    /// What the room must answer (P14.4, P14.5).
    pub fn judge(&self, seal: Seal) -> Option<ErrorCode> {
        match seal {
            _ if self.epoch == 0 => None,
            Seal::Plain => Some(ErrorCode::NOT_ENCRYPTED),
            Seal::Marked => None,
            Seal::Under(epoch) => (epoch < self.epoch).then_some(ErrorCode::STALE_KEY_EPOCH),
        }
    }
}

/// What the app still has to tell a room.
#[derive(Debug, Clone, Copy)]
pub struct Raise {
    pub removed: Option<User>,
    pub epoch: KeyEpoch,
}

/// The app of a project: who is a member, and which keys there are.
#[derive(Debug, Default)]
pub struct App {
    /// The newest epoch; 0 before the first.
    pub newest: KeyEpoch,
    /// The epoch under which its backends encrypt, until they are refused.
    pub backend: KeyEpoch,
    /// Who is not a member any more, and the newest epoch of which each has had the key.
    gone: Users,
    had: [KeyEpoch; USERS as usize],
    /// Who was removed, and the room has answered that.
    shut_out: Users,
    /// What the room has not answered.
    pub raises: VecDeque<Raise>,
}

impl App {
    /// Makes a key, after it has removed a member, if any. One who was removed before becomes a member again.
    pub fn rotate(&mut self, user: Option<User>) {
        let removed = user.filter(|user| !self.gone.has(*user));
        match (removed, user) {
            (Some(user), _) => self.remove(user),
            (None, Some(user)) => self.take_back(user),
            (None, None) => {}
        }
        self.newest += 1;
        self.raises.push_back(Raise { removed, epoch: self.newest });
    }

    fn remove(&mut self, user: User) {
        self.gone.insert(user);
        if let Some(had) = self.had.get_mut(usize::from(user)) {
            *had = self.newest;
        }
    }

    fn take_back(&mut self, user: User) {
        self.gone.remove(user);
        self.shut_out.remove(user);
        self.raises.retain(|raise| raise.removed != Some(user));
    }

    /// The room has answered.
    pub fn is_answered(&mut self, raise: Raise) {
        if let Some(user) = raise.removed {
            self.shut_out.insert(user);
        }
    }

    /// Nothing of the past is true any more: the room has lost its floor.
    pub fn floor_is_lost(&mut self) {
        self.shut_out = Users::default();
    }

    /// The epoch of a key that a client of this user gets now, if it asks.
    pub fn current_for(&self, user: Option<User>) -> KeyEpoch {
        let gone = user.filter(|user| self.gone.has(*user));
        let had = gone.and_then(|user| self.had.get(usize::from(user)));
        had.copied().unwrap_or(self.newest)
    }

    /// How something is encrypted by somebody who knows this epoch as the current one.
    pub fn seal(&self, under: Under, known: KeyEpoch) -> Seal {
        let epoch = match under {
            Under::Plain => 0,
            Under::Marked => return Seal::Marked,
            Under::Known => known,
            Under::Current => self.newest,
            Under::Older(by) => self.newest.saturating_sub(by.into()),
        };
        if epoch == 0 { Seal::Plain } else { Seal::Under(epoch) }
    }

    /// Checks that nobody can read what the room has taken, if it was told before that they were removed.
    pub fn check_taken(&self, seal: Seal) -> Checked {
        let Seal::Under(epoch) = seal else { return Ok(()) };
        for (user, had) in (0..USERS).zip(self.had) {
            ensure!(
                !self.shut_out.has(user) || epoch > had,
                "u{user} was removed with the keys up to {had}, and what is under {epoch} is taken."
            );
        }
        Ok(())
    }
}
