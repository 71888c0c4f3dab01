//! Faults, and the passing of time.

use validiant_core::Millis;
use validiant_core::member::SocketId;
use validiant_core::wire::close_code::CloseCode;

use crate::counts::Counts;
use crate::documents::Documents;
use crate::flaw::Flaw;
use crate::host::ALL;
use crate::hosting::WRITES_AFTER_MS;
use crate::plan::{SIZES, STALE_SOCKET_MS};
use crate::presence::Presence;
use crate::site::{Model, Site};
use crate::step::End;
use crate::violation::{Checked, Violation, ensure};
use crate::wire::Socket;
use crate::world::World;

/// A room whose alarm goes off more often than this while no time passes is in a loop.
const MAX_ALARMS: usize = 10_000;

impl World {
    fn site(&mut self, room: u8) -> Checked<&mut Site> {
        let site = self.sites.get_mut(usize::from(room));
        site.ok_or_else(|| Violation(format!("There is no room {room}.")))
    }

    /// The runtime evicts an idle object: one that has sent and written everything.
    pub fn evict(&mut self, room: u8) -> Checked {
        let Self { sites, now, counts, .. } = self;
        let Some(site) = sites.get_mut(usize::from(room)) else { return Ok(()) };
        let is_hasty = site.has(Flaw::HastySleep) && !site.room.holds_events();
        if !site.room.holds_events() && !is_hasty {
            site.settle(*now, counts)?;
        }
        if is_hasty || !site.is_at_risk() {
            counts.add("evicted");
            site.lose_memory(*now);
        }
        Ok(())
    }

    /// All rooms lose their memory. A room that has not sent and written everything is reset, with its sockets
    /// (src/project-room.js).
    pub fn restart_wasm(&mut self) -> Checked {
        for site in &mut self.sites {
            if site.is_at_risk() {
                let waited = site.room.holds_events();
                self.counts.add_many("events that waited were lost", waited.into());
                site.die(ALL, self.now, &mut self.counts)?;
            } else {
                site.lose_memory(self.now);
            }
        }
        Ok(())
    }

    pub fn kill(&mut self, room: u8, kept: u8) -> Checked {
        let Self { sites, now, counts, .. } = self;
        let Some(site) = sites.get_mut(usize::from(room)) else { return Ok(()) };
        site.die(kept, *now, counts)
    }

    pub fn lose_storage(&mut self, room: u8) -> Checked {
        let grace_ms = self.plan.grace_ms;
        let Self { sites, now, counts, .. } = self;
        let Some(site) = sites.get_mut(usize::from(room)) else { return Ok(()) };
        site.platform.borrow_mut().disk.lose();
        // Nothing is promised of what nobody can know any more.
        site.documents = Documents::default();
        site.model.journal.erase();
        site.model.refusals.clear();
        site.model.revocations.clear();
        site.model.floor.clear();
        site.app.floor_is_lost();
        site.model.presence = Presence::new(grace_ms);
        site.die(ALL, *now, counts)?;
        site.is_presence_known = true;
        site.alarm_may_be_late = false;
        site.events_may_stay = false;
        Ok(())
    }

    pub fn fill_disk(&mut self, room: u8, is_full: bool) -> Checked {
        let may_fill = self.plan.may_fill;
        let site = self.site(room)?;
        if may_fill {
            site.platform.borrow_mut().disk.is_full = is_full;
            site.is_presence_known &= !is_full;
        }
        Ok(())
    }

    /// Makes the removals and the revocations unreadable, or readable again.
    pub fn hide_tables(&mut self, room: u8, are_hidden: bool) -> Checked {
        let disk = &mut self.site(room)?.platform.borrow_mut().disk;
        (disk.is_unreadable, disk.hides_key_epoch) = (are_hidden, are_hidden);
        Ok(())
    }

    /// A deploy with another setting, which ends all sockets.
    pub fn resize(&mut self, room: u8, size: u8) -> Checked {
        let settings = self.plan.settings(room, size);
        let Self { sites, now, counts, .. } = self;
        let Some(site) = sites.get_mut(usize::from(room)) else { return Ok(()) };
        site.settings = settings;
        site.model.journal.size = SIZES.get(usize::from(size)).copied().unwrap_or_default();
        site.die(ALL, *now, counts)
    }

    pub fn jump(&mut self, seconds: i64, end: End) -> Checked {
        self.now = self.now.saturating_add_signed(seconds * 1_000);
        for site in &mut self.sites {
            site.alarm_may_be_late |= seconds < 0 && site.alarm().is_some();
            site.events_may_stay |= seconds < 0;
        }
        self.pass(0, end)
    }

    /// Lets time pass until exactly the moment at which something expires, or just before it.
    pub fn pass_to_edge(&mut self, room: u8, is_early: bool, end: End) -> Checked {
        let now = self.now;
        let site = self.site(room)?;
        let Model { journal, refusals, .. } = &site.model;
        let kept = journal.edges().chain(refusals.edges()).chain(site.next_drop());
        let edge = kept.chain(site.token_ends().map(|(_, at)| at)).filter(|at| *at > now).min();
        let ms = edge.map_or(0, |at| at - now - Millis::from(is_early));
        self.pass(ms, end)
    }

    /// Lets time pass; each alarm goes off when it is due.
    pub fn pass(&mut self, ms: Millis, mut end: End) -> Checked {
        let until = self.now + ms;
        for _ in 0..MAX_ALARMS {
            if until >= self.now + WRITES_AFTER_MS {
                self.settle()?;
            }
            let alarms = self.sites.iter_mut().filter_map(|site| Some((site.alarm()?, site)));
            let Some((at, site)) = alarms.min_by_key(|(at, _)| *at).filter(|(at, _)| *at <= until)
            else {
                self.now = until;
                return Ok(());
            };
            self.now = self.now.max(at);
            site.go_off(std::mem::replace(&mut end, End::Commits), self.now, &mut self.counts)?;
        }
        Err(Violation("A room sets its alarm again and again.".into()))
    }
}

impl Site {
    fn go_off(&mut self, end: End, now: Millis, counts: &mut Counts) -> Checked {
        counts.add("alarm");
        let mut turn = self.begin_turn(end);
        self.platform.borrow_mut().disk.fire();
        self.alarm_may_be_late = false;
        self.model.presence.notice(now);
        let is_drop = !self.model.journal.is_empty();
        let swept = self.room.alarm(now);
        let (silent, expired) = (self.silent(now), self.expired(now));
        counts.add_many("swept sockets", silent.len());
        counts.add_many("sockets that ended with their token", expired.len());
        let of_silent = silent.into_iter().map(|socket| (socket, CloseCode::TRY_AGAIN.number));
        let of_expired =
            expired.into_iter().map(|socket| (socket, CloseCode::TOKEN_EXPIRED.number));
        turn.closes = of_silent.chain(of_expired).collect();
        ensure!(swept.len() == turn.closes.len(), "Closed is {swept:?}, not {:?}.", turn.closes);
        for (socket, _) in &turn.closes {
            self.model_departure(*socket, false, now);
        }
        self.model.presence.expire(now);
        if is_drop && self.model.journal.size == 0 && !self.disk_is_full() {
            self.model.journal.erase();
        }
        counts.add_many("events dropped by alarm", self.drops(now)?);
        self.holds_nothing()?;
        self.platform.borrow_mut().disk.has_fired();
        self.end_turn(turn, now, counts)
    }

    /// Checks that events that expired long enough ago are gone from the disk. Returns how many were dropped.
    fn drops(&mut self, now: Millis) -> Checked<usize> {
        let kept = |site: &Self| site.model.journal.edges().count();
        let before = kept(self);
        self.observe_disk(now)?;
        let stays = self.next_drop().is_some_and(|at| at <= now);
        let may_stay = self.disk_is_full() || self.events_may_stay;
        ensure!(!stays || may_stay, "An event that expired long ago is still there.");
        Ok(before - kept(self))
    }

    /// The sockets with a token, and when each is closed because of it.
    fn token_ends(&self) -> impl Iterator<Item = (SocketId, Millis)> {
        let ends_at = |socket: &Socket| socket.ends_at(self.settings.token_grace_ms);
        self.in_room().filter_map(move |(id, socket)| Some((id, ends_at(socket)?)))
    }

    /// The sockets closed now because of their token, without those closed because they are silent.
    fn expired(&self, now: Millis) -> Vec<SocketId> {
        let silent = self.silent(now);
        let ends = self.token_ends().filter(|(id, at)| *at <= now && !silent.contains(id));
        ends.map(|(id, _)| id).collect()
    }

    /// The sockets that used to ping and have been silent since.
    fn silent(&self, now: Millis) -> Vec<SocketId> {
        let is_over = |at: Millis| at + STALE_SOCKET_MS < now;
        self.in_room().filter(|(_, it)| it.last_ping.is_some_and(is_over)).map(|it| it.0).collect()
    }
}
