//! Which socket makes place for another, and which have gone silent (P5.6, P10.4).

use validiant_core::Millis;
use validiant_core::member::SocketId;

use super::Document;
use crate::ports::{Sockets, Storage};
use crate::visitor::Visitor;

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

    /// When a socket that was last heard from at `time` counts as dead.
    pub(super) fn after_a_silence(&self, time: Millis) -> Millis {
        time.saturating_add(self.settings.stale_socket_ms).saturating_add(1)
    }

    /// When the next check is at the latest, whatever was decided when it was last set: none without sockets, and soon if
    /// one of them pings or may still start.
    pub(super) fn latest_look(&self, now: Millis) -> Option<Millis> {
        let is_watched = |(socket, visitor): (SocketId, &Visitor)| {
            self.sockets.last_ping(socket).is_some()
                || self.after_a_silence(visitor.connected_at) > now
        };
        let after_a_silence = self.after_a_silence(now);
        match (self.sockets.count(), self.sockets.all().any(is_watched)) {
            (0, _) => None,
            (_, true) => Some(after_a_silence),
            _ => Some(now.saturating_add(LOOK_ANYWAY_MS).max(after_a_silence)),
        }
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
        let silence = self.settings.stale_socket_ms;
        let ends = |socket: SocketId| {
            let end = self.after_a_silence(self.heard_at(socket));
            (self.sockets.last_ping(socket).is_some() || end > now).then_some(end)
        };
        let latest = self.latest_look(now)?;
        let first = self.select(|_| true).into_iter().filter_map(ends).min().unwrap_or(latest);
        let earliest = now.saturating_add(silence / LOOKS_IN_A_SILENCE).min(latest);
        Some(first.clamp(earliest, latest))
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
