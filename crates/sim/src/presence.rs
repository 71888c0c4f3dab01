//! The simple model of who is present (P5).

use validiant_core::Millis;

use crate::said::{Connection, Said};
use crate::users::{USERS, User, Users};

/// One user.
#[derive(Debug, Clone, Copy, Default)]
struct Stay {
    /// How many of their sockets the room has.
    sockets: usize,
    /// When they count as gone.
    leaves_at: Option<Millis>,
}

/// The users of one room.
#[derive(Debug, Clone)]
pub struct Presence {
    grace_ms: Millis,
    present: Users,
    /// The users whose sockets ended with the server, which the room has not noticed yet.
    lost: Users,
    /// Who was present when the roster became durable last, and the users of whom that says nothing, because they have
    /// come or gone since.
    durable: Users,
    unsure: Users,
    /// The same as both for the last write.
    written: Users,
    changed: Users,
    stays: [Stay; USERS as usize],
    /// What their connections have said.
    pub said: Said,
}

impl Presence {
    pub fn new(grace_ms: Millis) -> Self {
        let stays = [Stay::default(); USERS as usize];
        Self {
            grace_ms,
            present: Users::default(),
            lost: Users::default(),
            durable: Users::default(),
            unsure: Users::default(),
            written: Users::default(),
            changed: Users::default(),
            stays,
            said: Said::default(),
        }
    }

    /// Who is present.
    pub fn users(&self) -> Users {
        self.present
    }

    /// The users who are present only because they may come back.
    pub fn waiting(&self) -> Users {
        Users(self.stays.iter().zip(0..USERS).fold(0, |users, (stay, user)| {
            users | (u8::from(stay.sockets == 0 && self.present.has(user)) << user)
        }))
    }

    /// The users whose sockets ended with the server without the room noticing.
    pub fn lost(&self) -> Users {
        self.lost
    }

    /// When the next user counts as gone.
    pub fn next_leave(&self) -> Option<Millis> {
        self.stays.iter().filter_map(|stay| stay.leaves_at).min()
    }

    fn stay(&mut self, user: User) -> Option<&mut Stay> {
        self.stays.get_mut(usize::from(user))
    }

    /// The room checks who is connected: from now on the lost users have their grace period (P5.4).
    pub fn notice(&mut self, now: Millis) {
        let until = now + self.grace_ms;
        for user in std::mem::take(&mut self.lost).iter() {
            if let Some(stay) = self.stay(user) {
                stay.leaves_at = Some(until);
            }
        }
    }

    pub fn arrive(&mut self, (user, client): Connection) {
        self.said.arrive((user, client));
        if self.present.insert(user) {
            self.change(user);
        }
        if let Some(stay) = self.stay(user) {
            stay.sockets += 1;
            stay.leaves_at = None;
        }
    }

    /// A socket has ended, cleanly or not. `is_last`: its connection has no other.
    pub fn depart(&mut self, connection: Connection, is_last: bool, is_clean: bool, now: Millis) {
        let (grace_ms, user) = (self.grace_ms, connection.0);
        let data = if is_last { self.said.end(connection) } else { None };
        let Some(stay) = self.stay(user) else { return };
        stay.sockets = stay.sockets.saturating_sub(1);
        if stay.sockets > 0 {
            return;
        }
        if is_clean || grace_ms == 0 {
            self.remove(user);
        } else {
            stay.leaves_at = Some(now + grace_ms);
            self.said.wait(connection, data);
        }
    }

    pub fn remove(&mut self, user: User) {
        self.said.forget(user);
        if self.present.remove(user) {
            self.change(user);
        }
        if let Some(stay) = self.stay(user) {
            *stay = Stay::default();
        }
    }

    /// The alarm has gone off.
    pub fn expire(&mut self, now: Millis) {
        for user in 0..USERS {
            let leaves_at = self.stay(user).and_then(|stay| stay.leaves_at);
            if leaves_at.is_some_and(|at| at <= now) {
                self.remove(user);
            }
        }
    }

    fn change(&mut self, user: User) {
        self.unsure.insert(user);
        self.changed.insert(user);
    }

    /// The roster is written.
    pub fn write(&mut self) {
        (self.written, self.changed) = (self.present, Users::default());
    }

    /// What was written last is durable.
    pub fn confirm(&mut self) {
        (self.durable, self.unsure) = (self.written, self.changed);
    }

    /// All sockets have ended without the room being told, and this roster is left. Of those who came or went last it may
    /// say either. Returns who is wrong in it.
    pub fn crash(&mut self, roster: impl Iterator<Item = (User, Option<Millis>)>) -> Users {
        let mut present = Users::default();
        self.lost = Users::default();
        self.stays = [Stay::default(); USERS as usize];
        for (user, leaves_at) in roster {
            present.insert(user);
            if leaves_at.is_none() {
                self.lost.insert(user);
            }
            if let Some(stay) = self.stay(user) {
                stay.leaves_at = leaves_at;
            }
        }
        let wrong = Users((present.0 ^ self.durable.0) & !self.unsure.0);
        (self.present, self.durable, self.written) = (present, present, present);
        (self.unsure, self.changed) = (Users::default(), Users::default());
        wrong
    }
}
