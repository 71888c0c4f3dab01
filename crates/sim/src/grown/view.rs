//! What a client believes of the others: how many there are, and where those are who say so.

use std::collections::BTreeMap;

use crate::said::{All, Connection, Told, Updated};
use crate::users::{User, Users};
use crate::wire::Frame;

/// Others at a place, and the last change of each.
pub type Others = BTreeMap<Connection, Option<(u8, u8)>>;

/// What a client believes.
#[derive(Debug)]
pub struct View {
    client: u8,
    user: Option<User>,
    /// Who is present, while it is told so.
    pub users: Option<Users>,
    /// How many are.
    pub count: usize,
    /// What is said of the connections.
    told: All,
    /// Whether only those at the same place are told of.
    is_in_crowd: bool,
}

impl View {
    pub fn new(client: u8, user: Option<User>) -> Self {
        Self { client, user, users: None, count: 0, told: All::new(), is_in_crowd: false }
    }

    /// `at`: where the client itself is.
    pub fn hear(&mut self, frame: &Frame, at: Option<u8>) {
        match frame {
            Frame::Connected(hello) => {
                self.is_in_crowd = hello.users.count() != hello.active_users;
                self.lists(hello.active_users, Some(hello.users), &hello.told);
            }
            Frame::Presence { count, users, told } => {
                self.is_in_crowd = users.is_none();
                self.lists(*count, *users, told);
            }
            Frame::Joined(user) => self.change(|users| users.insert(*user)),
            Frame::Left(user) => {
                self.told.retain(|(of, _), _| of != user);
                self.change(|users| users.remove(*user));
            }
            Frame::Updated(all) => all.iter().for_each(|updated| self.update(updated)),
            _ => {}
        }
        self.forget_elsewhere(at);
    }

    fn lists(&mut self, count: usize, users: Option<Users>, told: &Told) {
        self.count = count;
        self.users = users.filter(|users| users.count() == count);
        if users.is_some() {
            self.told.clone_from(&told.all);
        }
    }

    fn change(&mut self, change: impl FnOnce(&mut Users) -> bool) {
        if let Some(users) = &mut self.users {
            change(users);
            self.count = users.count();
        }
    }

    fn update(&mut self, Updated { user, data, .. }: &Updated) {
        for (client, data) in data {
            match data {
                Some(data) => self.told.insert((*user, *client), *data),
                None => self.told.remove(&(*user, *client)),
            };
        }
    }

    /// In a large room, most of what it believes of those elsewhere is out of date (P12.7).
    pub fn forget_elsewhere(&mut self, at: Option<u8>) {
        if self.is_in_crowd {
            self.told.retain(|_, data| data.at.is_some() && data.at == at);
        }
    }

    /// What it believes of the others at a place.
    pub fn others_at(&self, at: u8) -> Others {
        self.others_in(&self.told, at)
    }

    /// What it should believe of the others at a place, if this is true of all. Nobody has to tell it of its own user.
    pub fn others_in(&self, all: &All, at: u8) -> Others {
        let is_other = |user: User, client: u8| client != self.client && Some(user) != self.user;
        let there = all
            .iter()
            .filter(|((user, client), data)| is_other(*user, *client) && data.at == Some(at));
        there.map(|(connection, data)| (*connection, data.change())).collect()
    }
}
