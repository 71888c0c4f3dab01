//! A client, as the protocol tells it to behave.

use std::collections::VecDeque;

use validiant_core::Millis;
use validiant_core::encryption::KeyEpoch;
use validiant_core::member::{HeldToken, Member};
use validiant_core::names::{ConnectionId, Epoch};
use validiant_core::position::{Position, Seq};

use super::plan::Seat;
use super::socket::Key;
use super::stays::Ending;
use super::time::Due;
use super::view::View;
use super::world::World;
use crate::said::Data;
use crate::users;
use crate::violation::{Checked, Violation};
use crate::wire::Frame;

/// How long a token is valid: longer than an episode.
const TOKEN_MS: Millis = 86_400_000;
/// A connection that is lost without a trace is noticed after at most so long.
const NOTICED_AFTER_MS: Millis = 20_000;
/// A client that was cut off is back after at most so long.
const BACK_AFTER_MS: Millis = 3_000;

/// What a client has to do with the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// Nothing.
    Off,
    /// It waits, or tries to connect. If nothing else happens, it tries again.
    Trying,
    /// It has this socket.
    On(Key),
}

/// Something that a client reads.
#[derive(Debug)]
pub enum Heard {
    /// An event with this number, if it is kept.
    Event(Option<Seq>),
    /// Anything else.
    Frame(Box<Frame>),
}

/// A client of the room.
#[derive(Debug)]
pub struct Client {
    pub number: u8,
    pub seat: Seat,
    pub link: Link,
    /// Whether it wants to be connected.
    pub wants: bool,
    /// Counts what it does, so that what was planned before is not done any more.
    pub nonce: u64,
    pub position: Option<Position>,
    pub token_issued_at: Millis,
    /// What it says of itself, and how often it has said something.
    pub data: Option<Data>,
    pub changes: u8,
    /// What it has not read yet.
    pub unread: VecDeque<Heard>,
    pub view: View,
    pub floor: KeyEpoch,
    /// Whether the room refused what it said of itself last.
    pub is_unsure: bool,
}

impl Client {
    pub fn new(number: u8, seat: Seat, now: Millis) -> Self {
        Self {
            number,
            seat,
            link: Link::Off,
            wants: false,
            nonce: 0,
            position: None,
            token_issued_at: now,
            data: None,
            changes: 0,
            unread: VecDeque::new(),
            view: View::new(number, seat.user),
            floor: 0,
            is_unsure: false,
        }
    }

    /// Who it is, as the gate tells the room.
    pub fn member(&self, takes_tokens: bool, now: Millis) -> Checked<Member> {
        let connection_id = ConnectionId::parse(&format!("c{}", self.number))
            .map_err(|_| Violation(format!("{self} has no valid name.")))?;
        let token = HeldToken {
            expires_at: self.token_issued_at + TOKEN_MS,
            issued_at: self.token_issued_at,
            id: None,
        };
        let has_token = takes_tokens && self.seat.user.is_some();
        Ok(Member {
            connection_id,
            user: self.seat.user.and_then(users::named),
            connected_at: now,
            takes_batches: self.seat.takes_batches,
            is_present: true,
            token: has_token.then_some(token),
            gap_after: None,
            may_send: true,
            data: None,
        })
    }

    /// It has a new socket.
    pub fn begin(&mut self, key: Key) {
        self.nonce += 1;
        self.link = Link::On(key);
        self.unread.clear();
    }

    /// Reads everything.
    pub fn read(&mut self) {
        while let Some(heard) = self.unread.pop_front() {
            match heard {
                Heard::Event(Some(seq)) => {
                    if let Some(position) = &mut self.position {
                        position.seq = seq;
                    }
                }
                Heard::Event(None) => {}
                Heard::Frame(frame) => self.hear(&frame),
            }
        }
    }

    fn hear(&mut self, frame: &Frame) {
        match frame {
            Frame::Connected(hello) => {
                if !hello.is_recovered {
                    self.position = hello.position.as_ref().and_then(|(epoch, seq)| {
                        Some(Position { epoch: Epoch::parse(epoch).ok()?, seq: *seq })
                    });
                }
                self.floor = hello.floor;
            }
            Frame::KeyEpoch(epoch) => self.floor = *epoch,
            _ => {}
        }
        self.view.hear(frame, self.data.and_then(|data| data.at));
    }
}

impl World {
    /// A client wants to be connected.
    pub fn come(&mut self, client: u8) -> Checked {
        let Some(known) = self.client(client) else { return Ok(()) };
        known.wants = true;
        if known.link == Link::Off { self.start(client) } else { Ok(()) }
    }

    /// It closes its connection on purpose.
    pub fn go(&mut self, client: u8) -> Checked {
        let Some(known) = self.client(client) else { return Ok(()) };
        (known.wants, known.nonce) = (false, known.nonce + 1);
        match std::mem::replace(&mut known.link, Link::Off) {
            Link::On(socket) => self.is_told_of_end(socket, 1000),
            Link::Off | Link::Trying => Ok(()),
        }
    }

    /// Its network breaks. The room notices some time later.
    pub fn lose(&mut self, client: u8, stays_away: bool) -> Checked {
        let Some(known) = self.client(client) else { return Ok(()) };
        known.wants &= !stays_away;
        let Link::On(socket) = known.link else { return Ok(()) };
        let notices = self.rng.u64(0..NOTICED_AFTER_MS);
        self.schedule(notices, Due::Ended { socket, code: 1006 });
        let after = self.rng.u64(0..BACK_AFTER_MS);
        self.retreat(client, after);
        Ok(())
    }

    /// The network breaks for all of them.
    pub fn herd(&mut self) -> Checked {
        (0..super::plan::CLIENTS).try_for_each(|client| self.lose(client, false))
    }

    /// A client has no connection any more, and tries again after a while if it wants one.
    pub fn retreat(&mut self, client: u8, after: Millis) {
        let Some(known) = self.client(client) else { return };
        known.nonce += 1;
        // What it had not read is lost.
        known.unread.clear();
        known.link = if known.wants { Link::Trying } else { Link::Off };
        let (wants, nonce) = (known.wants, known.nonce);
        if wants {
            self.schedule(after, Due::Return { client, nonce });
        }
    }

    pub fn come_back(&mut self, client: u8, nonce: u64) -> Checked {
        let Some(known) = self.client(client) else { return Ok(()) };
        let is_waiting = known.link == Link::Trying && known.nonce == nonce;
        if is_waiting { self.start(client) } else { Ok(()) }
    }

    pub fn read(&mut self, client: u8) -> Checked {
        if let Some(known) = self.client(client) {
            known.read();
        }
        Ok(())
    }

    /// The object of a socket is told that it has ended.
    pub fn is_told_of_end(&mut self, socket: Key, code: u16) -> Checked {
        if !self.sockets.contains_key(&socket) {
            return Ok(());
        }
        self.act(socket.0, |room, now| room.leave(socket.1, code, now));
        // What waited is still sent to it.
        self.end(socket.0)?;
        let ended = self.sockets.remove(&socket);
        let ending = if code == 1000 { Ending::Clean } else { Ending::Broken };
        self.stays.end(ended.and_then(|socket| socket.user), ending, self.now);
        Ok(())
    }
}

impl std::fmt::Display for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Client {}", self.number)
    }
}
