//! What keeps clients out, as backends have asked for it, and what of it is in force for good.

use validiant_core::Millis;
use validiant_core::encryption::KeyEpoch;

use super::log::Log;
use super::socket::Socket;
use crate::seal::Seal;
use crate::users::{self, User};
use crate::violation::{Checked, ensure};
use crate::wire::Hello;

/// What a backend asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// A user is removed, and kept out until then; the key epoch is raised, if it is above 0.
    Remove(User, Millis, KeyEpoch),
    /// The tokens of a user, or of everybody, from before a time are revoked.
    Revoke(Option<User>, Millis),
    /// The key epoch is raised.
    Raise(KeyEpoch),
    /// The room is erased, and with it what keeps clients out, or not.
    Erase(bool),
}

/// What a backend has asked for, and the root has taken.
#[derive(Debug)]
pub struct Ban {
    pub wish: Wish,
    /// When, in the order of all that happens.
    pub asked: u64,
    /// How many histories there had been.
    eras: usize,
    /// When it was answered. From then on it holds at every place.
    answered: Option<u64>,
}

impl Ban {
    fn is_in_force(&self) -> bool {
        self.answered.is_some()
    }
}

/// All of them.
#[derive(Debug, Default)]
pub struct Bans {
    all: Vec<Ban>,
    /// The last one that erased what keeps clients out: nothing before it counts.
    since: usize,
    /// The lowest key epoch that was asked for last, and that is in force.
    pub floor_asked: KeyEpoch,
    pub floor_in_force: KeyEpoch,
    /// How often the room was erased, and how many histories are over for good.
    pub erased: usize,
    eras_over: usize,
}

impl Bans {
    /// The root has taken a wish. Returns its number.
    pub fn add(&mut self, wish: Wish, asked: u64, eras: usize) -> usize {
        if let Wish::Raise(epoch) | Wish::Remove(_, _, epoch) = wish {
            self.floor_asked = self.floor_asked.max(epoch);
        }
        self.all.push(Ban { wish, asked, eras, answered: None });
        if let Wish::Erase(is_all) = wish {
            self.erased += 1;
            if is_all {
                self.since = self.all.len();
                (self.floor_asked, self.floor_in_force) = (0, 0);
            }
        }
        self.all.len() - 1
    }

    fn counted(&self) -> &[Ban] {
        self.all.get(self.since..).unwrap_or_default()
    }

    /// It is answered at this moment: from now on it holds everywhere. Returns it.
    pub fn is_answered(&mut self, index: usize, order: u64) -> Option<&Ban> {
        let is_counted = index >= self.since;
        let ban = self.all.get_mut(index)?;
        ban.answered = Some(order);
        match ban.wish {
            Wish::Raise(epoch) | Wish::Remove(_, _, epoch) if is_counted => {
                self.floor_in_force = self.floor_in_force.max(epoch);
            }
            Wish::Erase(_) => self.eras_over = self.eras_over.max(ban.eras),
            _ => {}
        }
        Some(ban)
    }

    /// Until when a user is kept out, as the root knows it, and whether that holds everywhere.
    fn kept_out(&self, user: User) -> Option<(Millis, bool)> {
        let mut removals = self.counted().iter().filter_map(|ban| match ban.wish {
            Wish::Remove(of, until, _) if of == user => Some((until, ban.is_in_force())),
            _ => None,
        });
        removals.next_back()
    }

    /// Whether a token is revoked, as the root knows it, and whether that holds everywhere.
    fn revoked(&self, user: Option<User>, issued_at: Millis) -> Option<bool> {
        let revocations = self.counted().iter().filter_map(|ban| match ban.wish {
            Wish::Revoke(of, before) if (of.is_none() || of == user) && issued_at < before => {
                Some(ban.is_in_force())
            }
            _ => None,
        });
        revocations.max()
    }

    /// Whether the root has asked for a socket to be closed, or not to be opened.
    pub fn are_against(&self, user: Option<User>, issued_at: Option<Millis>, now: Millis) -> bool {
        let is_kept_out = user.and_then(|user| self.kept_out(user));
        let is_revoked = issued_at.and_then(|issued_at| self.revoked(user, issued_at));
        is_kept_out.is_some_and(|(until, _)| until > now) || is_revoked.is_some()
    }

    /// Whether an object may keep a user out: there is a removal that no later one, and no erasure, has replaced everywhere.
    pub fn may_keep_out(&self, user: Option<User>, now: Millis) -> bool {
        let is_of = |ban: &&Ban| matches!(ban.wish, Wish::Remove(of, ..) if Some(of) == user);
        let replaces = |ban: &Ban| ban.is_in_force() && (is_of(&ban) || erases(ban));
        let since = self.all.iter().rposition(replaces).unwrap_or(0);
        let mut known = self.all.iter().skip(since).filter(is_of);
        known.any(|ban| matches!(ban.wish, Wish::Remove(_, until, _) if until > now))
    }

    /// Whether an object may refuse a token: there is a revocation that no erasure has replaced everywhere.
    pub fn may_refuse(&self, user: Option<User>, issued_at: Millis) -> bool {
        let replaces = |ban: &Ban| ban.is_in_force() && erases(ban);
        let since = self.all.iter().rposition(replaces).unwrap_or(0);
        self.all.iter().skip(since).any(|ban| {
            matches!(ban.wish, Wish::Revoke(of, before)
                if (of.is_none() || of == user) && issued_at < before)
        })
    }

    /// Whether a removal may close a socket: it was not answered before the socket was opened.
    pub fn may_remove(&self, socket: &Socket) -> bool {
        self.all.iter().any(|ban| {
            let is_theirs = matches!(ban.wish, Wish::Remove(of, ..) if Some(of) == socket.user);
            is_theirs && ban.answered.is_none_or(|at| at > socket.opened)
        })
    }

    /// A socket is opened: nothing that is in force may be against it.
    pub fn lets_in(&self, socket: &Socket, now: Millis) -> Checked {
        let kept_out = socket.user.and_then(|user| self.kept_out(user));
        let is_kept_out = kept_out.is_some_and(|(until, is_in_force)| is_in_force && until > now);
        ensure!(!is_kept_out, "{socket} is opened, though its user is kept out.");
        let revoked = socket.issued_at.and_then(|it| self.revoked(socket.user, it));
        ensure!(revoked != Some(true), "{socket} is opened with a token that is revoked.");
        Ok(())
    }

    /// `CONNECTED` must tell what is in force.
    pub fn tells(&self, hello: &Hello, log: &Log) -> Checked {
        let in_force = self.floor_in_force;
        ensure!(hello.floor >= in_force, "CONNECTED tells {}, not {in_force}.", hello.floor);
        let era = hello.position.as_ref().and_then(|(epoch, _)| log.era(epoch));
        let is_over = era.is_some_and(|era| era < self.eras_over);
        ensure!(!is_over, "CONNECTED tells of a history that is erased: {hello:?}.");
        Ok(())
    }

    /// Whether a ban that is answered leaves a socket alone.
    pub fn leaves_alone(&self, index: usize, socket: &Socket) -> bool {
        let Some(Ban { wish, asked, .. }) = self.all.get(index) else { return true };
        match wish {
            Wish::Remove(user, ..) => socket.user != Some(*user) || socket.opened > *asked,
            // All may have been erased since then, and the revocation with it.
            Wish::Revoke(..) if index < self.since && socket.opened > *asked => true,
            Wish::Revoke(user, before) => {
                let is_theirs = user.is_none() || *user == socket.user;
                !is_theirs || socket.issued_at.is_none_or(|issued_at| issued_at >= *before)
            }
            Wish::Raise(_) => true,
            Wish::Erase(_) => socket.opened > *asked,
        }
    }

    /// Whether nothing is taken any more that is encrypted like this.
    pub fn refuse(&self, seal: Seal) -> bool {
        match seal {
            Seal::Plain => self.floor_asked > 0,
            Seal::Marked => false,
            Seal::Under(epoch) => epoch < self.floor_asked,
        }
    }

    /// How a backend encrypts.
    pub fn newest_seal(&self) -> Seal {
        if self.floor_asked > 0 { Seal::Under(self.floor_asked) } else { Seal::Plain }
    }
}

/// Whether it erases all that keeps clients out.
fn erases(ban: &Ban) -> bool {
    matches!(ban.wish, Wish::Erase(true))
}

impl Wish {
    /// What is counted when it is answered only after the leaves have heard of it.
    pub fn awaited(self) -> &'static str {
        match self {
            Self::Remove(..) => "removals that waited for leaves",
            Self::Revoke(..) => "revocations that waited for leaves",
            Self::Raise(_) => "key epochs that waited for leaves",
            Self::Erase(_) => "erasures that waited for leaves",
        }
    }
}

impl std::fmt::Display for Wish {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Remove(user, ..) => write!(f, "The removal of {}", users::name(*user)),
            Self::Revoke(..) => f.write_str("The revocation"),
            Self::Raise(epoch) => write!(f, "The key epoch {epoch}"),
            Self::Erase(_) => f.write_str("The erasure"),
        }
    }
}
