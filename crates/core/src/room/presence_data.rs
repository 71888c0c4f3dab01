//! What connections say of themselves (P12).

use super::{Answered, Room, key_epoch};
use crate::Millis;
use crate::encryption::KeyEpoch;
use crate::member::{Member, SocketId};
use crate::names::{ConnectionId, UserId};
use crate::ports::{Sockets, Storage};
use crate::presence_data::{LastData, PresenceData, PresencePatch};
use crate::tree::outbox;
use crate::wire::error_code::{ErrorCode, Refusal};
use crate::wire::frame::{self, ConnectionData, PresentUser};

const PATCH: Refusal = Refusal::malformed_message(
    "patch must be an object of at most 32 keys, in which at is null or a string of at most 256 bytes",
);

/// A change of a connection's data.
struct Change {
    user: UserId,
    connection_id: ConnectionId,
    before: Option<PresenceData>,
    after: Option<PresenceData>,
}

impl Change {
    /// What the client wants to change, if that is anything. `least`: the lowest key epoch that is taken. In a project that
    /// has one, nothing can be merged: what comes replaces all (P14.5).
    fn of(
        member: &Member,
        patch: &str,
        least: KeyEpoch,
        max_bytes: usize,
    ) -> Result<Option<Self>, Refusal> {
        let user = member.present_user().ok_or(ErrorCode::NOT_ALLOWED)?;
        let patch = PresencePatch::parse(patch).ok_or(PATCH)?;
        let known = member.data.as_ref().filter(|_| least == 0);
        if least > 0 {
            key_epoch::judge(patch.key_epoch(), least)?;
        }
        let after = PresenceData::merged(known, &patch);
        if after == member.data {
            return Ok(None);
        }
        if after.as_ref().is_some_and(|after| after.as_json().len() > max_bytes) {
            return Err(ErrorCode::PRESENCE_DATA_TOO_BIG.into());
        }
        Ok(Some(Self {
            user: user.id.clone(),
            connection_id: member.connection_id.clone(),
            before: member.data.clone(),
            after,
        }))
    }

    /// Where the connection comes to, if it was not there before.
    fn new_place(&self) -> Option<&str> {
        let before = self.before.as_ref().and_then(PresenceData::at);
        self.after.as_ref().and_then(PresenceData::at).filter(|at| before != Some(at))
    }
}

impl<S: Sockets, P: Storage> Room<S, P> {
    /// Whether connections can say anything.
    pub(super) fn has_presence_data(&self) -> bool {
        self.settings.limits.client_events.is_some()
    }

    /// Whether only those at the same place hear of each other (P12.7).
    pub(super) fn is_large(&self) -> bool {
        self.presence.count() > self.settings.presence_events_max || self.is_grown()
    }

    /// Changes the presence data of a connection. `patch`: JSON, not read yet.
    #[inline(never)]
    pub(super) fn set_presence(&mut self, socket: SocketId, patch: &str, now: Millis) -> Answered {
        match self.try_to_set(socket, patch, now) {
            Ok(()) => Answered::Served,
            Err(refusal) => self.refuse(socket, refusal, now),
        }
    }

    fn try_to_set(&mut self, from: SocketId, patch: &str, now: Millis) -> Result<(), Refusal> {
        let Some(limits) = &self.settings.limits.client_events else { return Ok(()) };
        let max_bytes = limits.presence_data_bytes;
        let least = self.min_key_epoch_for_client()?;
        let Some(member) = self.sockets.member(from) else { return Ok(()) };
        let Some(change) = Change::of(member, patch, least, max_bytes)? else {
            return Ok(());
        };
        let Change { user, connection_id, before, after } = &change;
        let own = self.sockets.select(|member| member.is_of(user, connection_id));
        if self.is_grown() {
            return self.change_in_grown(from, &change, own, now);
        }
        let introductions = self.introductions(user, connection_id, change.new_place(), now);
        let places: Vec<PresenceData> = before.iter().chain(after).cloned().collect();
        let hearers =
            self.hearers(&places) - if self.hears(member, &places) { own.len() } else { 0 };
        let also_own = own.len() - 1 + own.len() * introductions.len();
        self.take_deliveries(hearers + also_own, now)?;
        self.flush();
        self.attach_all(&own, after.as_ref());
        let changed = ConnectionData { connection_id, data: after.as_ref() };
        if let Some(frame) = self.updated_frame(user, Some(changed), now) {
            self.send_to_own_hearers(&frame, &places, &own);
            own.iter().filter(|own| **own != from).for_each(|own| self.sockets.send(*own, &frame));
        }
        own.iter().for_each(|socket| self.introduce(*socket, &introductions));
        Ok(())
    }

    /// Several places have to be told.
    #[inline(never)]
    fn change_in_grown(
        &mut self,
        from: SocketId,
        change: &Change,
        own: Vec<SocketId>,
        now: Millis,
    ) -> Result<(), Refusal> {
        let Change { user, connection_id, before, after } = change;
        let changed = ConnectionData { connection_id, data: after.as_ref() };
        let frame = self.updated_frame(user, Some(changed), now);
        let change = outbox::Change {
            from,
            own,
            before: before.clone(),
            after: after.clone(),
            user: user.clone(),
            connection: connection_id.clone(),
            is_told: false,
            held_back: Default::default(),
        };
        Ok(self.change_across(change, frame, now)?)
    }

    pub(super) fn attach_all(&mut self, sockets: &[SocketId], data: Option<&PresenceData>) {
        for socket in sockets {
            if let Some(member) = self.sockets.member(*socket) {
                let member = Member { data: data.cloned(), ..member.clone() };
                self.sockets.replace(*socket, member);
            }
        }
    }

    /// What a connecting member has said already: before it was lost, or on a socket that it still has (P12.6).
    #[inline(never)]
    pub(super) fn inherited(&self, member: &Member) -> Option<PresenceData> {
        let user = &member.present_user().filter(|_| self.has_presence_data())?.id;
        // Whoever joins has said nothing: no need to look.
        self.presence.find(user)?;
        let is_theirs = |(id, connection_id, _): &Said<'_>| {
            (*id, *connection_id) == (user, &member.connection_id)
        };
        self.said().find(is_theirs).map(|(.., data)| data.clone())
    }

    /// The users as a frame lists them.
    pub(super) fn listed(&self) -> Vec<PresentUser<'_>> {
        let users = self.presence.list(frame::MAX_USERS);
        if self.has_presence_data() && !self.is_large() { self.with_data(users) } else { users }
    }

    #[inline(never)]
    fn with_data<'a>(&'a self, mut users: Vec<PresentUser<'a>>) -> Vec<PresentUser<'a>> {
        // By the place of the user in the order of ids.
        let mut all = vec![Vec::new(); self.presence.count()];
        for (user, connection_id, data) in self.said() {
            if let Some(theirs) = self.presence.index(user).and_then(|place| all.get_mut(place)) {
                push(theirs, ConnectionData { connection_id, data: Some(data) });
            }
        }
        for user in &mut users {
            let theirs = self.presence.index(user.user_id).and_then(|place| all.get_mut(place));
            user.data = theirs.map(std::mem::take).unwrap_or_default();
            user.leaves_at = self.presence.leaves_at(user.user_id);
        }
        users
    }

    /// What connections have said: those of the sockets, oldest first, and the last ones of users who may come back. If a
    /// connection has several sockets, all have the same data.
    pub(super) fn said(&self) -> impl Iterator<Item = Said<'_>> {
        let last = self
            .presence
            .last_data()
            .map(|(user, LastData { connection_id, data })| (user, connection_id, data));
        self.sockets.members().filter_map(said_by).chain(last)
    }
}

/// A user, one of their connections, and what it has said.
pub(super) type Said<'a> = (&'a UserId, &'a ConnectionId, &'a PresenceData);

fn said_by(member: &Member) -> Option<Said<'_>> {
    let data = member.data.as_ref()?;
    Some((&member.present_user()?.id, &member.connection_id, data))
}

/// Adds the data of a connection, unless they are there.
fn push<'a>(all: &mut Vec<ConnectionData<'a>>, data: ConnectionData<'a>) {
    if !all.iter().any(|known| known.connection_id == data.connection_id) {
        all.push(data);
    }
}
