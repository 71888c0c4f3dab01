//! What clients do once they are connected: read, send, leave, and get lost.

use validiant_core::member::SocketId;
use validiant_core::room::{Answered, Incoming};
use validiant_core::wire::close_code::CloseCode;
use validiant_core::wire::error_code::ErrorCode;

use crate::client::Client;
use crate::plan::MAX_CLIENT_FRAME_BYTES;
use crate::site::Site;
use crate::step::{End, Message};
use crate::violation::{Checked, Violation, ensure};
use crate::wire::{Answer, Frame, Socket};
use crate::world::World;

impl World {
    pub fn leave(&mut self, client: u8, end: End) -> Checked {
        let Self { clients, sites, now, counts, .. } = self;
        let Some((client, site)) = client_of(clients, sites, client) else { return Ok(()) };
        let socket = site.live(client);
        site.give_up(client);
        socket.map_or(Ok(()), |socket| site.tell_end(socket, 1000, end, *now, counts))
    }

    pub fn lose(&mut self, client: u8, is_told: bool, end: End) -> Checked {
        let Self { clients, sites, now, counts, .. } = self;
        let Some((client, site)) = client_of(clients, sites, client) else { return Ok(()) };
        let socket = site.live(client);
        site.give_up(client);
        match socket {
            Some(socket) if is_told => site.tell_end(socket, 1006, end, *now, counts),
            _ => Ok(()),
        }
    }

    /// The room is told about the connections that were lost unnoticed.
    pub fn tell_ends(&mut self, room: u8, end: End) -> Checked {
        let Self { sites, now, counts, .. } = self;
        let Some(site) = sites.get_mut(usize::from(room)) else { return Ok(()) };
        let lost = site.in_room().filter(|(_, socket)| socket.is_given_up).map(|(id, _)| id);
        let lost: Vec<SocketId> = lost.collect();
        for (place, socket) in lost.into_iter().enumerate() {
            let end = if place == 0 { end } else { End::Commits };
            site.tell_end(socket, 1006, end, *now, counts)?;
        }
        Ok(())
    }

    pub fn read(&mut self, client: u8, frames: usize) -> Checked {
        let Some((client, site)) = client_of(&mut self.clients, &mut self.sites, client) else {
            return Ok(());
        };
        site.let_read(client, frames)
    }

    pub fn say(&mut self, client: u8, message: Message, end: End) -> Checked {
        let Self { clients, sites, now, counts, .. } = self;
        let Some((client, site)) = client_of(clients, sites, client) else { return Ok(()) };
        let Some(socket) = site.live(client) else { return Ok(()) };
        let mut turn = site.begin_turn(end);
        site.model.presence.notice(*now);
        let too_big = "x".repeat(MAX_CLIENT_FRAME_BYTES + 1);
        let (text, answer) = match message {
            Message::Ping => (r#"{"type": "PING"}"#, Some(Answer::Pong)),
            Message::Junk => {
                ("junk", Some(Answer::Error(ErrorCode::MALFORMED_MESSAGE.code.into())))
            }
            Message::TooBig => (too_big.as_str(), None),
        };
        let closes = answer.is_none();
        let answered = site.room.message(socket, Incoming::Text(text), *now);
        ensure!(
            closes == matches!(answered, Answered::Closed(CloseCode::MESSAGE_TOO_BIG, Some(_))),
            "{client} says {message:?}, and is answered {answered:?}."
        );
        if closes {
            turn.closes.push((socket, CloseCode::MESSAGE_TOO_BIG.number));
            site.model_departure(socket, false, *now);
        }
        turn.answers.extend(answer.map(|answer| (socket, answer)));
        site.holds_nothing()?;
        site.end_turn(turn, *now, counts)
    }

    pub fn ping(&mut self, client: u8) -> Checked {
        let Self { clients, sites, now, .. } = self;
        let Some((client, site)) = client_of(clients, sites, client) else { return Ok(()) };
        let Some(id) = site.live(client) else { return Ok(()) };
        site.platform.borrow_mut().ping(id, *now);
        if let Some(socket) = site.sockets.get_mut(&id) {
            socket.last_ping = Some(*now);
        }
        Ok(())
    }
}

/// A client, and the room that it belongs to.
pub fn client_of<'a>(
    clients: &'a mut [Client],
    sites: &'a mut [Site],
    client: u8,
) -> Option<(&'a mut Client, &'a mut Site)> {
    let client = clients.get_mut(usize::from(client))?;
    let site = sites.get_mut(usize::from(client.seat.room))?;
    Some((client, site))
}

impl Site {
    /// The client's socket, if both ends have it.
    pub fn live(&self, client: &Client) -> Option<SocketId> {
        let id = client.socket?;
        self.sockets.get(&id).filter(|socket| socket.is_in_room).map(|_| id)
    }

    /// The client has lost its connection, with everything in flight.
    pub fn give_up(&mut self, client: &mut Client) {
        let socket = client.socket.take().and_then(|id| self.sockets.get_mut(&id));
        if let Some(socket) = socket {
            socket.is_given_up = true;
            socket.wire.clear();
        }
    }

    /// The runtime tells the room that a socket has ended.
    fn tell_end(
        &mut self,
        id: SocketId,
        code: u16,
        end: End,
        now: u64,
        counts: &mut crate::counts::Counts,
    ) -> Checked {
        if !self.sockets.get(&id).is_some_and(|socket| socket.is_in_room) {
            return Ok(());
        }
        let turn = self.begin_turn(end);
        self.model.presence.notice(now);
        let member = self.room.leave(id, code, now);
        ensure!(member.is_some(), "The room does not know the socket {} that has ended.", id.0);
        self.model_departure(id, code == 1000, now);
        self.holds_nothing()?;
        self.end_turn(turn, now, counts)?;
        if let Some(socket) = self.sockets.get_mut(&id) {
            socket.end();
        }
        Ok(())
    }

    pub fn model_departure(&mut self, id: SocketId, is_clean: bool, now: u64) {
        let Some(socket) = self.sockets.get_mut(&id) else { return };
        socket.has_departed = true;
        let Some(connection) = socket.connection() else { return };
        let is_theirs = |socket: &Socket| {
            socket.is_in_room && !socket.has_departed && socket.connection() == Some(connection)
        };
        let is_last = !self.sockets.values().any(is_theirs);
        self.model.presence.depart(connection, is_last, is_clean, now);
    }

    /// A client reads some of what is in flight. If nothing more will come, it notices.
    pub fn let_read(&mut self, client: &mut Client, frames: usize) -> Checked {
        let Some(id) = client.socket else { return Ok(()) };
        let Some(socket) = self.sockets.get_mut(&id) else {
            return Err(Violation(format!("{client} reads a socket that is forgotten.")));
        };
        for _ in 0..frames {
            let Some(frame) = socket.wire.pop_front() else { break };
            client.hear(&frame, &self.model.journal)?;
            if matches!(frame, Frame::Connected(_) | Frame::KeyEpoch(_)) {
                client.key = self.app.current_for(client.seat.user);
            }
        }
        if socket.wire.is_empty() && !socket.is_in_room {
            client.socket = None;
        }
        Ok(())
    }
}
