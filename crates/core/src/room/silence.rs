//! Sockets that nothing is heard of any more (P5.6, P10.4).

use super::{Room, RoomSettings};
use crate::Millis;
use crate::member::{Member, SocketId};
use crate::ports::{Sockets, Storage};

/// Where nobody pings, it is looked so often whether somebody has begun to.
const LOOK_ANYWAY_MS: Millis = 300_000;
/// Between two looks is at least this part of the time after which a socket is taken for dead.
const LOOKS_IN_A_SILENCE: Millis = 6;

/// The longest time between two looks, while there are sockets.
pub(super) fn longest_between_looks(settings: &RoomSettings) -> Millis {
    settings.stale_socket_ms.max(LOOK_ANYWAY_MS)
}

impl<S: Sockets, P: Storage> Room<S, P> {
    /// The sockets that used to ping, and have been silent for too long.
    pub(super) fn silent(&self, now: Millis) -> Vec<SocketId> {
        let since = now.saturating_sub(self.settings.stale_socket_ms);
        let mut silent = self.sockets.select(|_| true);
        silent.retain(|socket| self.sockets.last_ping(*socket).is_some_and(|at| at < since));
        silent
    }

    /// When to look for silent sockets again: when the first of them may be taken for dead. A socket that has not
    /// pinged yet counts as one that may begin, until it could be.
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

    /// The socket that gives its place to `member` when a limit is reached: of those of the same user for which there
    /// is a newer one of the same `_pk`, the one that was not heard of for longest. First those of the `_pk` of
    /// `member`, so that a device that lost connections without a word never keeps itself out.
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

    /// Those of some sockets for which there is a newer one of the same `_pk` among them.
    fn doubled(&self, sockets: &[SocketId]) -> Vec<SocketId> {
        let name = |socket: &SocketId| self.sockets.member(*socket).map(|it| &it.connection_id);
        let has_newer = |socket: &&SocketId| {
            sockets.iter().any(|other| other > *socket && name(other) == name(socket))
        };
        sockets.iter().filter(has_newer).copied().collect()
    }

    /// When something was last heard of a socket: a ping, or that it came.
    fn heard_at(&self, socket: SocketId) -> Millis {
        let came = self.sockets.member(socket).map_or(0, |member| member.connected_at);
        self.sockets.last_ping(socket).unwrap_or(came)
    }
}
