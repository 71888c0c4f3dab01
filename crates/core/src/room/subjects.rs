//! A connection with sockets at two places of the room (P15.10): an old one, whose end is noticed late, and a newer one. What
//! the newest has said stands.

use super::Room;
use super::changes::is_in;
use crate::Millis;
use crate::names::{ConnectionId, UserId};
use crate::ports::{Sockets, Storage};
use crate::presence_data::{LastData, PresenceData};
use crate::tree::wire::{Entry, Subject};
use crate::wire::frame::ConnectionData;

impl<S: Sockets, P: Storage> Room<S, P> {
    /// A connection of which this place tells something, in a room of several places. `is_over`: it has ended here.
    pub(super) fn subject(
        &self,
        user: &UserId,
        connection: &ConnectionId,
        is_over: bool,
    ) -> Option<Subject> {
        if !self.is_grown() {
            return None;
        }
        let since = if is_over { None } else { self.connected_at(user, connection) };
        Some(Subject { user: user.clone(), connection: connection.clone(), since })
    }

    /// When the newest socket of a connection at this place connected.
    fn connected_at(&self, user: &UserId, connection: &ConnectionId) -> Option<Millis> {
        let own = self.sockets.members().filter(|member| member.is_of(user, connection));
        own.map(|member| member.connected_at).max()
    }

    /// Another place has told something of a connection. If that has its newest socket here, what it has said here stands.
    /// If not, there is nothing to tell of it here any more.
    pub(super) fn compare(&mut self, entry: &Entry, now: Millis) {
        let Entry::Updated { heard_at, from, about: Some(about), .. } = entry else { return };
        let Subject { user, connection, since } = about;
        if *from == self.place() {
            return;
        }
        let Some(connected_at) = self.connected_at(user, connection) else {
            return self.compare_last(about, heard_at, now);
        };
        let own = self.sockets.select(|member| member.is_of(user, connection));
        let data = own.first().and_then(|own| self.sockets.member(*own)?.data.clone());
        let Some(data) = data else { return };
        self.restore_presence(now);
        let is_heard = data.at().is_some_and(|at| is_in(heard_at, at));
        if since.is_some_and(|since| since >= connected_at) {
            self.attach_all(&own, None);
            if !is_heard {
                self.tell_of_end(user, connection, &data, now);
            }
        } else if since.is_some() || is_heard {
            self.tell_again(user, connection, &data, heard_at.clone(), now);
        }
    }

    /// The same where the connection has no socket any more, but its user is waited for with its data.
    fn compare_last(&mut self, about: &Subject, heard_at: &[String], now: Millis) {
        let Subject { user, connection, since } = about;
        // It is the one that goes on elsewhere.
        let is_it = |last: &&LastData| since.is_some() && last.connection_id == *connection;
        let last = self.presence.last_of(user).filter(is_it);
        let Some(LastData { data, .. }) = last.cloned() else { return };
        self.presence.take_back(user, connection, Some(&data), None);
        self.remember(user);
        if !data.at().is_some_and(|at| is_in(heard_at, at)) {
            self.tell_of_end(user, connection, &data, now);
        }
    }

    /// What a connection has said stands, though those who are at some places in the product were told otherwise.
    fn tell_again(
        &mut self,
        user: &UserId,
        connection_id: &ConnectionId,
        data: &PresenceData,
        mut heard_at: Vec<String>,
        now: Millis,
    ) {
        if let Some(at) = data.at().filter(|at| !is_in(&heard_at, at)) {
            heard_at.push(at.to_owned());
        }
        let about = self.subject(user, connection_id, false);
        let stands = ConnectionData { connection_id, data: Some(data) };
        if let Some(frame) = self.updated_frame(user, Some(stands), now) {
            self.tell_across(&frame, heard_at, None, about, now);
        }
    }
}
