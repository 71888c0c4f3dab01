//! The events of backends, in the order in which the root took them, and where a client stands among them.

use std::collections::HashMap;

use validiant_core::position::Seq;

use crate::publication::PostedEvent;
use crate::users::User;

/// An event that the root took.
#[derive(Debug)]
pub struct Entry {
    posted: PostedEvent,
    /// Its number, and the history in which it counts, if it is kept.
    pub seq: Option<(usize, Seq)>,
    /// The frame in which it must arrive.
    pub frame: String,
    /// How many events there had been when a crash took it.
    pub lost_at: Option<usize>,
    /// Whether its backend was told that it is durable.
    pub is_answered: bool,
    /// How many sockets got it.
    pub heard: usize,
}

impl Entry {
    pub fn is_for(&self, client: u8, user: Option<User>) -> bool {
        self.posted.is_for(client, user)
    }

    pub fn is_kept(&self) -> bool {
        self.seq.is_some()
    }
}

/// A history: the life of the numbers.
#[derive(Debug)]
struct Era {
    epoch: String,
    /// How many events there were before it.
    starts: usize,
}

/// All events.
#[derive(Debug, Default)]
pub struct Log {
    pub entries: Vec<Entry>,
    by_number: HashMap<u64, Vec<usize>>,
    eras: Vec<Era>,
    /// How many events there were before the last erasure, after which there is no history until the next is begun.
    erased_at: Option<usize>,
}

impl Log {
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// The root has this epoch.
    pub fn has_epoch(&mut self, epoch: &str) {
        if self.eras.last().is_none_or(|era| era.epoch != epoch) {
            let starts = self.erased_at.take().unwrap_or(self.entries.len());
            self.eras.push(Era { epoch: epoch.to_owned(), starts });
        }
    }

    /// The number of a history, if the root ever had it.
    pub fn era(&self, epoch: &str) -> Option<usize> {
        self.eras.iter().rposition(|era| era.epoch == epoch)
    }

    /// The room is erased, so whatever was said of its events is true.
    pub fn erase(&mut self) {
        self.entries.iter_mut().for_each(|entry| entry.is_answered = false);
        self.erased_at = Some(self.entries.len());
    }

    /// How many histories there have been.
    pub fn eras(&self) -> usize {
        self.eras.len()
    }

    /// The number of the current one.
    pub fn current_era(&self) -> Option<usize> {
        self.eras.len().checked_sub(1)
    }

    /// The root took an event.
    pub fn push(&mut self, posted: PostedEvent, seq: Option<Seq>, at: u64) -> usize {
        let index = self.entries.len();
        let frame = posted.frame(at, seq);
        let seq = self.current_era().zip(seq);
        self.by_number.entry(posted.number).or_default().push(index);
        let (lost_at, is_answered, heard) = (None, false, 0);
        self.entries.push(Entry { posted, seq, frame, lost_at, is_answered, heard });
        index
    }

    /// The event with which a text begins.
    pub fn find(&self, text: &str) -> Option<usize> {
        let candidates = self.by_number.get(&number_in(text)?)?;
        let is_it = |index: &&usize| {
            self.entries.get(**index).is_some_and(|entry| text.starts_with(&entry.frame))
        };
        candidates.iter().rev().find(is_it).copied()
    }

    /// How many events there were up to a number of a history.
    pub fn until(&self, era: usize, seq: Seq) -> usize {
        let is_before =
            |entry: &Entry| entry.seq.is_some_and(|(of, number)| of == era && number <= seq);
        let starts = || self.eras.get(era).map_or(0, |era| era.starts);
        self.entries.iter().rposition(is_before).map_or_else(starts, |index| index + 1)
    }

    /// The root has died, and this is what is left of its history. Returns an event that was answered and is lost.
    pub fn crash(&mut self, epoch: Option<&str>, newest: Seq) -> Option<&Entry> {
        self.erased_at = None;
        let (count, current) = (self.entries.len(), self.current_era());
        let is_left = self.eras.last().is_some_and(|era| Some(era.epoch.as_str()) == epoch);
        for entry in &mut self.entries {
            let is_gone = |(era, seq)| Some(era) == current && (!is_left || seq > newest);
            if entry.lost_at.is_none() && entry.seq.is_some_and(is_gone) {
                entry.lost_at = Some(count);
            }
        }
        self.entries.iter().find(|entry| entry.is_answered && entry.lost_at == Some(count))
    }
}

/// The number in the payload of an event.
pub fn number_in(text: &str) -> Option<u64> {
    let (_, rest) = text.split_once(r#""n":"#)?;
    let digits = rest.trim_start_matches([' ', '"']);
    let end = digits.find(|digit: char| !digit.is_ascii_digit())?;
    digits.get(..end)?.parse().ok()
}
