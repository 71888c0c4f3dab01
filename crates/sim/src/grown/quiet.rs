//! It becomes quiet: the network has no faults, time passes, and everything must be as in a small room.

use std::collections::BTreeSet;

use serde_json::Value;
use validiant_core::Millis;
use validiant_core::tree::{Place, Places};

use super::client::Link;
use super::client_event::Said;
use super::world::World;
use crate::said::All;
use crate::users::{self, Users};
use crate::violation::{Checked, Violation, ensure};
use crate::wire::{listed, number};

/// How long it takes until everybody is connected and in step again: an alarm must go off at each place.
const SETTLES_AFTER_MS: Millis = 120_000;
/// How long it takes until everybody knows what was said then.
const SPREADS_AFTER_MS: Millis = 30_000;
/// Meanwhile idle objects are taken out of memory so often.
const LOOK_MS: Millis = 10_000;

impl World {
    pub fn quiet(&mut self) -> Checked {
        self.is_calm = true;
        for object in self.objects.values_mut() {
            object.cut_until = 0;
        }
        // A room that has just become smaller moves its clients (P15.10).
        if !self.settles()? {
            self.settles()?;
        }
        self.check_links()?;
        self.check_events()?;
        self.check_said()?;
        self.order.check()?;
        self.check_views()?;
        self.check_bans()?;
        self.check_state()?;
        self.check_retired()?;
        self.counts.add("quiet");
        self.is_calm = false;
        self.forget();
        Ok(())
    }

    /// Everybody comes back and hears what the others say of themselves. Returns whether nobody was moved at the end.
    fn settles(&mut self) -> Checked<bool> {
        self.wait(SETTLES_AFTER_MS)?;
        self.clients.iter_mut().for_each(super::client::Client::read);
        for client in 0..super::plan::CLIENTS {
            self.say_again(client)?;
        }
        let before = self.moves();
        // A root without sockets that has slept resets its leaves: it wakes now, and nobody sleeps from here on.
        self.ask_state()?;
        self.pass(SPREADS_AFTER_MS)?;
        self.clients.iter_mut().for_each(super::client::Client::read);
        Ok(self.moves() == before)
    }

    /// How often the room has become smaller, or has moved clients.
    fn moves(&self) -> u64 {
        self.counts.get("room shrank") + self.counts.get("clients moved")
    }

    fn wait(&mut self, ms: Millis) -> Checked {
        for _ in 0..ms / LOOK_MS {
            self.pass(LOOK_MS)?;
            self.sleep_all();
        }
        Ok(())
    }

    /// All that comes from here on is after all that was.
    fn forget(&mut self) {
        self.order.clear();
        self.said.clear();
        for socket in self.sockets.values_mut() {
            (socket.last, socket.refusals) = (None, 0);
            socket.heard.clear();
        }
    }

    /// Everybody who wants to be connected is, and nobody else.
    fn check_links(&self) -> Checked {
        let mut live = BTreeSet::new();
        for client in &self.clients {
            let Link::On(key) = client.link else {
                ensure!(!client.wants, "It is quiet, and {client} is not connected.");
                continue;
            };
            ensure!(
                self.sockets.contains_key(&key),
                "It is quiet, and {client} believes in the socket {key:?}."
            );
            live.insert(key);
        }
        let left = self.sockets.values().find(|socket| !live.contains(&socket.key));
        left.map_or(Ok(()), |left| Err(Violation(format!("{left} is nobody's."))))
    }

    fn check_events(&mut self) -> Checked {
        let log = &self.log;
        self.sockets.values().try_for_each(|it| it.misses_nothing_until(log.len(), log))?;
        self.counts.add_many("up to date when quiet", self.sockets.len());
        let leaves: BTreeSet<Place> = self.sockets.keys().map(|(place, _)| *place).collect();
        self.counts.add(match leaves.len() {
            0 => "quiet without sockets",
            1 => "quiet in one place",
            2..4 => "quiet in few places",
            _ => "quiet in many places",
        });
        Ok(())
    }

    /// Every client event has reached all that were there, unless it was refused or its sender is gone.
    fn check_said(&self) -> Checked {
        for socket in self.sockets.values() {
            let is_from = |said: &&Said| said.from == socket.key;
            let refused = self.said.iter().filter(is_from).filter(|said| said.is_refused).count();
            let has_hearers = |said: &Said| {
                self.sockets.values().any(|it| it.opened < said.order && said.is_for(it))
            };
            let lost = self
                .said
                .iter()
                .filter(is_from)
                .filter(|said| !said.is_refused && said.heard == 0 && has_hearers(said));
            let lost = lost.count();
            ensure!(
                lost + refused <= socket.refusals,
                "{socket} was told of {} refusals, and {} of its events are lost.",
                socket.refusals,
                lost + refused
            );
            for (index, said) in self.said.iter().enumerate().filter(|(_, said)| said.heard > 0) {
                let is_due = socket.opened < said.order && said.is_for(socket);
                let number = said.order;
                ensure!(
                    !is_due || socket.heard.contains(&index),
                    "{socket} has missed the client event {number} of {:?}, which others got.",
                    said.from
                );
            }
        }
        Ok(())
    }

    fn present(&self) -> Users {
        let mut users = Users::default();
        for socket in self.sockets.values() {
            socket.user.map(|user| users.insert(user));
        }
        users
    }

    /// Everybody knows how many users there are, and who says what at the same place.
    fn check_views(&self) -> Checked {
        let users = self.present();
        let talks = |client: &&super::client::Client| matches!(client.link, Link::On(_));
        let live: Vec<_> = self.clients.iter().filter(talks).collect();
        let said: All =
            live.iter().filter_map(|it| Some(((it.seat.user?, it.number), it.data?))).collect();
        let is_sure = live.iter().all(|client| !client.is_unsure);
        for client in live {
            let view = &client.view;
            ensure!(
                view.count == users.count() && view.users.is_none_or(|known| known == users),
                "It is quiet, and {client} believes in {} users {:?}, not {:?}.",
                view.count,
                view.users.map(Users::names),
                users.names()
            );
            if let Some(at) = client.data.and_then(|data| data.at).filter(|_| is_sure) {
                let (believed, truth) = (view.others_at(at), view.others_in(&said, at));
                ensure!(
                    believed == truth,
                    "It is quiet, and {client} at p{at} believes {believed:?}, not {truth:?}."
                );
            }
        }
        Ok(())
    }

    fn check_bans(&self) -> Checked {
        let floor = self.bans.floor_asked;
        for client in self.clients.iter().filter(|it| matches!(it.link, Link::On(_))) {
            ensure!(
                client.floor == floor,
                "{client} takes the floor {} for {floor}.",
                client.floor
            );
        }
        for socket in self.sockets.values() {
            let is_against = self.bans.are_against(socket.user, socket.issued_at, self.now);
            ensure!(!is_against, "It is quiet, and {socket} is not closed, which was asked for.");
        }
        Ok(())
    }

    fn read_state(&mut self) -> Checked<String> {
        self.ask_state()?;
        self.pass(LOOK_MS)?;
        self.state.take().ok_or_else(|| Violation("There is no state.".into()))
    }

    /// The state of the room counts everybody once.
    fn check_state(&mut self) -> Checked {
        let before = self.moves();
        let mut text = self.read_state()?;
        if self.moves() != before {
            self.settles()?;
            text = self.read_state()?;
        }
        let state: Value = serde_json::from_str(&text)
            .map_err(|_| Violation(format!("The state can't be read: {text}.")))?;
        let users = self.present();
        let is_right = number(&state, "connections") == Some(self.sockets.len())
            && number(&state, "activeUsers") == Some(users.count())
            && state.get("users").and_then(listed) == Some(users)
            && self.has_right_devices(&state);
        ensure!(
            is_right,
            "It is quiet with {} sockets of {:?}, and the state is {text}.",
            self.sockets.len(),
            users.names()
        );
        if !self.plan.is_fine() || self.plan.grace_ms == 0 {
            self.stays.forget();
        }
        self.stays.check(&state)?;
        let leaves = state.get("leaves").and_then(Value::as_array);
        let is_silent = |leaf: &&Value| leaf.get("answers") != Some(&Value::Bool(true));
        let silent = leaves.and_then(|leaves| leaves.iter().find(is_silent));
        ensure!(silent.is_none(), "It is quiet, and {silent:?} does not answer.");
        Ok(())
    }

    /// Each client is another device of its user.
    fn has_right_devices(&self, state: &Value) -> bool {
        let list = state.get("users").and_then(Value::as_array);
        list.into_iter().flatten().all(|listed| {
            let user = listed.get("userId").and_then(Value::as_str).and_then(users::number);
            let theirs = self.sockets.values().filter(|socket| socket.user == user).count();
            number(listed, "devices") == Some(theirs)
        })
    }

    /// An object that is no place of the room any more has no socket, and keeps nothing.
    fn check_retired(&mut self) -> Checked {
        let text = self.act(Place::ROOT, |room, _| room.places_text());
        self.end(Place::ROOT)?;
        let places = Places::parse(&text).unwrap_or_default();
        for object in self.objects.values() {
            let platform = object.platform.borrow();
            let is_place = object.place == Place::ROOT || places.find(object.place).is_some();
            let is_empty = platform.sockets().next().is_none() && platform.disk.is_blank();
            ensure!(is_place || is_empty, "{:?} is dropped, and not empty.", object.place);
            let was_place = object.progress > 0 && !is_place;
            self.counts.add_many("leaves given up", usize::from(was_place));
        }
        Ok(())
    }
}
