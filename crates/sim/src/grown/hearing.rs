//! What the objects send to their sockets is what must come next on them, and what the clients make of it.

use validiant_core::tree::Place;
use validiant_core::wire::close_code::{CloseCode, Closing};

use super::client::{Heard, Link};
use super::flaw::Flaw;
use super::log::number_in;
use super::order::Node;
use super::socket::Key;
use super::stays::Ending;
use super::world::World;
use crate::violation::{Checked, Violation, ensure};
use crate::wire::{self, Answer, Frame, short};

/// How the frames begin that have a backend's event, and a client's.
const EVENT: &str = r#"{"type":"E","#;
const CLIENT_EVENT: &str = r#"{"type":"client-"#;

impl World {
    /// An object sends a frame to one of its sockets.
    pub fn is_sent(&mut self, key: Key, text: &str) -> Checked {
        let Some(socket) = self.sockets.get(&key) else {
            return Err(Violation(format!("After its end, {key:?} is sent {}.", short(text))));
        };
        let first = text.trim_start_matches('[');
        if first.starts_with(EVENT) || first.starts_with(CLIENT_EVENT) {
            let is_list = text.starts_with('[');
            ensure!(!is_list || socket.takes_batches, "{socket} is sent a list.");
            return self.is_sent_events(key, first, is_list);
        }
        let Some(frame) = wire::read(text) else {
            return Err(Violation(format!("{socket} is sent what is no frame: {}.", short(text))));
        };
        self.check_frame(key, &frame)?;
        self.hand_over(key, Heard::Frame(Box::new(frame)));
        Ok(())
    }

    fn check_frame(&mut self, key: Key, frame: &Frame) -> Checked {
        let Some(socket) = self.sockets.get_mut(&key) else { return Ok(()) };
        if let Frame::Connected(hello) = frame {
            socket.begin(hello, &self.log)?;
            return self.bans.tells(hello, &self.log);
        }
        ensure!(socket.has_begun, "{socket} is not sent CONNECTED first, but {frame:?}.");
        if let Frame::Updated(all) = frame {
            let is_at_leaf = key.0 != Place::ROOT;
            self.counts.add_many("presence data heard at leaves", usize::from(is_at_leaf));
            return socket.is_told(all, &self.changes);
        }
        if let Frame::Answer(Answer::Error(code) | Answer::KeyError(code, ..)) = frame {
            socket.refusals += 1;
            ensure!(
                ["rate_limited", "stale_key_epoch", "not_encrypted", "room_unavailable"]
                    .contains(&code.as_str()),
                "{socket} is told {code}."
            );
            let client = socket.client;
            if let Some(client) = self.client(client) {
                client.is_unsure = true;
                let last = (client.number, client.changes);
                self.changes.take_back(last);
            }
        }
        Ok(())
    }

    fn is_sent_events(&mut self, key: Key, text: &str, is_list: bool) -> Checked {
        let mut rest = text;
        loop {
            rest = match rest.starts_with(EVENT) {
                true => self.is_sent_event(key, rest)?,
                false => self.is_sent_said(key, rest)?,
            };
            match rest.strip_prefix(',').filter(|_| is_list) {
                Some(more) => rest = more,
                None => break,
            }
        }
        let end = if is_list { "]" } else { "" };
        ensure!(rest == end, "{key:?} is sent a frame that ends in {}.", short(rest));
        Ok(())
    }

    /// Returns what comes after the event.
    fn is_sent_event<'a>(&mut self, key: Key, text: &'a str) -> Checked<&'a str> {
        let Some(index) = self.log.find(text) else {
            return Err(Violation(format!("{key:?} is sent what nobody posted: {}.", short(text))));
        };
        let Some(socket) = self.sockets.get_mut(&key) else { return Ok("") };
        socket.take(index, &self.log)?;
        let is_live = !socket.is_replayed(index);
        let last = socket.last.replace(Node::Event(index));
        if let Some(last) = last {
            self.order.note(last, Node::Event(index));
        }
        if let Some(object) = self.objects.get_mut(&key.0) {
            object.progress = object.progress.max(index + 1);
        }
        self.counts.add(if key.0 == Place::ROOT {
            "events at the root"
        } else {
            "events at leaves"
        });
        let Some(entry) = self.log.entries.get_mut(index) else { return Ok("") };
        entry.heard += usize::from(is_live);
        let (seq, length) = (entry.seq.map(|(_, seq)| seq), entry.frame.len());
        self.hand_over(key, Heard::Event(seq));
        Ok(text.get(length..).unwrap_or_default())
    }

    /// The same for an event of a client.
    fn is_sent_said<'a>(&mut self, key: Key, text: &'a str) -> Checked<&'a str> {
        let known = number_in(text).and_then(|number| self.said_by_number(number));
        let Some(index) = known else {
            return Err(Violation(format!("{key:?} is sent what nobody said: {}.", short(text))));
        };
        let length = self.hears(key, index, text)?;
        let Some(socket) = self.sockets.get_mut(&key) else { return Ok("") };
        let last = socket.last.replace(Node::Said(index));
        if let Some(last) = last {
            self.order.note(last, Node::Said(index));
        }
        Ok(text.get(length..).unwrap_or_default())
    }

    /// The client of a socket gets something, if it has not given the socket up.
    fn hand_over(&mut self, key: Key, heard: Heard) {
        let client = self.sockets.get(&key).map(|socket| socket.client);
        let Some(client) = client.and_then(|client| self.client(client)) else { return };
        if client.link == Link::On(key) {
            client.unread.push_back(heard);
            if client.seat.is_prompt {
                client.read();
            }
        }
    }

    /// An object closes one of its sockets.
    pub fn is_closed(&mut self, key: Key, Closing { code, .. }: Closing) -> Checked {
        let Some(socket) = self.sockets.remove(&key) else {
            return Err(Violation(format!("{key:?} is closed twice.")));
        };
        let (code, removed) = (code.number, CloseCode::REMOVED.number);
        let ending = if code == removed { Ending::Removed } else { Ending::Broken };
        self.stays.end(socket.user, ending, self.now);
        let comes_again = code == CloseCode::TRY_AGAIN.number;
        let is_revoked = code == CloseCode::TOKEN_INVALID.number;
        let is_right = comes_again
            || (code == removed && self.bans.may_remove(&socket))
            || (is_revoked
                && socket.issued_at.is_some_and(|it| self.bans.may_refuse(socket.user, it)));
        ensure!(is_right, "{socket} is closed with {code}.");
        if self.has(Flaw::DeafClose) && key.0 != Place::ROOT && comes_again {
            return Ok(());
        }
        self.counts.add(match code {
            _ if comes_again => "sockets closed to come again",
            _ if is_revoked => "sockets closed by a revocation",
            _ => "sockets closed by a removal",
        });
        let now = self.now;
        let Some(client) = self.client(socket.client) else { return Ok(()) };
        if client.link != Link::On(key) {
            return Ok(());
        }
        client.read();
        if code == removed {
            self.stop(socket.client);
            return Ok(());
        }
        if is_revoked {
            client.token_issued_at = now;
        }
        let after = self.rng.u64(0..2_000);
        self.retreat(socket.client, after);
        Ok(())
    }
}
