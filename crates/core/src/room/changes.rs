//! Changes of presence data, and introductions, in a room of several places (P12.7, P15).

use super::Room;
use super::presence_data::Said;
use crate::Millis;
use crate::limits::Exceeded;
use crate::member::{Member, SocketId};
use crate::names::{ConnectionId, UserId};
use crate::ports::{Sockets, Storage};
use crate::presence_data::PresenceData;
use crate::tree::Tree;
use crate::tree::outbox::{Asker, Change};
use crate::tree::wire::{At, Entry, Subject};
use crate::wire::frame::ConnectionData;

impl<S: Sockets, P: Storage> Room<S, P> {
    /// Tells those who are at certain places in the product, at all places of the room. `about`: the connection whose data
    /// it tells, if it does.
    #[inline(never)]
    pub(super) fn tell_across(
        &mut self,
        frame: &str,
        heard_at: Vec<String>,
        but: Option<SocketId>,
        about: Option<Subject>,
        now: Millis,
    ) {
        if heard_at.is_empty() {
            return;
        }
        let (from, always, frame) = (self.place(), Vec::new(), frame.to_owned());
        let entry = Entry::Updated { heard_at, from, but, always, is_limited: false, about, frame };
        self.say(entry, now);
    }

    /// A client has changed the data of its connection, which has these sockets.
    #[inline(never)]
    pub(super) fn change_across(
        &mut self,
        change: Change,
        frame: Option<String>,
        now: Millis,
    ) -> Result<(), Exceeded> {
        let places: Vec<PresenceData> =
            change.before.iter().chain(&change.after).cloned().collect();
        let (heard_at, from, but) = (places_in(&places), self.place(), Some(change.from));
        let always = change.own.iter().copied().filter(|own| *own != change.from).collect();
        if !matches!(self.tree, Tree::Leaf(_)) {
            // A leaf asks the root.
            self.take_deliveries(self.hearers(&places), now)?;
        }
        self.flush();
        self.attach_all(&change.own, change.after.as_ref());
        let frame = frame.unwrap_or_default();
        let about = self.subject(&change.user, &change.connection, false);
        let entry = Entry::Updated { heard_at, from, but, always, is_limited: true, about, frame };
        match &self.tree {
            Tree::Leaf(_) => self.send_up(entry, Asker::Changed(Box::new(change)), now),
            _ => {
                self.order(entry, now);
                self.has_come(&change, now);
            }
        }
        Ok(())
    }

    /// The change has been told: its sockets are told who else is where they are now.
    pub(super) fn has_come(&mut self, change: &Change, now: Millis) {
        let Change { own, user, connection, .. } = change;
        if let Some(at) = change.comes_to() {
            own.iter().for_each(|socket| self.ask_who_is_at(*socket, at, user, connection, now));
        }
    }

    /// The root has refused changes, in this order. What clients have changed since then stands.
    pub(super) fn take_back(&mut self, over: &[(Box<Change>, Exceeded)], now: Millis) {
        for (change, exceeded) in over.iter().rev() {
            self.take_back_one(change);
            self.refuse(change.from, *exceeded, now);
        }
        for (change, _) in over {
            self.tell_what_was_held_back(change, now);
            // Whoever has heard of the connection since its socket has ended was told the change, too.
            if change.is_told || self.sockets.member(change.from).is_none() {
                self.tell_what_stands(change, now);
            }
        }
    }

    fn take_back_one(&mut self, change: &Change) {
        let Change { before, after, user, connection, .. } = change;
        let stands = |member: &Member| member.is_of(user, connection) && member.data == *after;
        let theirs = self.sockets.select(stands);
        self.attach_all(&theirs, before.as_ref());
        self.presence.take_back(user, connection, after.as_ref(), before.as_ref());
    }

    fn tell_what_was_held_back(&mut self, Change { own, held_back, .. }: &Change, now: Millis) {
        if held_back.is_partial {
            return self.close_those_misled(own.clone(), now);
        }
        for frame in &held_back.frames {
            own.iter().for_each(|socket| self.sockets.send(*socket, frame));
        }
    }

    fn tell_what_stands(&mut self, change: &Change, now: Millis) {
        let Change { before, after, user, connection, .. } = change;
        let of_it = |said: &Said<'_>| (said.0, said.1) == (user, connection);
        let data = self.said().find(of_it).map(|(.., data)| data.clone());
        let places: Vec<PresenceData> = before.iter().chain(after).cloned().collect();
        let stands = ConnectionData { connection_id: connection, data: data.as_ref() };
        self.tell_updated(user, Some(stands), &places, None, now);
    }

    /// Where a connection was that has ended: with these data, and with others, if the root may yet refuse its last changes.
    pub(super) fn ended_at(
        &self,
        user: &UserId,
        connection: &ConnectionId,
        data: &PresenceData,
    ) -> Vec<PresenceData> {
        let mut places = vec![data.clone()];
        if let Tree::Leaf(leaf) = &self.tree {
            places.extend(leaf.outbox.data_before_changes(user, connection));
        }
        places
    }

    /// A user is about to be expected at another place of the room, with their last data. If the root may yet refuse the last
    /// changes, nobody is to believe in what was before.
    pub(super) fn tell_gone_before(&mut self, user: &UserId, now: Millis) {
        let Some(last) = self.presence.entry(user).and_then(|entry| entry.last) else { return };
        let mut places = self.ended_at(user, &last.connection_id, &last.data);
        places.retain(|place| place.at() != last.data.at());
        let gone = ConnectionData { connection_id: &last.connection_id, data: None };
        self.tell_updated(user, Some(gone), &places, None, now);
    }

    /// A client has come to a place in the product: asks all places of the room who is there.
    pub(super) fn ask_who_is_at(
        &mut self,
        socket: SocketId,
        at: &str,
        user: &UserId,
        connection: &ConnectionId,
        now: Millis,
    ) {
        self.welcomes.begin(socket);
        let to = At { place: self.place(), socket };
        let (heard_at, user, connection) = (at.to_owned(), user.clone(), connection.clone());
        self.say(Entry::Introduce { to, heard_at, user, connection }, now);
    }

    /// Says which connections of this place are where somebody has come.
    #[inline(never)]
    pub(super) fn answer_introduction(&mut self, entry: &Entry, now: Millis) {
        let Entry::Introduce { to, heard_at, user, connection } = entry else { return };
        self.restore_presence(now);
        let frames = self.introductions(user, connection, Some(heard_at), now);
        if !frames.is_empty() {
            self.tells_at(std::slice::from_ref(heard_at));
            if let Tree::Leaf(leaf) = &mut self.tree {
                leaf.outbox.tells(|change| change.at() == Some(heard_at));
            }
        }
        for frame in frames {
            self.say(Entry::One { to: *to, is_introduction: true, frame }, now);
        }
    }
}

/// Where in the product these connections are.
pub(super) fn places_in(data: &[PresenceData]) -> Vec<String> {
    let mut places: Vec<String> = Vec::new();
    for at in data.iter().filter_map(PresenceData::at) {
        if !is_in(&places, at) {
            places.push(at.to_owned());
        }
    }
    places
}

pub(super) fn is_in(places: &[String], at: &str) -> bool {
    places.iter().any(|place| place == at)
}
