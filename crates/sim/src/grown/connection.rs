//! What happens to the connections of clients: they come, leave, get lost, and come back.

use validiant_core::Millis;
use validiant_core::tree::Place;

use super::client::Link;
use super::due::Due;
use super::plan::CLIENTS;
use super::socket::Key;
use super::stays::Ending;
use super::world::World;
use crate::users::User;
use crate::violation::Checked;

/// A connection that is lost without a trace is noticed after at most so long.
const NOTICED_AFTER_MS: Millis = 20_000;
/// A client that was cut off is back after at most so long.
const BACK_AFTER_MS: Millis = 3_000;

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
        (0..CLIENTS).try_for_each(|client| self.lose(client, false))
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
        let user = self.sockets.remove(&socket).and_then(|socket| socket.user);
        let ending = match code {
            1000 if self.is_only_elsewhere(user, socket.0) => Ending::CleanElsewhere,
            1000 => Ending::Clean,
            _ => Ending::Broken,
        };
        self.stays.end(user, ending, self.now);
        Ok(())
    }

    /// Whether a user has sockets, but none at this place.
    fn is_only_elsewhere(&self, user: Option<User>, place: Place) -> bool {
        let mut of_user = self.sockets.iter().filter(|(_, it)| it.user == user).peekable();
        of_user.peek().is_some() && of_user.all(|(key, _)| key.0 != place)
    }
}
