//! Who is in a document and where: the awareness of Yjs, in which nobody can speak for somebody else (P13.7).
//!
//! A client of Yjs has an id of its own choice, and says of itself what it likes, with a clock that it raises. Stock
//! clients send back what they hear from others. So an entry counts only from the socket that owns the id: the first one
//! to use it, until it ends. Everything else is dropped without a word.

mod codec;
mod ended;
mod kept;
mod state;
#[cfg(test)]
pub(crate) mod tests;

use validiant_core::Millis;
use validiant_core::member::{SocketId, User};
use validiant_core::names::{ConnectionId, UserId};
use validiant_core::sorted::SortedMap;

use self::codec::{Entry, Update, entries};
use self::ended::Ended;
use self::state::{State, Whose};
use crate::lib0::{MAX_UINT, Unreadable};

/// The maximum number of client ids that one socket owns.
pub const MAX_CLIENTS: usize = 4;
/// The maximum length of a state in bytes of JSON.
pub const MAX_STATE_BYTES: usize = 1_024;
/// A client that has sent entries, but heard nothing of them for so long, hears the next one itself. `y-websocket` gives
/// a connection up after 30 s without a message, and somebody alone in a document hears nobody else.
const UNHEARD_MS: Millis = 15_000;
/// The largest clock that counts. A client that is told of its own end goes on with the next one, which others must be
/// able to read.
const MAX_CLOCK: u64 = MAX_UINT - 1;

/// Who is on a socket.
#[derive(Debug, Clone)]
pub struct Who {
    /// The user, if it has one.
    pub user: Option<User>,
    /// The client's name for the connection (`_pk`). It is the same when the client comes back.
    pub connection: ConnectionId,
    /// When the socket was opened.
    pub connected_at: Millis,
}

/// What a message changes. The updates are the bodies of awareness messages.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// What all other sockets are told.
    pub update: Option<Vec<u8>>,
    /// Whether the sender is told it too.
    pub is_for_sender: bool,
    /// What only the sender is told: that its id counts as gone. A client of Yjs answers by raising its clock.
    pub reply: Option<Vec<u8>>,
    /// The sockets whose attachments must be written again.
    pub keep: Vec<SocketId>,
}

/// The awareness of one document.
#[derive(Debug, Default)]
pub struct Awareness {
    sockets: SortedMap<SocketId, Owner>,
    owners: SortedMap<u64, SocketId>,
    ended: Ended,
}

/// A socket, and what its clients said.
#[derive(Debug)]
struct Owner {
    user: Option<UserId>,
    whose: Whose,
    connection: ConnectionId,
    connected_at: Millis,
    heard_at: Millis,
    clients: Vec<Client>,
}

/// One client id with what was last said of it. Without a state it is gone, but still its owner's.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Client {
    id: u64,
    clock: u64,
    state: Option<State>,
}

/// What is to be said about a message, while its entries are read.
#[derive(Default)]
struct News {
    update: Update,
    reply: Update,
    is_renewal: bool,
    keep: Vec<SocketId>,
}

impl Awareness {
    /// A socket is there: a new one, or one that was there before the document woke. `kept` is what [`Self::kept`] gave for
    /// its attachment, and empty for a new one.
    pub fn join(&mut self, socket: SocketId, who: Who, kept: &str) {
        let owner = Owner {
            whose: Whose::new(who.user.as_ref()),
            user: who.user.map(|user| user.id),
            heard_at: who.connected_at,
            connection: who.connection,
            connected_at: who.connected_at,
            clients: Vec::new(),
        };
        self.sockets.insert(socket, owner);
        for client in kept::parse(kept) {
            // Two attachments may name it, if one could not be written. The newer socket has it, as in `takes_over`.
            let other = self.owners.get(&client.id).copied();
            if other.is_none_or(|other| self.is_newer(socket, other)) {
                if let Some(other) = other {
                    self.take_from(other, client.id);
                }
                self.give(socket, client);
            }
        }
    }

    /// A socket ended. Returns what all others are told, if anything.
    ///
    /// The clocks are those that the clients had: with the same clock, null means gone. A client that comes back raises its
    /// clock by one, and is seen again at once.
    pub fn leave(&mut self, socket: SocketId) -> Option<Vec<u8>> {
        let mut update = Update::default();
        for client in self.sockets.remove(&socket)?.1.clients {
            self.forget(&client);
            if client.state.is_some() {
                update.put_gone(client.id, client.clock);
            }
        }
        update.into_bytes()
    }

    /// A socket sent an awareness message.
    ///
    /// # Errors
    /// Its body is no awareness update. Then nothing of it counts.
    pub fn receive(
        &mut self,
        from: SocketId,
        update: &[u8],
        now: Millis,
    ) -> Result<Change, Unreadable> {
        let mut news = News::default();
        for entry in entries(update)? {
            self.hear(from, &entry, &mut news);
        }
        let News { update, reply, is_renewal, keep } = news;
        let update = update.into_bytes();
        let is_for_sender = update.is_some() && (is_renewal || self.is_unheard(from, now));
        if is_for_sender && let Some(owner) = self.sockets.get_mut(&from) {
            owner.heard_at = now;
        }
        Ok(Change { update, is_for_sender, reply: reply.into_bytes(), keep })
    }

    /// All known states, as the body of an awareness message; `None` if nobody says anything.
    #[must_use]
    pub fn all(&self) -> Option<Vec<u8>> {
        let mut update = Update::default();
        for owner in self.sockets.values() {
            for client in &owner.clients {
                if let Some(state) = &client.state {
                    update.put(client.id, client.clock, &state.shown_by(&owner.whose));
                }
            }
        }
        update.into_bytes()
    }

    /// What the attachment of a socket must store: one line of at most about 4,300 bytes, empty if there is nothing.
    #[must_use]
    pub fn kept(&self, socket: SocketId) -> String {
        self.sockets.get(&socket).map_or(String::new(), |owner| kept::to_text(&owner.clients))
    }

    fn hear(&mut self, from: SocketId, entry: &Entry<'_>, news: &mut News) {
        if entry.clock > MAX_CLOCK || !self.sockets.contains(&from) {
            return;
        }
        match self.owners.get(&entry.client).copied() {
            None => self.bind(from, entry, news),
            Some(owner) if owner == from => self.change(from, entry, news),
            Some(owner) if self.takes_over(from, owner, entry) => {
                if let Some(client) = self.take_from(owner, entry.client) {
                    self.give(from, client);
                    news.must_keep(owner);
                    news.must_keep(from);
                    self.change(from, entry, news);
                }
            }
            Some(_) => {}
        }
    }

    /// The first use of an id that nobody owns.
    fn bind(&mut self, from: SocketId, entry: &Entry<'_>, news: &mut News) {
        if entry.is_gone() {
            return;
        }
        if let Some(clock) = self.ended.clock_of(entry.client).filter(|at| entry.clock <= *at) {
            news.reply_gone(entry.client, clock);
            return;
        }
        let Some(state) = entry.json().and_then(State::parse) else { return };
        let Some(owner) = self.sockets.get(&from) else { return };
        if owner.clients.len() >= MAX_CLIENTS {
            let Some(idle) = owner.clients.iter().find(|client| client.state.is_none()) else {
                return;
            };
            let idle = idle.id;
            if let Some(client) = self.take_from(from, idle) {
                self.forget(&client);
            }
        }
        self.give(from, Client { id: entry.client, clock: entry.clock, state: None });
        self.say(from, entry, Some(state), news);
    }

    /// What an owner says of its client.
    fn change(&mut self, from: SocketId, entry: &Entry<'_>, news: &mut News) {
        let Some(client) = self.client(from, entry.client) else { return };
        let ends = entry.is_gone() && entry.clock == client.clock && client.state.is_some();
        if entry.clock <= client.clock && !ends {
            return;
        }
        let state = entry.json().and_then(State::parse);
        if state.is_some() || entry.is_gone() {
            self.say(from, entry, state, news);
        }
    }

    fn say(&mut self, from: SocketId, entry: &Entry<'_>, state: Option<State>, news: &mut News) {
        let Some(owner) = self.sockets.get_mut(&from) else { return };
        let Some(client) = owner.clients.iter_mut().find(|client| client.id == entry.client) else {
            return;
        };
        match &state {
            Some(state) => {
                news.is_renewal |= client.state.as_ref() == Some(state);
                news.update.put(entry.client, entry.clock, &state.shown_by(&owner.whose));
            }
            None if client.state.is_some() => news.update.put_gone(entry.client, entry.clock),
            None => {}
        }
        client.clock = entry.clock;
        client.state = state;
        news.must_keep(from);
    }

    /// Whether the owner of an id came back on a newer socket, before its old one ended. What is sent back to the server has
    /// never a newer clock than the server knows.
    fn takes_over(&self, from: SocketId, owner: SocketId, entry: &Entry<'_>) -> bool {
        let Some((new, old)) = self.sockets.get(&from).zip(self.sockets.get(&owner)) else {
            return false;
        };
        let Some(known) = self.client(owner, entry.client) else { return false };
        let is_same_user =
            new.user == old.user && new.whose.is_verified() == old.whose.is_verified();
        let is_same_client = if new.connection == old.connection {
            entry.clock >= known.clock
        } else {
            new.user.is_some() && entry.clock > known.clock
        };
        is_same_user
            && is_same_client
            && self.is_newer(from, owner)
            && new.clients.len() < MAX_CLIENTS
    }

    fn is_newer(&self, socket: SocketId, other: SocketId) -> bool {
        let opened = |socket| self.sockets.get(&socket).map(|it| (it.connected_at, socket));
        opened(socket) > opened(other)
    }

    fn is_unheard(&self, socket: SocketId, now: Millis) -> bool {
        let heard_at = self.sockets.get(&socket).map_or(now, |owner| owner.heard_at);
        now.saturating_sub(heard_at) >= UNHEARD_MS
    }

    fn client(&self, owner: SocketId, id: u64) -> Option<&Client> {
        self.sockets.get(&owner)?.clients.iter().find(|client| client.id == id)
    }

    fn give(&mut self, socket: SocketId, client: Client) {
        if let Some(owner) = self.sockets.get_mut(&socket) {
            self.owners.insert(client.id, socket);
            owner.clients.push(client);
        }
    }

    fn take_from(&mut self, owner: SocketId, id: u64) -> Option<Client> {
        let clients = &mut self.sockets.get_mut(&owner)?.clients;
        let at = clients.iter().position(|client| client.id == id)?;
        Some(clients.remove(at))
    }

    fn forget(&mut self, client: &Client) {
        self.owners.remove(&client.id);
        self.ended.add(client.id, client.clock);
    }
}

impl News {
    fn must_keep(&mut self, socket: SocketId) {
        if !self.keep.contains(&socket) {
            self.keep.push(socket);
        }
    }

    fn reply_gone(&mut self, client: u64, clock: u64) {
        if self.reply.len() < MAX_CLIENTS as u64 {
            self.reply.put_gone(client, clock);
        }
    }
}
