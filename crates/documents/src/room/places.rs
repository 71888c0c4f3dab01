//! Which socket makes place for another, and which have gone silent (P5.6, P10.4).

use validiant_core::Millis;
use validiant_core::member::SocketId;

use super::{Document, Visitor};
use crate::ports::{Sockets, Storage};

/// If nobody pings, how often to check whether somebody has started.
const LOOK_ANYWAY_MS: Millis = 300_000;
/// The time between two checks is at least this fraction of the time after which a socket counts as dead.
const LOOKS_IN_A_SILENCE: Millis = 6;

impl<S: Sockets, T: Storage> Document<S, T> {
    /// The sockets whose visitors are meant.
    pub(super) fn select(&self, is_meant: impl Fn(&Visitor) -> bool) -> Vec<SocketId> {
        let meant = self.sockets.all().filter(|(_, visitor)| is_meant(visitor));
        meant.map(|(socket, _)| socket).collect()
    }

    /// The longest time between two checks while there are sockets.
    pub(super) fn longest_between_looks(&self) -> Millis {
        self.settings.stale_socket_ms.max(LOOK_ANYWAY_MS)
    }

    /// The sockets that used to ping and have been silent for too long.
    pub(super) fn silent(&self, now: Millis) -> Vec<SocketId> {
        let since = now.saturating_sub(self.settings.stale_socket_ms);
        let mut silent = self.select(|_| true);
        silent.retain(|socket| self.sockets.last_ping(*socket).is_some_and(|at| at < since));
        silent
    }

    /// When to check for silent sockets again: when the first of them could count as dead. A socket that has not pinged
    /// yet is included until it could have gone silent, because it may still start.
    pub(super) fn next_look(&self, now: Millis) -> Option<Millis> {
        if self.sockets.count() == 0 {
            return None;
        }
        let silence = self.settings.stale_socket_ms;
        let ends = |socket: SocketId| {
            let end = self.heard_at(socket).saturating_add(silence).saturating_add(1);
            (self.sockets.last_ping(socket).is_some() || end > now).then_some(end)
        };
        let latest = now.saturating_add(self.longest_between_looks());
        let first = self.select(|_| true).into_iter().filter_map(ends).min().unwrap_or(latest);
        Some(first.clamp(now.saturating_add(silence / LOOKS_IN_A_SILENCE), latest))
    }

    /// The socket to close for a visitor when a limit is reached: among the user's sockets that have a newer socket with
    /// the same `_pk`, the one that has been silent for longest. Sockets with the `_pk` of the visitor come first.
    pub(super) fn replaceable(&self, visitor: &Visitor) -> Option<SocketId> {
        visitor.user.as_ref()?;
        let own = self.select(|other| other.is_of_user_of(visitor));
        let same = own.iter().copied().filter(|socket| {
            let connection = self.sockets.visitor(*socket).map(|other| &other.connection_id);
            connection == Some(&visitor.connection_id)
        });
        self.longest_silent(same).or_else(|| self.longest_silent(self.doubled(&own)))
    }

    fn longest_silent(&self, sockets: impl Iterator<Item = SocketId>) -> Option<SocketId> {
        sockets.min_by_key(|socket| (self.heard_at(*socket), *socket))
    }

    /// The sockets in a list for which the list also has a newer one with the same `_pk`.
    fn doubled<'a>(&'a self, sockets: &'a [SocketId]) -> impl Iterator<Item = SocketId> + 'a {
        let name = |socket: &SocketId| self.sockets.visitor(*socket).map(|it| &it.connection_id);
        let has_newer = move |socket: &SocketId| {
            sockets.iter().any(|other| other > socket && name(other) == name(socket))
        };
        sockets.iter().copied().filter(has_newer)
    }

    /// When a socket was last heard from: its last ping, or its connect.
    fn heard_at(&self, socket: SocketId) -> Millis {
        let came = self.sockets.visitor(socket).map_or(0, |visitor| visitor.connected_at);
        self.sockets.last_ping(socket).unwrap_or(came)
    }
}
