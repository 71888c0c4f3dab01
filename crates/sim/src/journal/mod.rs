//! The simple model of what a room keeps: a list of events, of which the last few are available. A crash takes the newest
//! away again, as far as they were not durable, and after it numbers are left out.

mod disk;
mod life;
pub mod publish;

use std::rc::Rc;

use validiant_core::Millis;
use validiant_core::position::{Position, Seq};

use self::life::{Life, number};
use crate::publication::{Event, Place};
use crate::violation::{Checked, ensure};

/// A client that has missed more than this gets no replay (P7.5).
const MAX_REPLAY_BYTES: usize = 1_048_576;

/// Why a client may have missed an event that the room no longer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gap {
    /// No history is kept, or it can't be read.
    NoHistory,
    OtherEpoch,
    Future,
    /// An event that the client has seen, or may have, was lost.
    Lost,
    /// An event was dropped because there were too many.
    Dropped,
    /// An event has expired.
    Over,
    TooLarge,
}

/// All events of a room, and which of them it still has.
#[derive(Debug, Clone)]
pub struct Journal {
    /// The maximum number of events; 0 for none.
    pub size: u64,
    pub ttl_ms: Millis,
    /// Each history that the room ever had.
    lives: Vec<Life>,
    /// Which of them it has.
    life: Option<usize>,
    /// Whether the room has opened the history in its current life.
    is_open: bool,
    /// Whether the room has begun without sockets, and has kept no event since.
    may_have_lost: bool,
    /// Whether a client has connected that the room could tell nothing about a history.
    may_jump: bool,
    /// How many events were accepted.
    taken: u64,
}

impl Journal {
    pub fn new(size: u64, ttl_ms: Millis) -> Self {
        Self {
            size,
            ttl_ms,
            lives: Vec::new(),
            life: None,
            is_open: false,
            may_have_lost: true,
            may_jump: false,
            taken: 0,
        }
    }

    /// The room has lost its memory. `has_sockets`: whether its next life begins with some.
    pub fn forget(&mut self, has_sockets: bool) {
        self.is_open = false;
        self.may_have_lost |= !has_sockets;
        self.may_jump &= has_sockets;
    }

    /// The storage is lost, or the kept history now has a gap.
    pub fn erase(&mut self) {
        if let Some(life) = self.current_mut() {
            life.answered = 0;
        }
        self.life = None;
        self.is_open = false;
    }

    /// Whether the room has a history open.
    pub fn is_open(&self) -> bool {
        self.is_open && self.size > 0
    }

    fn current(&self) -> Option<&Life> {
        self.lives.get(self.life?)
    }

    fn current_mut(&mut self) -> Option<&mut Life> {
        self.lives.get_mut(self.life?)
    }

    /// Whether no event is left in the storage, or on its way there.
    pub fn is_empty(&self) -> bool {
        self.current().is_none_or(|life| life.dropped == life.events.len())
    }

    /// The end of the history, if there is one.
    pub fn newest(&self) -> Option<Place> {
        Some(Place { life: self.life?, seq: self.current()?.newest() })
    }

    /// The newest event up to a number; 0 if there is none.
    pub fn newest_until(&self, seq: Seq) -> Seq {
        let Some(life) = self.current() else { return 0 };
        let last = life.count_until(seq).checked_sub(1).and_then(|last| life.events.get(last));
        last.map_or(0, number)
    }

    /// The kept events of one of the room's histories that came after the event `seq`.
    pub fn after(&self, Place { life, seq }: Place) -> &[Rc<Event>] {
        let Some(life) = self.lives.get(life) else { return &[] };
        life.events.get(life.count_until(seq)..).unwrap_or_default()
    }

    /// The history with this epoch.
    pub fn life_of(&self, epoch: &str) -> Option<usize> {
        self.lives.iter().position(|life| life.epoch.as_deref() == Some(epoch))
    }

    /// The epoch of the current history, if it is known.
    pub fn epoch(&self) -> Option<&str> {
        self.current()?.epoch.as_deref()
    }

    /// The room opens its history, if it keeps one and can open it. Returns whether it is open now.
    pub fn open(&mut self, disk_is_full: bool) -> bool {
        if self.size == 0 || (self.life.is_none() && disk_is_full) {
            self.may_jump |= self.size > 0;
            return false;
        }
        if self.life.is_none() {
            self.life = Some(self.lives.len());
            self.lives.push(Life::default());
            // A history that has just begun has lost nothing.
            self.may_have_lost = false;
        }
        self.is_open = true;
        true
    }

    /// The epoch of the room is told, or stands on its disk.
    pub fn hear_epoch(&mut self, epoch: &str) -> Checked {
        let known = self.life_of(epoch);
        let current = self.life;
        let Some(life) = self.current_mut() else {
            ensure!(false, "The room tells the epoch {epoch}, but there is no history.");
            return Ok(());
        };
        match (known, &life.epoch) {
            (Some(_), _) => ensure!(known == current, "{epoch} is the epoch of a lost history."),
            (None, Some(before)) => ensure!(false, "The epoch {before} became {epoch}."),
            (None, None) => life.epoch = Some(epoch.to_owned()),
        }
        Ok(())
    }

    /// From which of its events on the current history is there.
    fn first_there(&self, life: &Life) -> usize {
        let beyond = life.events.len().saturating_sub(self.size as usize);
        life.dropped.max(beyond)
    }

    fn is_over(&self, at: Millis, now: Millis) -> bool {
        now.saturating_sub(at) >= self.ttl_ms
    }

    /// All events after a position, or why some are missing (P7.4, P7.5).
    pub fn since(&self, position: &Position, now: Millis) -> Result<Vec<Rc<Event>>, Gap> {
        let Some(life) = self.current().filter(|_| self.is_open()) else {
            return Err(Gap::NoHistory);
        };
        if life.epoch.as_deref() != Some(position.epoch.as_str()) {
            return Err(Gap::OtherEpoch);
        }
        let known = life.count_until(position.seq);
        let last = known.checked_sub(1).and_then(|last| life.events.get(last));
        if last.map_or(0, number) != position.seq {
            let is_future = position.seq > life.newest() && !life.seen.contains_key(&position.seq);
            return Err(if is_future { Gap::Future } else { Gap::Lost });
        }
        let missed = life.events.get(known..).unwrap_or_default();
        if !missed.is_empty() && known < self.first_there(life) {
            return Err(Gap::Dropped);
        }
        if missed.iter().map(|event| event.frame.len()).sum::<usize>() > MAX_REPLAY_BYTES {
            return Err(Gap::TooLarge);
        }
        if missed.iter().any(|event| self.is_over(event.at, now)) {
            return Err(Gap::Over);
        }
        Ok(missed.to_vec())
    }

    /// Those events that a client can still get, if it comes at this time.
    fn kept(&self, now: Millis) -> &[Rc<Event>] {
        let Some(life) = self.current() else { return &[] };
        let over = life.events.iter().rposition(|event| self.is_over(event.at, now));
        let first = self.first_there(life).max(over.map_or(0, |place| place + 1));
        life.events.get(first..).unwrap_or_default()
    }

    /// When each event that is there expires.
    pub fn edges(&self) -> impl Iterator<Item = Millis> {
        let events = |life: &'_ Life| life.events.get(life.dropped..).unwrap_or_default().to_vec();
        let there = self.current().map(events).unwrap_or_default();
        there.into_iter().map(|event| event.at + self.ttl_ms)
    }

    /// The oldest missed event that a client can still get.
    pub fn oldest_kept(&self, now: Millis) -> Option<Seq> {
        self.kept(now).first().map(number)
    }

    /// Somebody has seen this event, or a position that includes it.
    pub fn see(&mut self, Place { life, seq }: Place) -> Checked {
        let Some(life) = self.lives.get_mut(life) else { return Ok(()) };
        let event = life.count_until(seq).checked_sub(1).and_then(|last| life.events.get(last));
        let Some(event) = event.filter(|event| number(event) == seq) else { return Ok(()) };
        let order = event.order;
        let before = *life.seen.entry(seq).or_insert(order);
        ensure!(before == order, "Two different events were seen with the number {seq}.");
        Ok(())
    }

    /// How many events were seen that a crash can still take: all after the newest that is durable.
    pub fn unconfirmed(&self, durable: Seq) -> usize {
        let Some(life) = self.current() else { return 0 };
        let rest = life.events.get(life.count_until(durable)..).unwrap_or_default();
        rest.iter().filter(|event| life.seen.contains_key(&number(event))).count()
    }

    /// A backend is told that the events up to this one are durable.
    pub fn answer(&mut self, Place { life, seq }: Place) {
        if let Some(life) = self.lives.get_mut(life) {
            life.answered = life.answered.max(seq);
        }
    }
}
