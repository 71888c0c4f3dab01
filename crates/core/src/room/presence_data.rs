//! What connections say of themselves, and who hears it (P12).

use super::{Answered, Room};
use crate::Millis;
use crate::member::{Member, SocketId};
use crate::names::{ConnectionId, UserId};
use crate::ports::{RosterEntry, Sockets, Storage};
use crate::presence_data::{LastData, PresenceData, PresencePatch};
use crate::wire::error_code::{ErrorCode, Refusal};
use crate::wire::frame::{self, ConnectionData, PresentUser};

/// Of at most so many connections at the same place a client is told when it comes there (P12.7).
const MAX_INTRODUCED: usize = 100;

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
    /// What the client wants to change, if that is anything.
    fn of(member: &Member, patch: &str, max_bytes: usize) -> Result<Option<Self>, Refusal> {
        let user = member.present_user().ok_or(ErrorCode::NOT_ALLOWED)?;
        let patch = PresencePatch::parse(patch).ok_or(PATCH)?;
        let after = PresenceData::merged(member.data.as_ref(), &patch);
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
        self.presence.count() > self.settings.presence_events_max
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
        let Some(member) = self.sockets.member(from) else { return Ok(()) };
        let Some(change) = Change::of(member, patch, limits.presence_data_bytes)? else {
            return Ok(());
        };
        let Change { user, connection_id, before, after } = &change;
        let own = self.sockets.select(|member| member.is_of(user, connection_id));
        let introductions = self.introductions(user, connection_id, change.new_place(), now);
        let places: Vec<PresenceData> = before.iter().chain(after).cloned().collect();
        let hearers =
            self.hearers(&places) - if self.hears(member, &places) { own.len() } else { 0 };
        let also_own = own.len() - 1 + own.len() * introductions.len();
        self.take_deliveries(hearers + also_own, now)?;
        self.flush();
        own.iter().for_each(|socket| self.attach(*socket, after.clone()));
        let changed = ConnectionData { connection_id, data: after.as_ref() };
        if let Some(frame) = self.updated_frame(user, Some(changed), now) {
            self.send_to_hearers(&frame, &places, &own);
            own.iter().filter(|own| **own != from).for_each(|own| self.sockets.send(*own, &frame));
        }
        own.iter().for_each(|socket| self.introduce(*socket, &introductions));
        Ok(())
    }

    fn attach(&mut self, socket: SocketId, data: Option<PresenceData>) {
        if let Some(member) = self.sockets.member(socket) {
            let member = Member { data, ..member.clone() };
            self.sockets.replace(socket, member);
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
    fn said(&self) -> impl Iterator<Item = Said<'_>> {
        let last = self
            .presence
            .last_data()
            .map(|(user, LastData { connection_id, data })| (user, connection_id, data));
        self.sockets.members().filter_map(said_by).chain(last)
    }

    /// Whether somebody hears what is said at these places.
    fn hears(&self, member: &Member, places: &[PresenceData]) -> bool {
        !self.is_large() || is_at(member, places)
    }

    fn hearers(&self, places: &[PresenceData]) -> usize {
        match self.is_large() {
            true => self.sockets.members().filter(|member| is_at(member, places)).count(),
            false => self.sockets.count(),
        }
    }

    /// Tells the others that something of a user has changed. `changed`: a connection, if it is data. `places`: what has
    /// been said by the connections that it is about. `from`: the socket that it comes from.
    fn tell_updated(
        &mut self,
        user: &UserId,
        changed: Option<ConnectionData<'_>>,
        places: &[PresenceData],
        from: Option<SocketId>,
        now: Millis,
    ) {
        let is_told = !self.is_large() || places.iter().any(|place| place.at().is_some());
        if is_told && let Some(frame) = self.updated_frame(user, changed, now) {
            self.send_to_hearers(&frame, places, from.as_slice());
        }
    }

    fn updated_frame(
        &self,
        user: &UserId,
        changed: Option<ConnectionData<'_>>,
        now: Millis,
    ) -> Option<String> {
        let mut entry = self.presence.find(user)?;
        entry.leaves_at = self.presence.leaves_at(user);
        entry.data.extend(changed);
        Some(frame::user_updated(entry, &self.project_id, now))
    }

    /// `but`: not to these sockets.
    fn send_to_hearers(&mut self, frame: &str, places: &[PresenceData], but: &[SocketId]) {
        let is_large = self.is_large();
        self.sockets.fan_out(&[frame], |socket, member| {
            (!but.contains(&socket) && (!is_large || is_at(member, places))).then_some(0)
        });
    }

    /// A user's name or picture has changed.
    #[inline(never)]
    pub(super) fn tell_seen(&mut self, user: &UserId, from: SocketId, now: Millis) {
        if self.has_presence_data() {
            let theirs = self.said().filter(|(id, ..)| *id == user && self.is_large());
            let places: Vec<PresenceData> = theirs.map(|(.., data)| data.clone()).collect();
            self.tell_updated(user, None, &places, Some(from), now);
        }
    }

    /// A user's last socket has ended, and they may come back.
    pub(super) fn tell_lost(&mut self, member: &Member, now: Millis) {
        if let Some(user) = member.present_user().filter(|_| self.has_presence_data()) {
            self.tell_updated(&user.id, None, member.data.as_slice(), None, now);
        }
    }

    /// A user is back in time, with a new socket. What another connection had said last is gone.
    #[inline(never)]
    pub(super) fn tell_returned(
        &mut self,
        user: &UserId,
        last: Option<&LastData>,
        socket: SocketId,
        now: Millis,
    ) {
        if !self.has_presence_data() {
            return;
        }
        let places = last.map(|last| last.data.clone());
        let is_new = |last: &&LastData| {
            self.sockets.member(socket).is_some_and(|it| it.connection_id != last.connection_id)
        };
        let gone = last
            .filter(is_new)
            .map(|LastData { connection_id, .. }| ConnectionData { connection_id, data: None });
        self.tell_updated(user, gone, places.as_slice(), Some(socket), now);
    }

    /// A socket has ended whose user has others.
    pub(super) fn tell_data_gone(&mut self, member: &Member, now: Millis) {
        if let Some((data, user)) = member.data.as_ref().zip(member.present_user()) {
            self.tell_of_end(&user.id, &member.connection_id, data, now);
        }
    }

    #[inline(never)]
    fn tell_of_end(
        &mut self,
        user: &UserId,
        connection_id: &ConnectionId,
        data: &PresenceData,
        now: Millis,
    ) {
        if !self.sockets.members().any(|member| member.is_of(user, connection_id)) {
            let gone = ConnectionData { connection_id, data: None };
            self.tell_updated(user, Some(gone), std::slice::from_ref(data), None, now);
        }
    }

    /// A user has left a large room, in which that is not announced: those at the same place hear that the data are gone.
    pub(super) fn tell_left(&mut self, gone: &RosterEntry, last: Option<&LastData>, now: Millis) {
        let Some(LastData { connection_id, data }) = last else { return };
        let RosterEntry { user, joined_at, .. } = gone;
        let entry = PresentUser {
            user_id: &user.id,
            user_name: user.name.as_ref(),
            avatar: user.avatar.as_ref(),
            joined_at: *joined_at,
            verified: user.verified,
            leaves_at: None,
            data: vec![ConnectionData { connection_id, data: None }],
        };
        let frame = frame::user_updated(entry, &self.project_id, now);
        self.send_to_hearers(&frame, std::slice::from_ref(data), &[]);
    }

    /// In a large room, tells a client that has just connected who else is where it was (P12.7).
    #[inline(never)]
    pub(super) fn welcome(&mut self, socket: SocketId, now: Millis) {
        let Some(member) = self.sockets.member(socket) else { return };
        let Some((data, user)) = member.data.as_ref().zip(member.present_user()) else { return };
        let frames = self.introductions(&user.id, &member.connection_id, data.at(), now);
        self.introduce(socket, &frames);
    }

    /// A frame for each connection that is at a place, without one.
    fn introductions(
        &self,
        user: &UserId,
        connection_id: &ConnectionId,
        at: Option<&str>,
        now: Millis,
    ) -> Vec<String> {
        let Some(at) = at.filter(|_| self.is_large()) else { return Vec::new() };
        let mut there: Vec<Said<'_>> = Vec::new();
        for said in self.said().filter(|(.., data)| data.at() == Some(at)) {
            let is_known = |other: &Said<'_>| (other.0, other.1) == (said.0, said.1);
            let is_own = is_known(&(user, connection_id, said.2));
            if there.len() < MAX_INTRODUCED && !is_own && !there.iter().any(is_known) {
                there.push(said);
            }
        }
        let frame = |(user, connection_id, data): Said<'_>| {
            let said = ConnectionData { connection_id, data: Some(data) };
            self.updated_frame(user, Some(said), now)
        };
        there.into_iter().filter_map(frame).collect()
    }

    fn introduce(&mut self, socket: SocketId, frames: &[String]) {
        if !frames.is_empty() {
            let takes_batches = self.sockets.member(socket).is_some_and(|it| it.takes_batches);
            self.replay(socket, frames, takes_batches);
        }
    }
}

/// A user, one of their connections, and what it has said.
type Said<'a> = (&'a UserId, &'a ConnectionId, &'a PresenceData);

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

/// Whether a member is at one of these places.
fn is_at(member: &Member, places: &[PresenceData]) -> bool {
    let at = member.data.as_ref().and_then(PresenceData::at);
    at.is_some() && places.iter().any(|place| place.at() == at)
}
