//! The few users of the simulator, and sets of them.

use validiant_core::member::User as Named;
use validiant_core::names::UserId;

/// How many users there are in each room.
pub const USERS: u8 = 5;

/// A user, by number.
pub type User = u8;

/// A set of users, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Users(pub u8);

impl Users {
    /// The bits of all users.
    pub const ALL: u8 = (1 << USERS) - 1;

    pub fn has(self, user: User) -> bool {
        self.0 & (1 << user) != 0
    }

    /// Adds a user. Returns whether the user was not in it.
    pub fn insert(&mut self, user: User) -> bool {
        let is_new = !self.has(user);
        self.0 |= 1 << user;
        is_new
    }

    /// Removes a user. Returns whether the user was in it.
    pub fn remove(&mut self, user: User) -> bool {
        let was_there = self.has(user);
        self.0 &= !(1 << user);
        was_there
    }

    pub fn count(self) -> usize {
        self.0.count_ones() as usize
    }

    pub fn iter(self) -> impl Iterator<Item = User> {
        (0..USERS).filter(move |user| self.has(*user))
    }

    /// As in a frame or in the body of a POST.
    pub fn names(self) -> Vec<String> {
        self.iter().map(name).collect()
    }
}

pub fn name(user: User) -> String {
    format!("u{user}")
}

pub fn id(user: User) -> Option<UserId> {
    UserId::parse(&name(user)).ok()
}

/// The user as a client names itself.
pub fn named(user: User) -> Option<Named> {
    id(user).map(|id| Named::unverified(id, None))
}

/// Reads what [`name`] wrote.
pub fn number(name: &str) -> Option<User> {
    name.strip_prefix('u')?.parse().ok().filter(|user| *user < USERS)
}
