//! The simple model of what a room keeps: a list of events, of which the last few are available. A crash takes the newest
//! away again, as far as they were not durable, and after it numbers are left out.

use std::collections::BTreeMap;
use std::rc::Rc;

use validiant_core::Millis;
use validiant_core::position::{Position, Seq};
use validiant_core::wire::error_code::ErrorCode;

use crate::publication::{Event, Place, Posted};
use crate::violation::{Checked, Violation, ensure};

/// A client that has missed more than this gets no replay (P7.5).
const MAX_REPLAY_BYTES: usize = 1_048_576;

/// By how much the numbers jump at the first event after the room began without sockets (P7.1).
const JUMP: Seq = 1_000;

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
    /// Its event at this place is not encrypted as it must be.
    Refused(usize, ErrorCode),
    /// The write failed, or nobody knows what is refused.
    Failed,
}

/// Whether all events of a POST may be taken; if not, which one may not, and why.
pub type Verdict = Result<(), (usize, ErrorCode)>;

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

/// One history of a room.
#[derive(Debug, Clone, Default)]
struct Life {
    /// Its kept events, without those that a crash has taken.
    events: Vec<Rc<Event>>,
    /// How many of them, from the first, are no longer in the storage.
    dropped: usize,
    /// How many had expired when an event was taken, so that they may have been dropped since, wherever the clock is now.
    expired: usize,
    epoch: Option<String>,
    keyed: Vec<Keyed>,
    /// Up to this event a backend was told that all are durable.
    answered: Seq,
    /// The events that anybody has seen, lost ones too, by their number: each by its order.
    seen: BTreeMap<Seq, u64>,
}

impl Life {
    fn newest(&self) -> Seq {
        self.events.last().map_or(0, number)
    }

    /// How many events there are up to a number.
    fn count_until(&self, seq: Seq) -> usize {
        self.events.partition_point(|event| number(event) <= seq)
    }
}

fn number(event: &Rc<Event>) -> Seq {
    event.place.map_or(0, |place| place.seq)
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

    /// A backend posts. `verdict`: whether its events are encrypted as they must be; `None` if nobody knows. `told`: the number of its first kept event, if the room took it. `refused`: whether the room could
    /// not write.
    pub fn publish(
        &mut self,
        posted: &Posted,
        verdict: impl FnOnce() -> Option<Verdict>,
        disk_is_full: bool,
        (told, refused): (Option<Seq>, bool),
        now: Millis,
    ) -> Outcome {
        if self.size > 0 && posted.key.is_some() {
            if !self.open(disk_is_full) {
                return Outcome::Failed;
            }
            if let Some(first) = self.before(posted, now) {
                return self.repeat(first, posted);
            }
        }
        match verdict() {
            None => return Outcome::Failed,
            Some(Err((place, code))) => return Outcome::Refused(place, code),
            Some(Ok(())) => {}
        }
        if posted.kept().next().is_some() && !self.make_room(disk_is_full, refused) {
            return Outcome::Failed;
        }
        Outcome::Taken(self.take(posted, told, now))
    }

    /// Prepares the history for new events. If none is kept, an older history now has a gap. Returns whether this
    /// succeeds. With a full disk it must fail if the events are to be written first (P7.6): after a gap, and if too much
    /// is not durable yet.
    fn make_room(&mut self, disk_is_full: bool, refused: bool) -> bool {
        if self.size > 0 {
            return self.open(disk_is_full) && !(disk_is_full && (self.may_have_lost || refused));
        }
        let has_history = self.life.is_some();
        if !has_history || !disk_is_full {
            self.erase();
        }
        !has_history || !disk_is_full
    }

    /// From which of its events on the current history is there.
    fn first_there(&self, life: &Life) -> usize {
        let beyond = life.events.len().saturating_sub(self.size as usize);
        life.dropped.max(beyond)
    }

    /// The newest POST with the same key, while its last event is kept.
    fn before(&self, posted: &Posted, now: Millis) -> Option<&Keyed> {
        let life = self.current()?;
        let oldest = life.events.get(self.first_there(life)).map_or(Seq::MAX, number);
        let is_first = |keyed: &&Keyed| {
            keyed.posted.key == posted.key && keyed.last >= oldest && !self.is_over(keyed.at, now)
        };
        posted.key.and_then(|_| life.keyed.iter().rev().find(is_first))
    }

    /// Only what is still there can be compared.
    fn repeat(&self, first: &Keyed, posted: &Posted) -> Outcome {
        let count = posted.kept().count();
        let life = self.current();
        let oldest = life.and_then(|life| life.events.get(self.first_there(life)));
        let oldest = oldest.map_or(Seq::MAX, number);
        let pairs = first.posted.kept().zip(posted.kept()).zip(first.first..);
        let mut still_there = pairs.filter(|(_, seq)| *seq >= oldest);
        let is_same = still_there.all(|((before, now), _)| before == now);
        if count != first.posted.kept().count() || !is_same {
            return Outcome::Conflict;
        }
        let mut seqs = first.first..;
        let number = |is_ephemeral: bool| if is_ephemeral { None } else { seqs.next() };
        Outcome::Repeat(posted.events.iter().map(|event| event.is_ephemeral).map(number).collect())
    }

    /// The number of the next kept event.
    fn next(&self, told: Option<Seq>) -> Seq {
        let newest = self.current().map_or(0, Life::newest);
        let jumps = self.may_have_lost || (self.may_jump && told == Some(newest + JUMP));
        newest + if jumps { JUMP } else { 1 }
    }

    /// The place of the next event among all of the room.
    pub fn next_order(&mut self) -> u64 {
        self.taken += 1;
        self.taken
    }

    fn take(&mut self, posted: &Posted, told: Option<Seq>, now: Millis) -> Vec<Rc<Event>> {
        let mut seqs = self.next(told)..;
        let mut events = Vec::with_capacity(posted.events.len());
        let mut kept: Option<(Seq, Seq)> = None;
        self.note_expired(now);
        for event in &posted.events {
            let order = self.next_order();
            let life = self.life.filter(|_| !event.is_ephemeral);
            let place = life.and_then(|life| Some(Place { life, seq: seqs.next()? }));
            let frame = event.frame(now, place.map(|place| place.seq));
            let event = Rc::new(Event { posted: *event, order, at: now, place, frame });
            if let Some(Place { seq, .. }) = place {
                kept = Some((kept.map_or(seq, |(first, _)| first), seq));
                self.may_have_lost = false;
                self.current_mut().into_iter().for_each(|it| it.events.push(Rc::clone(&event)));
            }
            events.push(event);
        }
        if let (Some((first, last)), Some(_), Some(life)) = (kept, posted.key, self.current_mut()) {
            life.keyed.push(Keyed { posted: posted.clone(), first, last, at: now });
        }
        events
    }

    fn note_expired(&mut self, now: Millis) {
        let ttl_ms = self.ttl_ms;
        let is_over = |event: &Rc<Event>| now.saturating_sub(event.at) >= ttl_ms;
        if let Some(life) = self.current_mut() {
            let over = life.events.iter().rposition(is_over);
            life.expired = life.expired.max(over.map_or(0, |place| place + 1));
        }
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

    /// The room's disk has the events from `oldest` on; none up to `newest` if there is no oldest. Earlier ones must have
    /// expired, or exceed the size.
    pub fn observe(&mut self, oldest: Option<Seq>, newest: Seq, now: Millis) -> Checked {
        let Some(life) = self.current() else {
            ensure!(oldest.is_none(), "Event {oldest:?} is on the disk of a lost history.");
            return Ok(());
        };
        let first = match oldest {
            Some(oldest) => life.count_until(oldest.saturating_sub(1)),
            None => life.count_until(newest),
        };
        let over = life.events.iter().rposition(|event| self.is_over(event.at, now));
        let latest =
            self.first_there(life).max(over.map_or(0, |place| place + 1)).max(life.expired);
        let is_right = (life.dropped..=latest).contains(&first);
        ensure!(is_right, "The disk has dropped {first} events, not {} to {latest}.", life.dropped);
        self.current_mut().into_iter().for_each(|life| life.dropped = first);
        Ok(())
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

    /// The room has lost its memory and its sockets, and its disk has these events. Returns how many were lost.
    pub fn crash(
        &mut self,
        epoch: Option<&str>,
        newest: Seq,
        there: &[(Seq, String)],
    ) -> Checked<usize> {
        let life = epoch.and_then(|epoch| self.life_of(epoch));
        ensure!(life.is_some() == epoch.is_some(), "Nobody knows the epoch {epoch:?} on the disk.");
        if life != self.life {
            let answered = self.current().map_or(0, |life| life.answered);
            ensure!(answered == 0, "Event {answered} was answered, and its history is lost.");
        }
        self.life = life;
        self.may_have_lost = true;
        let Some(life) = self.current_mut() else { return Ok(0) };
        let Life { answered, .. } = *life;
        ensure!(
            answered <= newest,
            "Event {answered} was answered, and is lost: {newest} is there."
        );
        let left = life.count_until(newest);
        let lost = life.events.len() - left;
        life.events.truncate(left);
        ensure!(life.newest() == newest, "The newest event is {}, not {newest}.", life.newest());
        life.keyed.retain(|keyed| keyed.last <= newest);
        life.dropped = left.checked_sub(there.len()).ok_or_else(too_many)?;
        let kept = life.events.get(life.dropped..).unwrap_or_default();
        for (event, (seq, frame)) in kept.iter().zip(there) {
            let is_right = number(event) == *seq && event.frame == *frame;
            ensure!(is_right, "The disk has {frame} as {seq}, not {}.", event.frame);
        }
        Ok(lost)
    }
}

fn too_many() -> Violation {
    Violation("The disk has more events than there were.".into())
}
