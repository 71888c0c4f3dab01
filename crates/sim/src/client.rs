//! A client, as the protocol tells it to behave: what it believes, and whether it is right.

use std::rc::Rc;

use validiant_core::member::SocketId;
use validiant_core::names::Epoch;
use validiant_core::position::{Position, Seq};

use crate::journal::Journal;
use crate::plan::Seat;
use crate::publication::{Event, Place};
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
}

impl Client {
    pub fn new(number: u8, seat: Seat, trusts_presence: bool) -> Self {
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
        }
    }

    /// Begins a new connection. Whatever was not read on the old one is lost.
    pub fn begin(&mut self, socket: SocketId, listens: bool) {
        self.listens = listens;
        self.socket = Some(socket);
        self.has_begun = false;
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
            Frame::Presence { count, users } => {
                self.view = users.map_or(View::Count(*count), View::Users);
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
        self.view = View::Users(hello.users);
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

    fn hear_event(&mut self, event: &Rc<Event>, journal: &Journal) -> Checked {
        let frame = short(&event.frame);
        ensure!(event.is_for(self.seat.user), "{self} hears {frame}, which is not for it.");
        ensure!(event.order > self.last_order, "{self} hears {frame} out of order.");
        self.last_order = event.order;
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
        match events.find(|event| event.is_for(self.seat.user)) {
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
