//! What must be true after every step, and what once everything is quiet.

use validiant_core::Millis;

use crate::client::{Client, View};
use crate::refusals::Refused;
use crate::said::Told;
use crate::site::Site;
use crate::step::End;
use crate::violation::{Checked, Violation, ensure};
use crate::world::World;

/// The longest time until a late alarm is set again.
const LATE_MS: Millis = 60_000;
/// The maximum number of waiting events (P3.4).
const MAX_WAITING: usize = 64;
/// After this many alarms every waiting user has left.
const MAX_WAITS: usize = 5_000;
/// The minimum time between two presence summaries (P5.5).
const SUMMARY_MS: Millis = 1_000;

impl World {
    /// After every step.
    pub fn check(&mut self) -> Checked {
        for site in &self.sites {
            site.check_sockets()?;
            site.check_alarm(self.now)?;
            site.check_drop(self.now)?;
            site.check_tokens(self.now)?;
            site.check_documents()?;
        }
        // A clock that was set back does not bring an alarm forward.
        let soon = self.latest + SUMMARY_MS;
        for client in &mut self.clients {
            let Some(site) = self.sites.get_mut(usize::from(client.seat.room)) else { continue };
            if client.seat.is_prompt {
                site.let_read(client, usize::MAX)?;
            }
            if site.is_up_to_date(client) {
                client.misses_nothing(&site.model.journal)?;
                site.check_view(client, soon, self.plan.presence_events_max)?;
                site.check_told(client)?;
                let floor = site.model.floor.epoch;
                ensure!(client.floor == floor, "{client} takes {} for {floor}.", client.floor);
            }
        }
        self.forget_sockets();
        Ok(())
    }

    /// Forgets the sockets that neither the room nor a client has.
    fn forget_sockets(&mut self) {
        let clients = &self.clients;
        for site in &mut self.sites {
            site.sockets.retain(|id, socket| {
                let client = clients.get(usize::from(socket.client));
                socket.is_in_room || client.is_some_and(|client| client.socket == Some(*id))
            });
        }
    }

    /// Ends all faults and reads everything. Then exactly the users with a socket must be present.
    pub fn quiet(&mut self) -> Checked {
        for room in 0..self.plan.rooms {
            self.fill_disk(room, false)?;
            self.hide_tables(room, false)?;
            self.tell_ends(room, End::Commits)?;
            self.settle_documents(room)?;
            self.ask_state(room, End::Commits)?;
        }
        // The clock that was set back is correct again.
        self.pass(self.latest.saturating_sub(self.now), End::Commits)?;
        self.await_leaves()?;
        for room in 0..self.plan.rooms {
            self.flush(room, End::Commits)?;
            self.ask_state(room, End::Commits)?;
        }
        for client in &mut self.clients {
            let Some(site) = self.sites.get_mut(usize::from(client.seat.room)) else { continue };
            site.let_read(client, usize::MAX)?;
            if site.is_up_to_date(client) {
                self.counts.add("up to date when quiet");
                ensure!(
                    site.is_right(client),
                    "It is quiet, and {client} believes {:?} to be present.",
                    client.view
                );
            }
        }
        self.sites.iter().try_for_each(Site::check_quiet)
    }

    /// Lets time pass until no user is waiting and no summary is pending.
    fn await_leaves(&mut self) -> Checked {
        for _ in 0..MAX_WAITS {
            let waits = |site: &&Site| {
                let is_late = site.alarm_may_be_late && site.alarm().is_some();
                let is_waiting = site.model.presence.waiting().0 != 0 || is_late;
                site.is_presence_known && is_waiting
            };
            if let Some(site) = self.sites.iter().find(waits) {
                let at = site
                    .alarm()
                    .ok_or_else(|| Violation("Users are waiting without an alarm.".into()))?;
                self.pass(at.saturating_sub(self.now), End::Commits)?;
                continue;
            }
            self.pass(SUMMARY_MS, End::Commits)?;
            // A silent socket may have been closed meanwhile.
            if !self.sites.iter().any(|site| waits(&site)) {
                return Ok(());
            }
        }
        Err(Violation("Users wait forever.".into()))
    }
}

impl Site {
    fn check_sockets(&self) -> Checked {
        let (room, count) = (self.number, self.in_room().count());
        ensure!(self.room.connections() == count, "Room {room} does not have {count} sockets.");
        for (_, socket) in self.in_room() {
            let (waiting, holds) = (socket.due.len(), self.room.holds_events());
            ensure!(
                holds || waiting == 0,
                "Room {room} has not sent {waiting} events to {socket}."
            );
            ensure!(waiting <= MAX_WAITING, "Room {room} lets {waiting} events wait for {socket}.");
        }
        Ok(())
    }

    /// There must be an alarm for every user who may come back (P5.3, P5.4). After a crash it may have to go off once more.
    fn check_alarm(&self, now: Millis) -> Checked {
        if !self.is_presence_known {
            return Ok(());
        }
        let alarm = self.alarm();
        if let Some(at) = self.model.presence.next_leave() {
            let in_time = |alarm| alarm <= at.max(now) || self.alarm_may_be_late;
            let is_in_time = alarm.is_some_and(in_time);
            ensure!(is_in_time, "{alarm:?} is no alarm for {at}.");
        }
        let lost = self.model.presence.lost();
        ensure!(lost.0 == 0 || alarm.is_some(), "No alarm shows that {:?} are gone.", lost.names());
        Ok(())
    }

    /// There must be an alarm to drop an expired event (P7.2).
    fn check_drop(&self, now: Millis) -> Checked {
        let late = self.events_may_stay || self.alarm_may_be_late || !self.is_presence_known;
        if let Some(at) = self.next_drop().filter(|_| !late) {
            // What is late after a crash goes with the next alarm.
            let latest = if at > now { at } else { now + LATE_MS };
            let is_off = self.model.journal.size == 0;
            let is_in_time = self.alarm().is_some_and(|alarm| alarm <= latest || is_off);
            ensure!(is_in_time, "{:?} is no alarm for an event that goes at {at}.", self.alarm());
        }
        Ok(())
    }

    /// Every connected client must have a valid token, and there must be an alarm for its expiry (P8.5, P9.5).
    fn check_tokens(&self, now: Millis) -> Checked {
        for (_, socket) in self.in_room() {
            let Some(token) = &socket.token else { continue };
            let is_revoked = self.model.revocations.judge(token) == Refused::Yes;
            ensure!(!is_revoked, "{socket} stays with {token:?}, which is revoked.");
            let Some(at) = socket.ends_at(self.settings.token_grace_ms) else { continue };
            let in_time = |alarm| alarm <= at.max(now) || self.alarm_may_be_late;
            ensure!(
                self.alarm().is_some_and(in_time) || !self.is_presence_known,
                "{:?} is no alarm for {socket}, which ends at {at}.",
                self.alarm()
            );
        }
        Ok(())
    }

    /// Whether the client is connected and has read everything that the room has for it.
    fn is_up_to_date(&self, client: &Client) -> bool {
        let socket = self.live(client).and_then(|id| self.sockets.get(&id));
        client.has_begun()
            && !self.room.holds_events()
            && socket.is_some_and(|socket| socket.wire.is_empty())
    }

    /// Whether the client knows who is present, or how many are.
    fn is_right(&self, client: &Client) -> bool {
        let users = self.model.presence.users();
        let is_right = match client.view {
            View::Users(believed) => client.of_others(believed) == client.of_others(users),
            View::Count(count) => count == users.count(),
        };
        is_right || !self.is_presence_known
    }

    /// A client that is up to date must know who is present. In a large room a summary may be pending, for an alarm
    /// before `soon`.
    fn check_view(&self, client: &Client, soon: Millis, told_one_by_one: usize) -> Checked {
        let users = self.model.presence.users();
        let is_large = users.count() > told_one_by_one;
        let in_time = |alarm| alarm <= soon || self.alarm_may_be_late;
        let is_on_its_way = self.alarm().is_some_and(in_time);
        ensure!(
            self.is_right(client) || (is_large && is_on_its_way),
            "{client} believes {:?} to be present, not {:?}.",
            client.view,
            users.names()
        );
        ensure!(
            is_large || !self.is_presence_known || matches!(client.view, View::Users(_)),
            "{client} is not told who is present, though they are few: {:?}.",
            users.names()
        );
        Ok(())
    }

    /// A client that is up to date must believe what is true of the others' connections (P12).
    fn check_told(&self, client: &Client) -> Checked {
        let truth = if self.is_talkative() { self.truth() } else { Told::default() };
        ensure!(
            client.believes(&truth, self.is_large()) || !self.is_presence_known,
            "{client} believes {:?}, not {truth:?}.",
            client.told
        );
        Ok(())
    }

    fn check_quiet(&self) -> Checked {
        let (present, seated) = (self.model.presence.users(), self.seated());
        ensure!(
            !self.is_presence_known || present == seated,
            "It is quiet, and {:?} are present, but {:?} have a socket.",
            present.names(),
            seated.names()
        );
        Ok(())
    }
}
