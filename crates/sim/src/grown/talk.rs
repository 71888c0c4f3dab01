//! What clients say to each other (P11), and of themselves (P12).

use validiant_core::room::{Answered, Incoming};

use super::client::Link;
use super::client_event::Said;
use super::order::Node;
use super::socket::Key;
use super::world::World;
use crate::publication::ClientEvent;
use crate::said::{self, Data};
use crate::seal::Seal;
use crate::step::{Edit, Patch, Under};
use crate::users::Users;
use crate::violation::{Checked, ensure};
use crate::wire::short;

impl World {
    /// The socket of a client, if both it and the room have it, and the key that it takes for the current one.
    fn live(&self, client: u8) -> Option<(Key, Seal)> {
        let client = self.clients.get(usize::from(client))?;
        let Link::On(key) = client.link else { return None };
        let seal = if client.floor > 0 { Seal::Under(client.floor) } else { Seal::Plain };
        self.sockets.contains_key(&key).then_some((key, seal))
    }

    pub fn send(&mut self, client: u8, events: u8, only: Users) -> Checked {
        let Some((from, seal)) = self.live(client) else { return Ok(()) };
        let Some(user) = self.sockets.get(&from).map(|socket| socket.user) else { return Ok(()) };
        let first = self.said.len();
        for _ in 0..events.max(1) {
            self.numbers += 1;
            self.orders += 1;
            let event = ClientEvent { number: self.numbers, only, user, client, seal };
            let (at, order) = (self.now, self.orders);
            let is_refused = false;
            self.said.push(Said { event, at, from, order, is_refused, heard: 0 });
            if let Some(last) = self.log.len().checked_sub(1) {
                self.order.note(Node::Event(last), Node::Said(self.said.len() - 1));
            }
        }
        let sent = self.said.get(first..).unwrap_or_default();
        let texts: Vec<String> = sent.iter().map(|said| said.event.message()).collect();
        let text = match texts.as_slice() {
            [alone] => alone.clone(),
            several => format!("[{}]", several.join(",")),
        };
        let answered =
            self.act(from.0, |room, now| room.message(from.1, Incoming::Text(&text), now));
        let verdicts = verdicts(&answered);
        for (said, is_refused) in self.said.iter_mut().skip(first).zip(verdicts) {
            said.is_refused = is_refused;
        }
        self.end(from.0)
    }

    pub fn said_by_number(&self, number: u64) -> Option<usize> {
        self.said.binary_search_by_key(&number, |said| said.event.number).ok()
    }

    /// A socket is sent what a client said. Returns the length of the frame.
    pub fn hears(&mut self, key: Key, index: usize, text: &str) -> Checked<usize> {
        let Self { sockets, said: all, order, log, bans, .. } = self;
        let Some((said, socket)) = all.get(index).zip(sockets.get_mut(&key)) else {
            return Ok(0);
        };
        let frame = said.event.frame(said.at);
        ensure!(text.starts_with(&frame), "{socket} is sent {}, not {frame}.", short(text));
        ensure!(socket.has_begun, "{socket} is not sent CONNECTED first, but {frame}.");
        ensure!(said.is_for(socket), "{socket} is sent {frame}, which is not for it.");
        ensure!(!socket.heard.contains(&index), "{socket} is sent {frame} again.");
        let is_later = |other: &&usize| {
            **other > index && all.get(**other).is_some_and(|other| other.from == said.from)
        };
        ensure!(
            !socket.heard.iter().any(|other| is_later(&other)),
            "{socket} is sent {frame} late."
        );
        let floor = bans.floor_in_force;
        let is_stale = matches!(said.event.seal, Seal::Under(epoch) if epoch < floor)
            || (said.event.seal == Seal::Plain && floor > 0);
        ensure!(!is_stale, "{frame} is sent under the floor {floor}.");
        socket.heard.push(index);
        if said.heard == 0 {
            order.note(Node::Said(index), Node::Event(log.len()));
        }
        if let Some(said) = all.get_mut(index) {
            said.heard += 1;
        }
        self.counts.add("client events heard");
        Ok(frame.len())
    }

    /// A client says where it is.
    pub fn be(&mut self, client: u8, at: Option<u8>) -> Checked {
        if self.live(client).is_none() {
            return Ok(());
        }
        let Some(known) = self.client(client).filter(|known| known.seat.user.is_some()) else {
            return Ok(());
        };
        // Otherwise it would take what it was told of others long ago for what is true where it comes to.
        known.read();
        known.changes = known.changes.wrapping_add(1);
        known.data = Some(Data::at(at));
        known.view.forget_elsewhere(at);
        self.say_again(client)
    }

    /// A client says of itself what it has said before, as after each connect.
    pub fn say_again(&mut self, client: u8) -> Checked {
        let Some((from, seal)) = self.live(client) else { return Ok(()) };
        let Some(known) = self.client(client) else { return Ok(()) };
        let Some(data) = known.data else { return Ok(()) };
        let at = data.at.map_or(Edit::Clear, Edit::Set);
        let n = Edit::Set(known.changes);
        let patch = Patch { at, n, under: Under::Known, is_too_big: false };
        known.data = Some(Data::default().patched(patch, client, seal));
        known.is_unsure = false;
        let change = (client, known.changes);
        self.changes.say(change, from);
        let text = said::message(patch, client, seal);
        self.act(from.0, |room, now| room.message(from.1, Incoming::Text(&text), now));
        self.end(from.0)
    }
}

/// Whether each message was refused at once.
fn verdicts(answered: &Answered) -> Vec<bool> {
    match answered {
        Answered::Several(all) => all.iter().flat_map(verdicts).collect(),
        Answered::Served => vec![false],
        Answered::Refused(_) | Answered::Closed(..) | Answered::Authenticate(_) => vec![true],
    }
}
