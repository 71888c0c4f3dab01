//! The simple model of which socket is closed when a user is at the limit (P10.4).

use validiant_core::Millis;
use validiant_core::member::SocketId;

use crate::client::Client;
use crate::site::Site;
use crate::wire::Socket;

/// What a connecting client finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A free place.
    Free,
    /// The place of this socket.
    Of(SocketId),
    /// No place.
    Full,
}

impl Site {
    /// Each client has one `_pk` for all its sockets.
    pub fn place_for(&self, client: &Client) -> Place {
        let own = client.seat.user.map(|user| self.sockets_of(user)).unwrap_or_default();
        if own.is_empty() || own.len() < self.settings.limits.user_sockets {
            return Place::Free;
        }
        let of_client = |id: &SocketId| self.sockets.get(id).map(|socket| socket.client);
        let has_newer = |id: &&SocketId| {
            own.iter().any(|other| other > *id && of_client(other) == of_client(id))
        };
        let is_same = |id: &&SocketId| of_client(id) == Some(client.number);
        let same = own.iter().filter(is_same).copied();
        let doubled = own.iter().filter(has_newer).copied();
        let longest_silent = self.longest_silent(same).or_else(|| self.longest_silent(doubled));
        longest_silent.map_or(Place::Full, Place::Of)
    }

    fn longest_silent(&self, sockets: impl Iterator<Item = SocketId>) -> Option<SocketId> {
        let heard_at = |id: &SocketId| -> Option<Millis> { self.sockets.get(id).map(heard_at) };
        sockets.min_by_key(|id| (heard_at(id), *id))
    }
}

fn heard_at(socket: &Socket) -> Millis {
    socket.last_ping.unwrap_or(socket.connected_at)
}
