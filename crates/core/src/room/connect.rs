//! A client connects (P3.2, P5.1, P7.4).

use super::{Room, expiry};
use crate::Millis;
use crate::limits::{Exceeded, Limits};
use crate::member::{Member, SocketId, User};
use crate::ports::{NotAccepted, Sockets, Storage, StorageFailed};
use crate::position::Position;
use crate::presence::{Arrival, Ending};
use crate::wire::close_code::CloseCode;

/// What a client got when it connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connected {
    /// Whether it has everything it missed (P7.4).
    pub recovered: bool,
    /// How many missed events it got.
    pub replayed: usize,
    /// The member of the socket that was closed to make room, if any (P10.4).
    pub replaced: Option<Member>,
}

/// Why a client could not connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotConnected {
    /// The runtime did not accept the socket, or the storage failed. It may work later.
    Unavailable,
    /// A backend removed the user, and it is too early to come back (P8.2).
    Removed,
    /// A backend revoked the token (P8.5).
    Revoked,
    /// The user or the room has as many sockets as it may have (P10.4).
    Full(Exceeded),
}

impl From<NotAccepted> for NotConnected {
    fn from(_: NotAccepted) -> Self {
        Self::Unavailable
    }
}

impl From<StorageFailed> for NotConnected {
    fn from(_: StorageFailed) -> Self {
        Self::Unavailable
    }
}

impl<S: Sockets, P: Storage> Room<S, P> {
    /// Connects a client. It gets `CONNECTED` before anything else (P3.2), then everything it missed since its position
    /// (P7.4), and all others are told about its user (P5.1).
    ///
    /// # Errors
    /// [`NotConnected`]; then nothing has changed.
    #[inline(never)]
    pub fn connect(
        &mut self,
        socket: S::Handle,
        mut member: Member,
        since: Option<&Position>,
        now: Millis,
    ) -> Result<Connected, NotConnected> {
        self.begin(now);
        self.know_tree(now)?;
        self.judge(member.user_id(), member.token.as_ref(), now)?;
        let min_key_epoch = self.min_key_epoch()?;
        if !self.is_in_step() {
            return Err(NotConnected::Unavailable);
        }
        let replaced = self.make_place_for(&member)?;
        let (connection_id, user) = (member.connection_id.clone(), member.user.clone());
        let missed = since.and_then(|position| self.missed_after(position, &member, now));
        member.gap_after = self.gap_after(now);
        member.data = self.inherited(&member);
        let (takes_batches, is_present) = (member.takes_batches, member.is_present);
        let may_send = self.may_send(&member);
        let end = expiry::end_of(&member, &self.settings);
        let socket = self.sockets.add(socket, member)?;
        let present = user.as_ref().filter(|_| is_present);
        let arrival = present.map(|user| self.presence.arrive(user, now));
        // After the arrival, so that its user does not leave.
        let replaced = replaced.and_then(|old| self.sockets.close(old, CloseCode::REPLACED.into()));
        let departure = replaced.as_ref().map(|old| self.departure(old, Ending::Broken, now));
        let connected =
            self.connected_frame(&connection_id, may_send, missed.is_some(), min_key_epoch, now);
        self.sockets.send(socket, &connected);
        self.has_told_counts();
        let recovered = missed.is_some();
        let missed = missed.unwrap_or_default();
        self.replay(socket, &missed, takes_batches);
        if let Some((user, arrival)) = user.as_ref().zip(arrival) {
            self.has_arrived(socket, user, arrival, now);
        }
        if let Some((old, departure)) = replaced.as_ref().zip(departure) {
            self.tell_departure(old, departure, now);
        }
        self.arm_look(now);
        if let Some(end) = end {
            self.arm(end, now);
        }
        Ok(Connected { recovered, replayed: missed.len(), replaced })
    }

    /// The socket to close to make room for `member`, if a limit is reached and there is such a socket.
    #[inline(never)]
    fn make_place_for(&self, member: &Member) -> Result<Option<SocketId>, NotConnected> {
        match self.limit_reached_by(member) {
            None => Ok(None),
            Some(limit) => self.replaceable(member).map(Some).ok_or(NotConnected::Full(limit)),
        }
    }

    fn limit_reached_by(&self, member: &Member) -> Option<Exceeded> {
        let Limits { user_sockets, room_sockets, .. } = self.settings.limits;
        let user = member.user_id();
        let own = || self.sockets.members().filter(|other| other.user_id() == user);
        // The user's are all here.
        let count = self.sockets.count();
        // In a room with few sockets, no user has too many: no need to count them.
        if user.is_some() && count >= user_sockets && own().nth(user_sockets - 1).is_some() {
            return Some(Exceeded::USER_SOCKETS);
        }
        (self.all_sockets() >= room_sockets).then_some(Exceeded::ROOM_SOCKETS)
    }

    #[inline(never)]
    fn has_arrived(&mut self, socket: SocketId, user: &User, arrival: Arrival, now: Millis) {
        match arrival {
            Arrival::AnotherSocket => {}
            Arrival::Changed => {
                self.is_seen_everywhere(&user.id);
                self.tell_seen(&user.id, socket, now);
            }
            Arrival::Returned { last } => {
                self.remember(&user.id);
                self.tell_returned(&user.id, last.as_ref(), socket, now);
            }
            Arrival::Joined => {
                self.remember(&user.id);
                self.announce_joined(&user.id, now);
            }
        }
        self.welcome(socket, now);
    }
}
