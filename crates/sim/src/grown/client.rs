//! A client, as the protocol tells it to behave.

use std::collections::VecDeque;

use validiant_core::Millis;
use validiant_core::encryption::KeyEpoch;
use validiant_core::member::{HeldToken, Member};
use validiant_core::names::{ConnectionId, Epoch};
use validiant_core::position::{Position, Seq};

use super::plan::Seat;
use super::socket::Key;
use super::view::View;
use crate::said::Data;
use crate::users;
use crate::violation::{Checked, Violation};
use crate::wire::Frame;

/// How long a token is valid: longer than an episode.
const TOKEN_MS: Millis = 86_400_000;

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

impl std::fmt::Display for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Client {}", self.number)
    }
}
