//! Sockets that have gone silent (P5.6, P10.4).

use super::{Room, RoomSettings};
use crate::Millis;
use crate::member::{Member, SocketId};
use crate::ports::{Sockets, Storage};

/// If nobody pings, how often to check whether somebody has started.
const LOOK_ANYWAY_MS: Millis = 300_000;
/// The time between two checks is at least this fraction of the time after which a socket counts as dead.
const LOOKS_IN_A_SILENCE: Millis = 6;

/// The longest time between two checks while there are sockets.
pub(super) fn longest_between_looks(settings: &RoomSettings) -> Millis {
    settings.stale_socket_ms.max(LOOK_ANYWAY_MS)
}

impl<S: Sockets, P: Storage> Room<S, P> {
    /// The sockets that used to ping and have been silent for too long.
    pub(super) fn silent(&self, now: Millis) -> Vec<SocketId> {
        let since = now.saturating_sub(self.settings.stale_socket_ms);
        let mut silent = self.sockets.select(|_| true);
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
        let ends = |socket: &SocketId| {
            let last_ping = self.sockets.last_ping(*socket);
            let end = self.heard_at(*socket).saturating_add(silence).saturating_add(1);
            (last_ping.is_some() || end > now).then_some(end)
        };
        let latest = now.saturating_add(longest_between_looks(&self.settings));
        let first = self.sockets.select(|_| true).iter().filter_map(ends).min().unwrap_or(latest);
        Some(first.clamp(now.saturating_add(silence / LOOKS_IN_A_SILENCE), latest))
    }

    /// The socket to close for `member` when a limit is reached: among the user's sockets that have a newer socket with
    /// the same `_pk`, the one that has been silent for longest. Sockets with the `_pk` of `member` come first, so that
    /// a device whose connections were lost unnoticed never keeps itself out.
    pub(super) fn replaceable(&self, member: &Member) -> Option<SocketId> {
        let user = member.user.as_ref()?;
        let is_theirs = |other: &Member| {
            let theirs = other.user.as_ref();
            theirs.is_some_and(|other| other.id == user.id && other.verified == user.verified)
        };
        let same = self
            .sockets
            .select(|other| is_theirs(other) && other.connection_id == member.connection_id);
        let longest_silent = |sockets: Vec<SocketId>| {
            sockets.into_iter().min_by_key(|socket| (self.heard_at(*socket), *socket))
        };
        longest_silent(same)
            .or_else(|| longest_silent(self.doubled(&self.sockets.select(is_theirs))))
    }

    /// The sockets in a list for which the list also has a newer one with the same `_pk`.
    fn doubled(&self, sockets: &[SocketId]) -> Vec<SocketId> {
        let name = |socket: &SocketId| self.sockets.member(*socket).map(|it| &it.connection_id);
        let has_newer = |socket: &&SocketId| {
            sockets.iter().any(|other| other > *socket && name(other) == name(socket))
        };
        sockets.iter().filter(has_newer).copied().collect()
    }

    /// When a socket was last heard from: its last ping, or its connect.
    fn heard_at(&self, socket: SocketId) -> Millis {
        let came = self.sockets.member(socket).map_or(0, |member| member.connected_at);
        self.sockets.last_ping(socket).unwrap_or(came)
    }
}
