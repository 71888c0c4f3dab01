//! A client, as the protocol tells it to behave: what it believes, and whether it is right.

use std::rc::Rc;

use validiant_core::encryption::KeyEpoch;
use validiant_core::member::SocketId;
use validiant_core::names::Epoch;
use validiant_core::position::{Position, Seq};

use crate::journal::Journal;
use crate::plan::Seat;
use crate::publication::{Event, Place};
use crate::said::{All, Data, Told, Updated};
use crate::seal::Seal;
use crate::token::Token;
use crate::users::{User, Users};
use crate::violation::{Checked, Violation, ensure};
use crate::wire::{Frame, Hello, short};

/// Who a client believes is present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// These users.
    Users(Users),
    /// This many users: the room is too large to announce each one.
    Count(usize),
}

/// A client of a room.
#[derive(Debug)]
pub struct Client {
    pub number: u8,
    pub seat: Seat,
    /// Up to where it knows all events, if it was told of a history.
    pub position: Option<Position>,
    /// Up to where that was checked; events for others move only this.
    checked_until: Seq,
    /// The socket that it reads, if it is connected as far as it knows.
    pub socket: Option<SocketId>,
    has_begun: bool,
    /// Whether its current connection only listens.
    listens: bool,
    /// The token that it holds.
    pub token: Option<Token>,
    /// Whether it can rely on nobody joining or leaving twice: not if a write to the roster may fail.
    trusts_presence: bool,
    /// The last event on this connection.
    last_order: u64,
    pub view: View,
    /// What it believes of the users' connections, and who may come back.
    pub told: Told,
    /// Whether it knows that its room is large, and up to how many users a room is not.
    is_in_crowd: bool,
    few: usize,
    /// Where it is.
    at: Option<u8>,
    /// The lowest key epoch, as far as it was told, and the key that it takes for the current one.
    pub floor: KeyEpoch,
    pub key: KeyEpoch,
    /// Whether it was told of a floor on this connection after CONNECTED.
    has_heard_floor: bool,
}

impl Client {
    pub fn new(number: u8, seat: Seat, trusts_presence: bool, few: usize) -> Self {
        Self {
            number,
            seat,
            position: None,
            checked_until: 0,
            socket: None,
            has_begun: false,
            listens: false,
            token: None,
            trusts_presence,
            last_order: 0,
            view: View::Users(Users::default()),
            told: Told::default(),
            is_in_crowd: false,
            few,
            at: None,
            floor: 0,
            key: 0,
            has_heard_floor: false,
        }
    }

    /// What it says of itself has been accepted, and it is there now.
    pub fn has_moved(&mut self, at: Option<u8>) {
        self.at = at;
        self.forget_elsewhere();
    }

    /// In a large room, most of what it believes of those elsewhere is out of date (P12.7).
    fn forget_elsewhere(&mut self) {
        if self.is_in_crowd {
            self.told.all = self.at_its_place(&self.told.all);
        }
    }

    /// What is known of others at its own place.
    fn at_its_place(&self, all: &All) -> All {
        let is_there = |data: &Data| data.at.is_some() && data.at == self.at;
        all.iter().filter(|(_, data)| is_there(data)).map(|(key, data)| (*key, *data)).collect()
    }

    /// What it can know of all that is said: not of its own connection, and of its own user only if it is present.
    fn of_other_connections(&self, told: &Told) -> Told {
        let Told { mut all, mut waiting } = told.clone();
        all.retain(|(user, client), _| *client != self.number && !self.is_me(*user));
        if let Some(me) = self.seat.user.filter(|_| self.listens) {
            waiting.remove(me);
        }
        Told { all, waiting }
    }

    /// Whether it believes what is true, or, in a large room, what is true of its own place. One that reads late may
    /// still believe that somebody is there.
    pub fn believes(&self, truth: &Told, is_large: bool) -> bool {
        let [believed, truth] = [&self.told, truth].map(|told| self.of_other_connections(told));
        if !is_large {
            return believed == truth;
        }
        let [believed, truth] = [believed.all, truth.all].map(|all| self.at_its_place(&all));
        match self.seat.is_prompt {
            true => believed == truth,
            false => truth.iter().all(|(key, data)| believed.get(key) == Some(data)),
        }
    }

    fn hear_update(&mut self, updated: &Updated) {
        let Updated { user, is_waiting, data } = updated;
        match is_waiting {
            true => self.told.waiting.insert(*user),
            false => self.told.waiting.remove(*user),
        };
        for (client, data) in data {
            self.told.all.remove(&(*user, *client));
            self.told.all.extend(data.map(|data| ((*user, *client), data)));
        }
        self.forget_elsewhere();
    }

    /// Begins a new connection. Whatever was not read on the old one is lost.
    pub fn begin(&mut self, socket: SocketId, listens: bool) {
        self.listens = listens;
        self.socket = Some(socket);
        self.has_begun = false;
        self.has_heard_floor = false;
        self.last_order = 0;
    }

    /// Whether it listens as this user, who may be present through another client: joins of its own user are not
    /// announced to it (P5.1).
    fn is_me(&self, user: User) -> bool {
        self.listens && self.seat.user == Some(user)
    }

    /// The users whose presence is announced to it.
    pub fn of_others(&self, mut users: Users) -> Users {
        if let Some(me) = self.seat.user.filter(|_| self.listens) {
            users.remove(me);
        }
        users
    }

    /// Whether `CONNECTED` was read on the current connection.
    pub fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Handles a frame.
    pub fn hear(&mut self, frame: &Frame, journal: &Journal) -> Checked {
        if let Frame::Connected(hello) = frame {
            return self.hear_hello(hello);
        }
        ensure!(
            self.has_begun || matches!(frame, Frame::Close),
            "{self} does not hear CONNECTED first."
        );
        match frame {
            Frame::Events(events) => {
                events.iter().try_for_each(|event| self.hear_event(event, journal))
            }
            Frame::Joined(_) | Frame::Left(_) => self.hear_of_user(frame),
            Frame::Presence { count, users, told } => {
                self.view = users.map_or(View::Count(*count), View::Users);
                self.is_in_crowd = users.is_none();
                if users.is_some() {
                    self.told = told.clone();
                }
                self.forget_elsewhere();
                Ok(())
            }
            Frame::Updated(all) => {
                all.iter().for_each(|updated| self.hear_update(updated));
                Ok(())
            }
            Frame::KeyEpoch(epoch) => {
                ensure!(*epoch > self.floor, "{self} hears the key epoch {epoch} again.");
                (self.floor, self.has_heard_floor) = (*epoch, true);
                Ok(())
            }
            Frame::Close => {
                self.socket = None;
                Ok(())
            }
            Frame::Connected(_) | Frame::Answer(_) => Ok(()),
        }
    }

    /// A client that is told that it was recovered continues. Any other fetches everything again, so it knows everything
    /// up to now; without a history it can't rely on anything.
    fn hear_hello(&mut self, hello: &Hello) -> Checked {
        ensure!(!self.has_begun, "{self} hears CONNECTED twice.");
        self.has_begun = true;
        self.floor = hello.floor;
        self.view = View::Users(hello.users);
        self.told = hello.told.clone();
        self.is_in_crowd = hello.active_users > self.few;
        if hello.is_recovered {
            let epoch = self.position.as_ref().map(|position| position.epoch.as_str());
            let told = hello.position.as_ref().map(|(epoch, _)| epoch.as_str());
            ensure!(
                epoch.is_some() && epoch == told,
                "{self} is told that it has all of {told:?}, but it stands in {epoch:?}."
            );
        } else {
            self.position = match &hello.position {
                Some((epoch, seq)) => {
                    Epoch::parse(epoch).ok().map(|epoch| Position { epoch, seq: *seq })
                }
                None => None,
            };
        }
        self.checked_until = self.position.as_ref().map_or(0, |position| position.seq);
        Ok(())
    }

    /// Whether an event is for it.
    pub fn is_meant(&self, event: &Event) -> bool {
        event.is_for(self.number, self.seat.user)
    }

    fn hear_event(&mut self, event: &Rc<Event>, journal: &Journal) -> Checked {
        let frame = short(&event.frame);
        ensure!(self.is_meant(event), "{self} hears {frame}, which is not for it.");
        ensure!(event.order > self.last_order, "{self} hears {frame} out of order.");
        self.last_order = event.order;
        let is_stale = |epoch| self.has_heard_floor && epoch < self.floor;
        ensure!(
            !matches!(event.posted.seal, Seal::Under(epoch) if is_stale(epoch)),
            "{self} was told of the floor {}, and then hears {frame}.",
            self.floor
        );
        let Some((Place { life, seq }, position)) = event.place.zip(self.position.as_ref()) else {
            return Ok(());
        };
        ensure!(
            journal.life_of(position.epoch.as_str()) == Some(life),
            "{self} stands at {position} and hears {frame} of another history."
        );
        ensure!(seq > position.seq, "{self} stands at {position} and hears {frame} again.");
        self.misses_nothing_before(Place { life, seq }, journal)?;
        if let Some(position) = &mut self.position {
            position.seq = seq;
        }
        self.checked_until = seq;
        Ok(())
    }

    fn misses_nothing_before(&self, Place { life, seq }: Place, journal: &Journal) -> Checked {
        let since = journal.after(Place { life, seq: self.checked_until });
        let is_before = |event: &&Rc<Event>| event.place.is_some_and(|place| place.seq < seq);
        self.is_none_for_me(since.iter().take_while(is_before))
    }

    fn is_none_for_me<'a>(&self, mut events: impl Iterator<Item = &'a Rc<Event>>) -> Checked {
        match events.find(|event| self.is_meant(event)) {
            Some(missed) => Err(Violation(format!("{self} has missed {}.", short(&missed.frame)))),
            None => Ok(()),
        }
    }

    /// It is connected and has read everything, so it claims to be up to date: checks that this is true.
    pub fn misses_nothing(&mut self, journal: &Journal) -> Checked {
        let Some(position) = &self.position else { return Ok(()) };
        let Some(life) = journal.life_of(position.epoch.as_str()) else { return Ok(()) };
        let since = journal.after(Place { life, seq: self.checked_until });
        self.is_none_for_me(since.iter())?;
        let last = since.last().and_then(|event| event.place);
        self.checked_until = last.map_or(self.checked_until, |place| place.seq);
        Ok(())
    }

    fn hear_of_user(&mut self, frame: &Frame) -> Checked {
        let View::Users(mut users) = self.view else {
            ensure!(!self.trusts_presence, "{self} hears {frame:?} in a large room.");
            return Ok(());
        };
        if let Frame::Joined(user) | Frame::Left(user) = frame {
            self.told.all.retain(|(of, _), _| of != user);
            self.told.waiting.remove(*user);
        }
        let is_news = match frame {
            Frame::Joined(user) => users.insert(*user) || self.is_me(*user),
            Frame::Left(user) => users.remove(*user) || self.is_me(*user),
            _ => true,
        };
        ensure!(is_news || !self.trusts_presence, "{self} hears {frame:?}, which it knows.");
        self.view = View::Users(users);
        Ok(())
    }
}

impl std::fmt::Display for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Client {}", self.number)
    }
}
