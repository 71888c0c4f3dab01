//! Tells the others that something of a user has changed (P12.5 to P12.7).

use super::Room;
use super::changes::places_in;
use super::presence_data::Said;
use crate::Millis;
use crate::member::{Member, SocketId};
use crate::names::{ConnectionId, UserId};
use crate::ports::{RosterEntry, Sockets, Storage};
use crate::presence_data::{LastData, PresenceData};
use crate::tree::welcomes::MAX_INTRODUCED;
use crate::tree::wire::Subject;
use crate::wire::frame::{self, ConnectionData, PresentUser};

impl<S: Sockets, P: Storage> Room<S, P> {
    /// Whether somebody hears what is said at these places.
    pub(super) fn hears(&self, member: &Member, places: &[PresenceData]) -> bool {
        !self.is_large() || is_at(member, places)
    }

    pub(super) fn hearers(&self, places: &[PresenceData]) -> usize {
        match self.is_large() {
            true => self.sockets.members().filter(|member| is_at(member, places)).count(),
            false => self.sockets.count(),
        }
    }

    /// Tells the others that something of a user has changed. `changed`: a connection, if it is data. `places`: what has
    /// been said by the connections that it is about. `from`: the socket that it comes from.
    pub(super) fn tell_updated(
        &mut self,
        user: &UserId,
        changed: Option<ConnectionData<'_>>,
        places: &[PresenceData],
        from: Option<SocketId>,
        now: Millis,
    ) {
        let is_told = !self.is_large() || places.iter().any(|place| place.at().is_some());
        let subject = |changed: &ConnectionData<'_>| {
            self.subject(user, changed.connection_id, changed.data.is_none())
        };
        let about = changed.as_ref().and_then(subject);
        if is_told && let Some(frame) = self.updated_frame(user, changed, now) {
            self.send_to_hearers(&frame, places, from, about, now);
        }
    }

    pub(super) fn updated_frame(
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

    /// `but`: not to this socket. `about`: the connection whose data it tells.
    fn send_to_hearers(
        &mut self,
        frame: &str,
        places: &[PresenceData],
        but: Option<SocketId>,
        about: Option<Subject>,
        now: Millis,
    ) {
        match self.is_grown() {
            true => self.tell_across(frame, places_in(places), but, about, now),
            false => self.send_to_own_hearers(frame, places, but.as_slice()),
        }
    }

    /// The same in a room of one place. `but`: not to these sockets.
    pub(super) fn send_to_own_hearers(
        &mut self,
        frame: &str,
        places: &[PresenceData],
        but: &[SocketId],
    ) {
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

    /// A user's last socket has ended at another place of the room, and they may come back to this one.
    pub(super) fn tell_expected(&mut self, user: &UserId, last: Option<&LastData>, now: Millis) {
        if self.has_presence_data() {
            let places = last.map(|last| last.data.clone());
            self.tell_updated(user, None, places.as_slice(), None, now);
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
        let ended = |last: &LastData| self.ended_at(user, &last.connection_id, &last.data);
        let places = last.map(ended).unwrap_or_default();
        let is_new = |last: &&LastData| {
            self.sockets.member(socket).is_some_and(|it| it.connection_id != last.connection_id)
        };
        // What others asked of this place meanwhile may be lost (P15.6): they hear what stands, too.
        let stands = last.filter(|last| self.is_grown() && !is_new(last));
        let gone = last.filter(is_new).map(|last| (last, None));
        let changed = gone.or(stands.map(|last| (last, Some(&last.data))));
        let changed = changed
            .map(|(LastData { connection_id, .. }, data)| ConnectionData { connection_id, data });
        self.tell_updated(user, changed, &places, Some(socket), now);
    }

    /// A socket has ended whose user has others.
    pub(super) fn tell_data_gone(&mut self, member: &Member, now: Millis) {
        if let Some((data, user)) = member.data.as_ref().zip(member.present_user()) {
            self.tell_of_end(&user.id, &member.connection_id, data, now);
        }
    }

    #[inline(never)]
    pub(super) fn tell_of_end(
        &mut self,
        user: &UserId,
        connection_id: &ConnectionId,
        data: &PresenceData,
        now: Millis,
    ) {
        let stands =
            |member: &Member| member.is_of(user, connection_id) && member.at() == data.at();
        if !self.sockets.members().any(stands) {
            let gone = ConnectionData { connection_id, data: None };
            let places = self.ended_at(user, connection_id, data);
            self.tell_updated(user, Some(gone), &places, None, now);
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
        let places = self.ended_at(&user.id, connection_id, data);
        let about = self.subject(&user.id, connection_id, true);
        self.send_to_hearers(&frame, &places, None, about, now);
    }

    /// In a large room, tells a client that has just connected who else is where it was (P12.7).
    #[inline(never)]
    pub(super) fn welcome(&mut self, socket: SocketId, now: Millis) {
        let Some(member) = self.sockets.member(socket) else { return };
        let Some((data, user)) = member.data.as_ref().zip(member.present_user()) else { return };
        if self.is_grown() {
            let (data, user, connection) =
                (data.clone(), user.id.clone(), member.connection_id.clone());
            let ask = |at| self.ask_who_is_at(socket, at, &user, &connection, now);
            return data.at().map_or((), ask);
        }
        let frames = self.introductions(&user.id, &member.connection_id, data.at(), now);
        self.introduce(socket, &frames);
    }

    /// A frame for each connection that is at a place, without one.
    pub(super) fn introductions(
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

    pub(super) fn introduce(&mut self, socket: SocketId, frames: &[String]) {
        if !frames.is_empty() {
            let takes_batches = self.sockets.member(socket).is_some_and(|it| it.takes_batches);
            self.replay(socket, frames, takes_batches);
        }
    }
}

/// Whether a member is at one of these places.
fn is_at(member: &Member, places: &[PresenceData]) -> bool {
    let at = member.at();
    at.is_some() && places.iter().any(|place| place.at() == at)
}
