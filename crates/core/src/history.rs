//! What a room knows in memory about the events that it keeps (P7): enough to number the next one, to recognise a retry
//! (P2.11), and to judge whether a client that reconnects can get everything it missed (P7.4).

use std::collections::VecDeque;
use std::num::NonZeroU64;
use std::ops::RangeInclusive;

use crate::Millis;
use crate::names::{Epoch, IdempotencyKey};
use crate::ports::{KeptPublication, OpenedJournal};
use crate::position::{Position, Seq};

/// How much is kept, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Retention {
    /// The maximum number of events.
    pub size: NonZeroU64,
    /// How long each event is kept, in milliseconds.
    pub ttl_ms: Millis,
}

impl Retention {
    /// Whether an event of the time `at` has expired. An event from the future, after a clock was set back, has not.
    #[must_use]
    pub fn is_over(&self, at: Millis, now: Millis) -> bool {
        now.saturating_sub(at) >= self.ttl_ms
    }
}

/// The numbers of the kept events.
#[derive(Debug)]
pub struct History {
    epoch: Epoch,
    retention: Retention,
    /// The oldest row of the journal, expired or not; `newest + 1` if there is none.
    oldest: Seq,
    newest: Seq,
    /// When the oldest event was published, or a time before; `None` if there is no event.
    oldest_at: Option<Millis>,
    /// Read from the journal when a backend first gives a key.
    publications: Option<VecDeque<KeptPublication>>,
}

/// Where a new event goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its number.
    pub seq: Seq,
    /// The event whose row it overwrites.
    pub replaces: Option<Seq>,
}

impl History {
    /// The history in an opened journal.
    #[must_use]
    pub fn new(opened: OpenedJournal, retention: Retention) -> Self {
        let OpenedJournal { epoch, kept, oldest_at, .. } = opened;
        let (oldest, newest) = kept.unwrap_or((1, 0));
        Self { epoch, retention, oldest, newest, oldest_at, publications: None }
    }

    /// The life of the history.
    #[must_use]
    pub fn epoch(&self) -> &Epoch {
        &self.epoch
    }

    /// The newest event; 0 before the first.
    #[must_use]
    pub fn newest(&self) -> Seq {
        self.newest
    }

    /// The oldest kept event, if the events up to `over` in the journal have expired.
    #[must_use]
    pub fn oldest_kept(&self, over: Seq) -> Option<Seq> {
        let oldest = self.oldest.max(over.saturating_add(1));
        (oldest <= self.newest).then_some(oldest)
    }

    /// How much is kept, and for how long.
    #[must_use]
    pub fn retention(&self) -> Retention {
        self.retention
    }

    /// The last event that is beyond the limit, if the journal has too many: after the setting was lowered.
    #[must_use]
    pub fn surplus(&self) -> Option<Seq> {
        let until = self.newest.saturating_sub(self.retention.size.get());
        (self.oldest <= until).then_some(until)
    }

    /// Notes that the events up to `seq` were dropped.
    pub fn dropped_until(&mut self, seq: Seq) {
        self.oldest = seq.saturating_add(1);
    }

    /// Whether there is an event, expired or not.
    #[must_use]
    pub fn has_events(&self) -> bool {
        self.oldest_at.is_some()
    }

    /// The rows that `events` new events may take, if the oldest may have expired; and one more, to know what comes next.
    #[must_use]
    pub fn perhaps_over(&self, events: usize, now: Millis) -> Option<RangeInclusive<Seq>> {
        let is_over = self.retention.is_over(self.oldest_at.unwrap_or_default(), now);
        let last = self.oldest.saturating_add(events as Seq).min(self.newest);
        (is_over && self.oldest <= last).then_some(self.oldest..=last)
    }

    /// Takes the times of the oldest events. Returns how many of them have expired, without a gap.
    pub fn learn_times(&mut self, times: &[Millis], now: Millis) -> usize {
        let over = times.iter().take_while(|at| self.retention.is_over(**at, now)).count();
        if self.has_events() {
            self.oldest_at = times.get(over).or(times.first()).copied().or(self.oldest_at);
        }
        over
    }

    /// The places of the next events, as many as the caller needs, if the `over` oldest ones have expired.
    pub fn places(&self, over: usize) -> impl Iterator<Item = Place> + use<> {
        let (mut oldest, newest, size) = (self.oldest, self.newest, self.retention.size.get());
        let not_over = oldest.saturating_add(over as Seq);
        (newest.saturating_add(1)..).map(move |seq| {
            let is_free = oldest < not_over || seq.saturating_sub(oldest) >= size;
            let replaces = is_free.then_some(oldest);
            oldest = oldest.saturating_add(u64::from(is_free));
            Place { seq, replaces }
        })
    }

    /// Notes that an event is in the journal.
    pub fn appended(&mut self, Place { seq, replaces }: Place, at: Millis) {
        self.newest = seq;
        if let Some(oldest) = replaces {
            self.dropped_until(oldest);
        }
        self.oldest_at.get_or_insert(at);
    }

    /// Whether the journal has all events after `position`, or had them until some expired.
    #[must_use]
    pub fn reaches_back_to(&self, position: &Position) -> bool {
        let next = position.seq.saturating_add(1);
        position.epoch == self.epoch && position.seq <= self.newest && next >= self.oldest
    }

    /// Whether the publications with a key have been read.
    #[must_use]
    pub fn knows_publications(&self) -> bool {
        self.publications.is_some()
    }

    /// Learns the publications with a key, in order, from the journal.
    pub fn learn_publications(&mut self, publications: Vec<KeptPublication>) {
        self.publications = Some(publications.into());
    }

    /// Notes that a publication with a key is in the journal.
    pub fn remember(&mut self, publication: KeptPublication) {
        let oldest = self.oldest;
        if let Some(publications) = &mut self.publications {
            publications.push_back(publication);
            while publications.front().is_some_and(|first| first.last < oldest) {
                publications.pop_front();
            }
        }
    }

    /// The publication with this key, while it is kept: as long as its last event is.
    #[must_use]
    pub fn find(&self, key: &IdempotencyKey, now: Millis) -> Option<&KeptPublication> {
        let is_kept = |publication: &&KeptPublication| {
            publication.last >= self.oldest && !self.retention.is_over(publication.at, now)
        };
        // From the newest: most retries come within seconds.
        let publications = self.publications.iter().flatten().rev();
        publications.filter(is_kept).find(|publication| publication.key == *key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(kept: Option<(Seq, Seq)>, size: u64) -> History {
        let epoch = Epoch::parse("e").unwrap();
        let retention = Retention { size: NonZeroU64::new(size).unwrap(), ttl_ms: 1_000 };
        let oldest_at = kept.map(|_| 0);
        History::new(OpenedJournal { epoch, kept, oldest_at, is_watched: true }, retention)
    }

    fn append(history: &mut History, events: usize) -> Vec<Place> {
        let places: Vec<Place> = history.places(0).take(events).collect();
        places.iter().for_each(|place| history.appended(*place, 0));
        places
    }

    fn reaches(history: &History, epoch: &str, seq: Seq) -> bool {
        history.reaches_back_to(&Position { epoch: Epoch::parse(epoch).unwrap(), seq })
    }

    #[test]
    fn p7_1_events_are_numbered_from_1_without_holes() {
        let mut history = history(None, 10);
        assert_eq!(history.newest(), 0);
        let seqs: Vec<Seq> = append(&mut history, 3).iter().map(|place| place.seq).collect();
        assert_eq!((seqs, history.newest()), (vec![1, 2, 3], 3));
    }

    #[test]
    fn p7_2_a_full_journal_gives_the_row_of_its_oldest_event() {
        let mut history = history(Some((1, 2)), 3);
        let replaced: Vec<_> = append(&mut history, 5).iter().map(|place| place.replaces).collect();
        assert_eq!(replaced, [None, Some(1), Some(2), Some(3), Some(4)]);
        assert_eq!(history.oldest_kept(0), Some(5));
    }

    #[test]
    fn p7_2_a_new_event_takes_the_row_of_one_that_is_over() {
        let mut history = history(Some((1, 3)), 10);
        let over = |history: &mut History, events, now, times: &[Millis]| {
            let rows = history.perhaps_over(events, now)?;
            Some((rows, history.learn_times(times, now)))
        };
        assert_eq!(over(&mut history, 1, 1_100, &[100, 200]), Some((1..=2, 1)));
        let places: Vec<_> = history.places(1).take(2).map(|place| place.replaces).collect();
        assert_eq!(places, [Some(1), None]);
        history.appended(history.places(1).next().unwrap(), 1_100);
        assert_eq!(over(&mut history, 1, 1_199, &[]), None, "the next is of 200");
        assert_eq!(over(&mut history, 5, 1_200, &[200, 300, 1_100]), Some((2..=4, 1)));
    }

    #[test]
    fn p7_2_after_the_size_was_lowered_the_surplus_is_known() {
        assert_eq!(history(Some((1, 10)), 10).surplus(), None);
        assert_eq!(history(Some((1, 10)), 4).surplus(), Some(6));
        assert_eq!(history(None, 4).surplus(), None);
    }

    #[test]
    fn p7_3_a_position_is_reached_from_just_before_the_oldest_event_to_the_newest() {
        let history = history(Some((5, 8)), 4);
        assert_eq!(
            [3, 4, 8, 9, Seq::MAX].map(|seq| reaches(&history, "e", seq)),
            [false, true, true, false, false]
        );
        assert!(!reaches(&history, "other", 8));
    }

    #[test]
    fn p7_3_an_empty_history_is_reached_from_its_start() {
        let history = history(None, 4);
        assert!(reaches(&history, "e", 0));
        assert!(!reaches(&history, "e", 1));
    }

    #[test]
    fn p2_11_a_publication_is_remembered_as_long_as_its_last_event_is_kept() {
        let mut history = history(None, 2);
        let key = IdempotencyKey::parse("k").unwrap();
        history.learn_publications(Vec::new());
        append(&mut history, 1);
        history.remember(KeptPublication { key: key.clone(), last: 1, events: 1, at: 100 });
        assert_eq!(history.find(&key, 1_099).map(|found| found.last), Some(1));
        assert_eq!(history.find(&key, 1_100), None);
        append(&mut history, 2);
        assert_eq!(history.find(&key, 100), None);
    }

    #[test]
    fn an_event_from_the_future_is_kept() {
        let retention = history(None, 2).retention();
        assert!(!retention.is_over(5_000, 100));
        assert!(retention.is_over(5_000, 6_000));
    }
}
