//! What a room knows in memory about the events that it keeps (P7): enough to number the next one, to recognise a retry
//! (P2.11), and the pages that are not written yet.

use std::collections::VecDeque;
use std::num::NonZeroU64;

use crate::Millis;
use crate::names::{Epoch, IdempotencyKey};
use crate::page::{NewEvent, Page};
use crate::position::Seq;

/// At most so many events are ever sent before they are durable (P7.6).
pub const MAX_UNCONFIRMED: u64 = 999;
/// By how much the numbers jump where such events may have been lost: by more than there can be (P7.1).
pub const JUMP: Seq = MAX_UNCONFIRMED + 1;
/// A client that has missed more than this is cheaper to serve if it fetches everything again (P7.5).
pub const MAX_REPLAY_BYTES: usize = 1_048_576;
/// Once the pages that are not written yet total this many bytes, they are written before anything is sent.
const MAX_UNWRITTEN_BYTES: usize = 1_048_576;

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

/// A publication that can be retried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPublication {
    /// The backend's key for it.
    pub key: IdempotencyKey,
    /// Its last event.
    pub last: Seq,
    /// How many of its events are kept.
    pub events: usize,
    /// How many events had been kept since the first of the room, with this one.
    pub total: u64,
    /// When it was published.
    pub at: Millis,
}

/// The oldest page in the storage, in short.
#[derive(Debug, Clone, Copy)]
struct Oldest {
    key: Seq,
    /// As [`Page::total`].
    total: u64,
    /// When its first event was published, if it has any.
    at: Option<Millis>,
}

impl From<&Page> for Oldest {
    fn from(page: &Page) -> Self {
        Self { key: page.key, total: page.total(), at: page.oldest_at() }
    }
}

/// The newest pages of a room's journal, and what is needed to go on with it.
#[derive(Debug)]
pub struct History {
    epoch: Epoch,
    retention: Retention,
    oldest: Oldest,
    /// Full pages that are not written yet.
    full: Vec<Page>,
    /// The newest page.
    current: Page,
    is_current_written: bool,
    /// When the last event was added in this life of the object.
    newest_at: Millis,
    /// Whether events after the newest may have been sent and lost, so that their numbers must not be used again.
    may_have_lost: bool,
    /// Whether numbers were left out, and that is not written yet.
    has_jumped: bool,
    /// How many events were kept up to the newest that was written, and to the newest that is durable.
    total_written: u64,
    total_durable: u64,
    /// Read from the journal when a backend first gives a key.
    publications: Option<VecDeque<KeptPublication>>,
}

impl History {
    /// The history in an opened journal, which has the pages `oldest` to `newest`, if any.
    #[must_use]
    pub fn new(
        epoch: Epoch,
        retention: Retention,
        oldest: Option<&Page>,
        newest: Option<Page>,
        may_have_lost: bool,
    ) -> Self {
        let current = newest.unwrap_or_else(|| Page::new(1, 0, 0));
        let total = current.total();
        Self {
            epoch,
            retention,
            oldest: oldest.unwrap_or(&current).into(),
            full: Vec::new(),
            current,
            is_current_written: true,
            newest_at: 0,
            may_have_lost,
            has_jumped: false,
            total_written: total,
            total_durable: total,
            publications: None,
        }
    }

    /// The life of the history.
    #[must_use]
    pub fn epoch(&self) -> &Epoch {
        &self.epoch
    }

    /// How much is kept, and for how long.
    #[must_use]
    pub fn retention(&self) -> Retention {
        self.retention
    }

    /// The newest event; 0 before the first.
    #[must_use]
    pub fn newest(&self) -> Seq {
        self.current.newest()
    }

    /// How many events were kept since the first.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.current.total()
    }

    /// How many events, from the first, are beyond the limit.
    #[must_use]
    pub fn beyond(&self) -> u64 {
        self.total().saturating_sub(self.retention.size.get())
    }

    /// The number of the next event.
    #[must_use]
    pub fn next(&self) -> Seq {
        self.newest().saturating_add(if self.may_have_lost { JUMP } else { 1 })
    }

    /// The newest event, if numbers are left out after it.
    #[must_use]
    pub fn gap_after(&self) -> Option<Seq> {
        self.may_have_lost.then(|| self.newest())
    }

    /// When the oldest event was published; `None` if there is none.
    #[must_use]
    pub fn oldest_at(&self) -> Option<Millis> {
        self.oldest.at
    }

    /// The pages in memory. They come after all others, and are newer than what the storage has of them.
    pub fn pages(&self) -> impl DoubleEndedIterator<Item = &Page> {
        self.full.iter().chain([&self.current])
    }

    /// Adds an event after all others. Its number is [`Self::next`].
    pub fn append(&mut self, event: &NewEvent<'_>) {
        let seq = self.next();
        if !self.current.has_room_for(seq, event.frame.len()) {
            self.turn_page(seq);
        }
        self.current.push(event);
        self.newest_at = event.at;
        self.is_current_written = false;
        self.oldest.at = self.oldest.at.or(Some(event.at));
        self.has_jumped |= std::mem::take(&mut self.may_have_lost);
    }

    /// Drops what has expired from the newest page, if it is the oldest too and is to be written again anyway. This saves
    /// the alarm a row.
    pub fn cut_expired(&mut self) {
        let is_over = |at: Millis| self.retention.is_over(at, self.newest_at);
        let is_only = self.oldest.key == self.current.key && !self.is_current_written;
        if is_only && self.oldest.at.is_some_and(is_over) {
            let over = self.current.times().take_while(|at| is_over(*at)).count();
            let rest = self.current.without(over);
            self.is_cut_to(&rest);
        }
    }

    fn turn_page(&mut self, first: Seq) {
        if self.current.is_empty() {
            // In its place, so that every page but the only one has events.
            self.current = self.current.emptied(first);
            return;
        }
        let next = Page::new(first, self.newest(), self.total());
        let full = std::mem::replace(&mut self.current, next);
        if full.key == self.oldest.key {
            self.oldest = (&full).into();
        }
        if !self.is_current_written {
            self.full.push(full);
        }
    }

    /// Whether what was added must be written before anything else is sent: because it comes after a gap, which must not
    /// be forgotten once somebody has seen what comes after it, or because too much is not durable yet.
    #[must_use]
    pub fn must_be_written_first(&self) -> bool {
        let bytes: usize = self.unwritten().map(|page| page.as_text().len()).sum();
        let unconfirmed = self.total().saturating_sub(self.total_durable);
        self.has_jumped || unconfirmed > MAX_UNCONFIRMED || bytes > MAX_UNWRITTEN_BYTES
    }

    /// The pages to write.
    pub fn unwritten(&self) -> impl Iterator<Item = &Page> {
        self.full.iter().chain((!self.is_current_written).then_some(&self.current))
    }

    /// Notes that all is written.
    pub fn written(&mut self) {
        self.full.clear();
        self.is_current_written = true;
        self.has_jumped = false;
        self.total_written = self.total();
    }

    /// Notes that all that is written is durable, or will be before anything else is sent.
    pub fn durable(&mut self) {
        self.total_durable = self.total_written;
    }

    /// The key of the oldest page, if all its events are beyond the limit and it is not in memory.
    #[must_use]
    pub fn surplus(&self) -> Option<Seq> {
        let first = self.full.first().unwrap_or(&self.current);
        let is_surplus = self.oldest.total <= self.beyond() && self.oldest.key < first.key;
        is_surplus.then_some(self.oldest.key)
    }

    /// Whether all that was added is durable.
    #[must_use]
    pub fn is_durable(&self) -> bool {
        self.total_durable == self.total()
    }

    /// Notes that the journal now begins with this page, which is in the storage or the only one.
    pub fn is_cut_to(&mut self, oldest: &Page) {
        self.oldest = oldest.into();
        // Those of dropped events are forgotten.
        self.publications = None;
        if oldest.key == self.current.key {
            self.current = oldest.clone();
        }
    }

    /// Notes which page is the oldest now; `None` for the first in memory.
    pub fn begins_with(&mut self, oldest: Option<&Page>) {
        self.oldest = oldest.or(self.full.first()).unwrap_or(&self.current).into();
    }

    /// Whether the publications with a key have been read.
    #[must_use]
    pub fn knows_publications(&self) -> bool {
        self.publications.is_some()
    }

    /// Learns the publications with a key, in order, from the journal.
    pub fn learn_publications(&mut self, publications: VecDeque<KeptPublication>) {
        self.publications = Some(publications);
    }

    /// Notes a publication with a key.
    pub fn remember(&mut self, publication: KeptPublication) {
        let beyond = self.beyond();
        if let Some(publications) = &mut self.publications {
            publications.push_back(publication);
            while publications.front().is_some_and(|first| first.total <= beyond) {
                publications.pop_front();
            }
        }
    }

    /// The publication with this key, while it is kept: as long as its last event is.
    #[must_use]
    pub fn find(&self, key: &IdempotencyKey, now: Millis) -> Option<&KeptPublication> {
        let beyond = self.beyond();
        let is_kept = |publication: &&KeptPublication| {
            publication.total > beyond && !self.retention.is_over(publication.at, now)
        };
        // From the newest: most retries come within seconds.
        let publications = self.publications.iter().flatten().rev();
        publications.filter(is_kept).find(|publication| publication.key == *key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publication::audience::Audience;

    const EVENT: &str = r#"{"type":"E"}"#;

    fn history(size: u64, newest: Option<Page>, may_have_lost: bool) -> History {
        let size = NonZeroU64::new(size).unwrap();
        let retention = Retention { size, ttl_ms: 1_000 };
        let epoch = Epoch::parse("e").unwrap();
        History::new(epoch, retention, newest.clone().as_ref(), newest, may_have_lost)
    }

    fn append(history: &mut History, frame: &str) -> Seq {
        let event = NewEvent { at: 7, audience: &Audience::default(), frame, publication: None };
        history.append(&event);
        history.newest()
    }

    #[test]
    fn p7_1_numbers_jump_once_by_more_than_can_be_lost() {
        let mut page = Page::new(1, 0, 0);
        page.push(&NewEvent {
            at: 7,
            audience: &Audience::default(),
            frame: EVENT,
            publication: None,
        });
        let mut history = history(9, Some(page), true);
        assert_eq!(history.gap_after(), Some(1));
        assert_eq!(append(&mut history, EVENT), 1_001);
        assert!(history.must_be_written_first(), "before anybody sees it");
        history.written();
        history.durable();
        assert_eq!((history.gap_after(), append(&mut history, EVENT)), (None, 1_002));
        assert!(!history.must_be_written_first());
        const { assert!(JUMP > MAX_UNCONFIRMED) };
    }

    #[test]
    fn p7_6_the_1_000th_event_that_could_be_lost_is_written_first() {
        let mut history = history(9, None, false);
        for _ in 0..MAX_UNCONFIRMED {
            append(&mut history, EVENT);
            assert!(!history.must_be_written_first());
            // Written is not durable.
            history.written();
        }
        append(&mut history, EVENT);
        assert!(history.must_be_written_first() && !history.is_durable());
        history.written();
        history.durable();
        append(&mut history, EVENT);
        assert!(!history.must_be_written_first());
    }

    #[test]
    fn p7_6_more_than_1_mib_is_written_first() {
        let mut history = history(9, None, false);
        let large = "x".repeat(600_000);
        append(&mut history, &large);
        assert!(!history.must_be_written_first());
        append(&mut history, &large);
        assert!(history.must_be_written_first());
    }

    #[test]
    fn p7_2_what_has_expired_is_cut_from_a_page_that_is_written_anyway() {
        let mut history = history(10, None, false);
        for at in [0, 500, 1_200] {
            let audience = Audience::default();
            history.append(&NewEvent { at, audience: &audience, frame: EVENT, publication: None });
        }
        history.cut_expired();
        let page = history.pages().next().unwrap();
        assert_eq!(page.times().collect::<Vec<_>>(), [500, 1_200]);
        assert_eq!((history.oldest_at(), history.newest(), history.total()), (Some(500), 3, 3));
    }

    #[test]
    fn p7_2_the_oldest_page_is_surplus_when_none_of_its_events_counts_any_more() {
        let mut history = history(2, None, false);
        let large = "x".repeat(9_000);
        append(&mut history, &large);
        history.written();
        assert_eq!(history.surplus(), None);
        append(&mut history, &large);
        assert_eq!(history.surplus(), None, "both count");
        append(&mut history, &large);
        assert_eq!((history.beyond(), history.surplus()), (1, Some(1)));
        history.begins_with(None);
        assert_eq!(history.surplus(), None, "those in memory are not in the storage");
        let keys: Vec<Seq> = history.unwritten().map(|page| page.key).collect();
        assert_eq!(keys, [2, 3]);
    }

    #[test]
    fn p2_11_a_publication_is_known_while_its_last_event_counts_and_has_not_expired() {
        let mut history = history(2, None, false);
        history.learn_publications(VecDeque::new());
        let key = IdempotencyKey::parse("k").unwrap();
        let last = append(&mut history, EVENT);
        let total = history.total();
        history.remember(KeptPublication { key: key.clone(), last, events: 1, total, at: 7 });
        assert!(history.find(&key, 1_006).is_some());
        assert!(history.find(&key, 1_007).is_none(), "it has expired");
        append(&mut history, EVENT);
        assert!(history.find(&key, 7).is_some());
        append(&mut history, EVENT);
        assert!(history.find(&key, 7).is_none(), "it does not count any more");
    }
}
