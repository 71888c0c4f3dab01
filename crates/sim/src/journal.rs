//! The simple model of what a room keeps: a list of events, of which the last few are available.

use std::collections::BTreeMap;
use std::rc::Rc;

use validiant_core::Millis;
use validiant_core::position::{Position, Seq};

use crate::publication::{Event, Place, Posted};
use crate::violation::{Checked, ensure};

/// A client that has missed more than this gets no replay (P7.5).
const MAX_REPLAY_BYTES: usize = 1_048_576;

/// An accepted POST with a key.
#[derive(Debug, Clone)]
struct Keyed {
    posted: Posted,
    first: Seq,
    last: Seq,
    at: Millis,
}

/// The expected outcome of a POST.
#[derive(Debug)]
pub enum Outcome {
    /// The events are accepted.
    Taken(Vec<Rc<Event>>),
    /// It was already accepted; with the numbers of its events.
    Repeat(Vec<Option<Seq>>),
    /// A different one was accepted with its key.
    Conflict,
    /// The write failed.
    Failed,
}

/// Why a client may have missed an event that the room no longer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gap {
    /// No history is kept, or it can't be read.
    NoHistory,
    OtherEpoch,
    Future,
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
    /// The kept events of each history that the room ever had, the event of number 1 first.
    lives: Vec<Vec<Rc<Event>>>,
    /// Which of them is on the disk.
    life: Option<usize>,
    /// The epochs that anybody was told, each with its history.
    epochs: BTreeMap<String, usize>,
    /// The oldest event that is on the disk.
    oldest: Seq,
    /// Whether the room has opened the history in its current life.
    is_open: bool,
    keyed: Vec<Keyed>,
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
            epochs: BTreeMap::new(),
            oldest: 1,
            is_open: false,
            keyed: Vec::new(),
            taken: 0,
        }
    }

    /// The room has lost its memory.
    pub fn forget(&mut self) {
        self.is_open = false;
    }

    /// The storage is lost, or the kept history now has a gap.
    pub fn erase(&mut self) {
        self.life = None;
        self.is_open = false;
        self.keyed.clear();
    }

    /// Whether the room has a history open.
    pub fn is_open(&self) -> bool {
        self.is_open && self.size > 0
    }

    /// The end of the history, if there is one.
    pub fn newest(&self) -> Option<Place> {
        let life = self.life?;
        Some(Place { life, seq: self.events(life).len() as Seq })
    }

    /// The kept events of one of the room's histories.
    pub fn events(&self, life: usize) -> &[Rc<Event>] {
        self.lives.get(life).map(Vec::as_slice).unwrap_or_default()
    }

    /// Those of them that came after the event `seq`.
    pub fn after(&self, Place { life, seq }: Place) -> &[Rc<Event>] {
        self.events(life).get(seq as usize..).unwrap_or_default()
    }

    /// The history with this epoch, if anybody was told.
    pub fn life_of(&self, epoch: &str) -> Option<usize> {
        self.epochs.get(epoch).copied()
    }

    /// The epoch of the current history, if anybody was told.
    pub fn epoch(&self) -> Option<&str> {
        let is_present = |(_, life): &(&String, &usize)| Some(**life) == self.life;
        self.epochs.iter().find(is_present).map(|(epoch, _)| epoch.as_str())
    }

    /// The room opens its history, if it keeps one and can open it. Returns whether it is open now.
    pub fn open(&mut self, disk_is_full: bool) -> bool {
        if self.size == 0 || self.is_open {
            return self.size > 0;
        }
        let newest = self.newest().map(|place| place.seq);
        let keeps_from = newest.unwrap_or_default().saturating_sub(self.size) + 1;
        if disk_is_full && (newest.is_none() || keeps_from > self.oldest) {
            return false;
        }
        if newest.is_none() {
            self.life = Some(self.lives.len());
            self.lives.push(Vec::new());
            self.oldest = 1;
        }
        self.oldest = self.oldest.max(keeps_from);
        self.is_open = true;
        true
    }

    /// The room names its epoch.
    pub fn hear_epoch(&mut self, epoch: &str) -> Checked {
        let Some(life) = self.life else {
            ensure!(false, "The room tells the epoch {epoch}, but there is no history.");
            return Ok(());
        };
        match (self.life_of(epoch), self.epoch()) {
            (Some(known), _) => ensure!(known == life, "{epoch} is the epoch of a lost history."),
            (None, Some(before)) => ensure!(false, "The epoch {before} became {epoch}."),
            (None, None) => {
                self.epochs.insert(epoch.to_owned(), life);
            }
        }
        Ok(())
    }

    /// An epoch announced in a lost turn may have reached a client, if the history was already durable.
    pub fn learn_epochs(&mut self, lost: &Self) {
        let is_durable = |(_, life): &(&String, &usize)| **life < self.lives.len();
        let told = lost.epochs.iter().filter(is_durable);
        self.epochs.extend(told.map(|(epoch, life)| (epoch.clone(), *life)));
    }

    /// A backend posts something.
    pub fn publish(&mut self, posted: &Posted, disk_is_full: bool, now: Millis) -> Outcome {
        if self.size > 0 && posted.key.is_some() {
            if !self.open(disk_is_full) {
                return Outcome::Failed;
            }
            if let Some(first) = self.before(posted, now) {
                return self.repeat(first, posted);
            }
        }
        if posted.kept().next().is_some() && !self.make_room(disk_is_full) {
            return Outcome::Failed;
        }
        Outcome::Taken(self.take(posted, now))
    }

    /// Prepares the history for new events. If none is kept, an older history now has a gap. Returns whether this
    /// succeeds.
    fn make_room(&mut self, disk_is_full: bool) -> bool {
        if self.size > 0 {
            return self.open(disk_is_full) && !disk_is_full;
        }
        let has_history = self.life.is_some();
        if !has_history || !disk_is_full {
            self.erase();
        }
        !has_history || !disk_is_full
    }

    /// The newest POST with the same key, while its last event is kept.
    fn before(&self, posted: &Posted, now: Millis) -> Option<&Keyed> {
        let is_first = |keyed: &&Keyed| {
            keyed.posted.key == posted.key
                && keyed.last >= self.oldest
                && !self.is_over(keyed.at, now)
        };
        posted.key.and_then(|_| self.keyed.iter().rev().find(is_first))
    }

    /// Only what is still on the disk can be compared.
    fn repeat(&self, first: &Keyed, posted: &Posted) -> Outcome {
        let count = posted.kept().count();
        let pairs = first.posted.kept().zip(posted.kept()).zip(first.first..);
        let mut still_there = pairs.filter(|(_, seq)| *seq >= self.oldest);
        let is_same = still_there.all(|((before, now), _)| before == now);
        if count != first.posted.kept().count() || !is_same {
            return Outcome::Conflict;
        }
        let mut seqs = first.first..;
        let number = |is_ephemeral: bool| if is_ephemeral { None } else { seqs.next() };
        Outcome::Repeat(posted.events.iter().map(|event| event.is_ephemeral).map(number).collect())
    }

    fn take(&mut self, posted: &Posted, now: Millis) -> Vec<Rc<Event>> {
        let first = self.newest().map_or(1, |place| place.seq + 1);
        let mut events = Vec::with_capacity(posted.events.len());
        for event in &posted.events {
            self.taken += 1;
            let next = |Place { life, seq }| Place { life, seq: seq + 1 };
            let place = self.newest().map(next).filter(|_| !event.is_ephemeral);
            let frame = event.frame(now, place.map(|place| place.seq));
            let event = Rc::new(Event { posted: *event, order: self.taken, at: now, place, frame });
            self.keep(&event);
            events.push(event);
        }
        let last = self.newest().map_or(0, |place| place.seq);
        if posted.key.is_some() && last >= first {
            self.keyed.push(Keyed { posted: posted.clone(), first, last, at: now });
        }
        events
    }

    fn keep(&mut self, event: &Rc<Event>) {
        let Some(Place { life, seq }) = event.place else { return };
        if let Some(events) = self.lives.get_mut(life) {
            events.push(Rc::clone(event));
        }
        // A full journal drops one event for each new one. A resized journal is not adjusted at once.
        if seq - self.oldest >= self.size {
            self.oldest += 1;
        }
    }

    fn is_over(&self, at: Millis, now: Millis) -> bool {
        now.saturating_sub(at) >= self.ttl_ms
    }

    /// All events after a position, or why some are missing (P7.4, P7.5).
    pub fn since(&self, position: &Position, now: Millis) -> Result<Vec<Rc<Event>>, Gap> {
        let Some(newest) = self.newest().filter(|_| self.is_open && self.size > 0) else {
            return Err(Gap::NoHistory);
        };
        if self.life_of(position.epoch.as_str()) != Some(newest.life) {
            return Err(Gap::OtherEpoch);
        }
        if position.seq > newest.seq {
            return Err(Gap::Future);
        }
        if position.seq + 1 < self.oldest {
            return Err(Gap::Dropped);
        }
        let missed = self.after(Place { life: newest.life, seq: position.seq });
        if missed.iter().map(|event| event.frame.len()).sum::<usize>() > MAX_REPLAY_BYTES {
            return Err(Gap::TooLarge);
        }
        if missed.iter().any(|event| self.is_over(event.at, now)) {
            return Err(Gap::Over);
        }
        Ok(missed.to_vec())
    }

    /// The room's disk has the events from `oldest` on. Earlier ones must have expired, or exceed the size.
    pub fn observe(&mut self, oldest: Option<Seq>, now: Millis) -> Checked {
        let Some(Place { life, seq: newest }) = self.newest() else {
            ensure!(oldest.is_none(), "Event {oldest:?} is on the disk of a lost history.");
            return Ok(());
        };
        let kept = self.after(Place { life, seq: self.oldest - 1 });
        let over = kept.iter().rposition(|event| self.is_over(event.at, now));
        let latest = self.oldest + over.map_or(0, |place| place as Seq + 1);
        let oldest = oldest.unwrap_or(newest + 1);
        let is_right = (self.oldest..=latest).contains(&oldest);
        ensure!(is_right, "The disk begins with {oldest}, not {} to {latest}.", self.oldest);
        self.oldest = oldest;
        Ok(())
    }

    /// When each kept event expires.
    pub fn edges(&self) -> impl Iterator<Item = Millis> {
        let newest = self.newest();
        let kept = newest.map(|newest| self.after(Place { seq: self.oldest - 1, ..newest }));
        kept.into_iter().flatten().map(|event| event.at + self.ttl_ms)
    }

    /// The oldest missed event that a client can still get.
    pub fn oldest_kept(&self, now: Millis) -> Option<Seq> {
        let Place { life, seq: newest } = self.newest()?;
        let kept = self.after(Place { life, seq: self.oldest - 1 });
        let over = kept.iter().rposition(|event| self.is_over(event.at, now));
        let oldest = self.oldest + over.map_or(0, |place| place as Seq + 1);
        (oldest <= newest).then_some(oldest)
    }
}
