//! What clients do: come, read, speak, go, and are lost.

use validiant_core::close_code::CloseCode;
use validiant_core::member::{Member, SocketId};
use validiant_core::names::{ConnectionId, Epoch};
use validiant_core::position::Position;
use validiant_core::room::{Answered, Connected, Incoming, NotConnected};

use crate::client::Client;
use crate::journal::Gap;
use crate::plan::MAX_CLIENT_FRAME_BYTES;
use crate::refusals::Refused;
use crate::site::{Site, Turn};
use crate::step::{End, Message, Since};
use crate::users;
use crate::violation::{Checked, Violation, ensure};
use crate::wire::Socket;
use crate::world::World;

impl World {
    pub fn connect(&mut self, client: u8, since: Since, overlaps: bool, end: End) -> Checked {
        let Self { clients, sites, now, counts, .. } = self;
        let Some((client, site)) = client_of(clients, sites, client) else { return Ok(()) };
        if site.live(client).is_some() && !overlaps {
            return Ok(());
        }
        site.give_up(client);
        let since = client.since(since, site);
        let mut turn = site.begin_turn(end);
        site.model.presence.notice(*now);
        let refused = site.model.refusals.judge(client.seat.user, *now);
        let answer = site.room.connect((), client.member(*now)?, since.as_ref(), *now);
        match answer {
            Ok(connected) => {
                ensure!(refused != Refused::Yes, "{client} was removed, and may come in.");
                counts.add(site.admit(client, since.as_ref(), connected, &mut turn, *now)?);
            }
            Err(NotConnected::Removed) => {
                ensure!(refused != Refused::No, "{client} was not removed, and may not come in.");
                counts.add("refused after a removal");
            }
            Err(refused) => {
                ensure!(false, "{client} may not come in, for no reason: {refused:?}.");
            }
        }
        site.holds_nothing()?;
        site.end_turn(turn, *now, counts)
    }

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

    /// The room learns of the connections that were lost without its knowing.
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
        let (text, closes) = match message {
            Message::Ping => (r#"{"type": "PING"}"#, false),
            Message::Junk => ("junk", false),
            Message::TooBig => (too_big.as_str(), true),
        };
        let answered = site.room.message(socket, Incoming::Text(text), *now);
        ensure!(
            closes == matches!(answered, Answered::Closed(CloseCode::MESSAGE_TOO_BIG, Some(_))),
            "{client} says {message:?}, and is answered {answered:?}."
        );
        if closes {
            turn.closes.push((socket, CloseCode::MESSAGE_TOO_BIG.number));
            site.model_departure(socket, false, *now);
        } else {
            turn.answers = Some(socket);
        }
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
fn client_of<'a>(
    clients: &'a mut [Client],
    sites: &'a mut [Site],
    client: u8,
) -> Option<(&'a mut Client, &'a mut Site)> {
    let client = clients.get_mut(usize::from(client))?;
    let site = sites.get_mut(usize::from(client.seat.room))?;
    Some((client, site))
}

impl Client {
    fn member(&self, now: u64) -> Checked<Member> {
        let connection_id = ConnectionId::parse(&format!("c{}", self.number))
            .map_err(|_| Violation(format!("{self} has no valid name.")))?;
        Ok(Member {
            connection_id,
            user: self.seat.user.and_then(users::named),
            connected_at: now,
            takes_batches: self.seat.takes_batches,
            is_present: true,
            token: None,
        })
    }

    /// The position that it gives. Of its own it goes on, or of one that it had before.
    fn since(&mut self, since: Since, site: &Site) -> Option<Position> {
        let foreign = || Some(Position { epoch: Epoch::parse("foreign").ok()?, seq: 1 });
        match since {
            Since::Own => {}
            Since::Nothing => self.position = None,
            Since::State => self.position = site.told.clone(),
            Since::Older(by) => {
                if let Some(position) = &mut self.position {
                    position.seq = position.seq.saturating_sub(by.into());
                }
            }
            Since::Foreign => return foreign(),
            Since::Future => {
                let journal = &site.model.journal;
                let epoch = journal.epoch().and_then(|epoch| Epoch::parse(epoch).ok());
                let seq = journal.newest().map_or(1, |place| place.seq + 1);
                return epoch.map(|epoch| Position { epoch, seq }).or_else(foreign);
            }
        }
        self.position.clone()
    }
}

impl Site {
    /// The client's socket, if both ends have it.
    pub fn live(&self, client: &Client) -> Option<SocketId> {
        let id = client.socket?;
        self.sockets.get(&id).filter(|socket| socket.is_in_room).map(|_| id)
    }

    /// The client has no connection any more; what is on its way is lost.
    fn give_up(&mut self, client: &mut Client) {
        let socket = client.socket.take().and_then(|id| self.sockets.get_mut(&id));
        if let Some(socket) = socket {
            socket.is_given_up = true;
            socket.wire.clear();
        }
    }

    /// A client has come in. Answers what it was told about what it missed.
    fn admit(
        &mut self,
        client: &mut Client,
        since: Option<&Position>,
        connected: Connected,
        turn: &mut Turn,
        now: u64,
    ) -> Checked<&'static str> {
        let Some(id) = self.platform.borrow().sockets().last() else {
            return Err(Violation(format!("{client} may come in, and has no socket.")));
        };
        let disk_is_full = self.disk_is_full();
        self.model.journal.open(disk_is_full);
        let missed = since.map(|since| self.model.journal.since(since, now));
        let gap = missed.as_ref().and_then(|missed| missed.as_ref().err()).copied();
        let recovers = matches!(missed, Some(Ok(_)));
        ensure!(
            connected.recovered == recovers,
            "{client} comes since {} and is told recovered: {}, but what it misses is {}.",
            since.map_or_else(|| "nothing".to_owned(), Position::to_string),
            connected.recovered,
            gap.map_or_else(|| "there".to_owned(), |gap| format!("not there: {gap:?}"))
        );
        let mut due = missed.and_then(Result::ok).unwrap_or_default();
        due.retain(|event| event.is_for(client.seat.user));
        ensure!(
            connected.replayed == due.len(),
            "{client} is replayed {} events, not {}.",
            connected.replayed,
            due.len()
        );
        let reached = path(gap, recovers, due.len());
        if let Some(user) = client.seat.user {
            self.model.presence.arrive(user);
        }
        let socket = Socket::new(client.number, client.seat.user, client.seat.takes_batches, due);
        self.sockets.insert(id, socket);
        client.begin(id);
        turn.recovers = recovers;
        Ok(reached)
    }

    /// The runtime tells the room of the end of a socket.
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
        if let Some(user) = self.sockets.get(&id).and_then(|socket| socket.user) {
            self.model.presence.depart(user, is_clean, now);
        }
    }

    /// A client reads some of what is on its way. When there is no more to come, it notices.
    pub fn let_read(&mut self, client: &mut Client, frames: usize) -> Checked {
        let Some(id) = client.socket else { return Ok(()) };
        let Some(socket) = self.sockets.get_mut(&id) else {
            return Err(Violation(format!("{client} reads a socket that is forgotten.")));
        };
        for _ in 0..frames {
            let Some(frame) = socket.wire.pop_front() else { break };
            client.hear(&frame, &self.model.journal)?;
        }
        if socket.wire.is_empty() && !socket.is_in_room {
            client.socket = None;
        }
        Ok(())
    }
}

fn path(gap: Option<Gap>, recovers: bool, replayed: usize) -> &'static str {
    match gap {
        Some(Gap::NoHistory) => "not recovered: no history",
        Some(Gap::OtherEpoch) => "not recovered: other epoch",
        Some(Gap::Future) => "not recovered: future",
        Some(Gap::Dropped) => "not recovered: dropped",
        Some(Gap::Over) => "not recovered: over",
        Some(Gap::TooLarge) => "not recovered: too large",
        None if recovers && replayed > 1 => "recovered, replayed several",
        None if recovers && replayed == 1 => "recovered, replayed one",
        None if recovers => "recovered, missed nothing",
        None => "connected without a position",
    }
}
