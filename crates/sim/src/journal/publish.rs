//! A backend posts: what must become of it, and which numbers its events get.

use std::rc::Rc;

use validiant_core::Millis;
use validiant_core::position::Seq;
use validiant_core::wire::error_code::ErrorCode;

use super::Journal;
use super::life::{Keyed, Life, number};
use crate::publication::{Event, Place, Posted};

/// By how much the numbers jump at the first event after the room began without sockets (P7.1).
const JUMP: Seq = 1_000;

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

impl Journal {
    /// A backend posts. `verdict`: whether its events are encrypted as they must be; `None` if nobody knows. `told`: the
    /// number of its first kept event, if the room took it. `refused`: whether the room could not write.
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
}
