//! Changes of presence data, and introductions, in a room of several places (P12.7, P15).

use super::Room;
use crate::Millis;
use crate::limits::Exceeded;
use crate::member::SocketId;
use crate::names::{ConnectionId, UserId};
use crate::ports::{Sockets, Storage};
use crate::presence_data::PresenceData;
use crate::tree::Tree;
use crate::tree::outbox::Change;
use crate::tree::wire::{At, Entry};

impl<S: Sockets, P: Storage> Room<S, P> {
    /// Tells those who are at certain places in the product, at all places of the room.
    #[inline(never)]
    pub(super) fn tell_across(
        &mut self,
        frame: &str,
        places: &[PresenceData],
        but: Option<SocketId>,
        now: Millis,
    ) {
        let heard_at = places_in(places);
        if !heard_at.is_empty() {
            let (from, frame) = (self.place(), frame.to_owned());
            let always = Vec::new();
            self.say(Entry::Updated { heard_at, from, but, always, is_limited: false, frame }, now);
        }
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
        let entry = Entry::Updated { heard_at, from, but, always, is_limited: true, frame };
        match &self.tree {
            Tree::Leaf(_) => self.send_change_up(entry, change, now),
            _ => {
                self.order(entry, now);
                self.has_come(&change, now);
            }
        }
        Ok(())
    }

    /// The change has been told: its sockets are told who else is where they are now.
    pub(super) fn has_come(&mut self, change: &Change, now: Millis) {
        let Change { own, comes_to, user, connection, .. } = change;
        if let Some(at) = comes_to {
            own.iter().for_each(|socket| self.ask_who_is_at(*socket, at, user, connection, now));
        }
    }

    /// The root has refused a change. What the client has changed since then stands.
    pub(super) fn take_back(&mut self, change: &Change, exceeded: Exceeded, now: Millis) {
        self.undo(change);
        self.refuse(change.from, exceeded, now);
    }

    /// The leaf is in doubt, and nobody else may have heard of these changes: clients that return make them again.
    pub(super) fn take_back_unsaid(&mut self) {
        let Tree::Leaf(leaf) = &mut self.tree else { return };
        for change in leaf.outbox.take_changes().iter().rev() {
            self.undo(change);
        }
    }

    fn undo(&mut self, change: &Change) {
        let stands = |socket: &&SocketId| {
            self.sockets.member(**socket).is_some_and(|member| member.data == change.after)
        };
        let own: Vec<SocketId> = change.own.iter().filter(stands).copied().collect();
        self.attach_all(&own, change.before.as_ref());
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
        for frame in self.introductions(user, connection, Some(heard_at), now) {
            self.say(Entry::One { to: *to, is_introduction: true, frame }, now);
        }
    }
}

/// Where in the product these connections are.
fn places_in(data: &[PresenceData]) -> Vec<String> {
    let mut places: Vec<String> = Vec::new();
    for at in data.iter().filter_map(PresenceData::at) {
        if !places.iter().any(|known| known == at) {
            places.push(at.to_owned());
        }
    }
    places
}
