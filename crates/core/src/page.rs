//! A page of the journal: events that follow each other, in one value of the storage (P7.2).
//!
//! A storage bills by the value, so several events share one. A page is written again with each event that is added to
//! it, and is full at a few kilobytes, so that writing it again stays cheap.

use crate::Millis;
use crate::names::{ConnectionId, IdempotencyKey, UserId};
use crate::position::Seq;
use crate::publication::audience::{Audience, Verdict};

/// No event is added to a page that would be longer than this with it.
const FULL_BYTES: usize = 8_192;

/// Separate the values of an event, and events. No id contains control characters, and no JSON has them unescaped.
const VALUE_END: char = '\u{1f}';
const EVENT_END: char = '\u{1e}';

/// An event on its way into a page.
#[derive(Debug, Clone, Copy)]
pub struct NewEvent<'a> {
    /// When it was published.
    pub at: Millis,
    /// Who gets it.
    pub audience: &'a Audience,
    /// The frame to send.
    pub frame: &'a str,
    /// Set on the last event of a publication with a key: the key, and how many of the publication's events are kept.
    pub publication: Option<(&'a IdempotencyKey, usize)>,
}

/// An event in a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptEvent<'a> {
    /// Its number.
    pub seq: Seq,
    /// When it was published.
    pub at: Millis,
    /// As in [`NewEvent`].
    pub publication: Option<(IdempotencyKey, usize)>,
    /// Who gets it.
    pub audience: Audience,
    /// The frame, as it was sent.
    pub frame: &'a str,
}

impl KeptEvent<'_> {
    /// Whether it is for a connection and its user.
    #[must_use]
    pub fn is_for(&self, connection: &ConnectionId, user: Option<&UserId>) -> bool {
        self.audience.verdict(connection, user) == Verdict::Send
    }
}

/// Consecutive events, as they are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Identifies the page: above the numbers of all events before it, and no higher than those in it.
    pub key: Seq,
    /// The number of its first event, if it has any.
    first: Seq,
    /// The newest event before it. Less than `first - 1` if numbers were left out (P7.1).
    previous: Seq,
    /// How many events were kept before it, in the whole life of the history.
    before: u64,
    events: usize,
    /// The text to store.
    text: String,
}

impl Page {
    /// A page without events yet. The first one will have the number `first`, and came after `previous`.
    #[must_use]
    pub fn new(first: Seq, previous: Seq, before: u64) -> Self {
        Self::with_key(first, first, previous, before)
    }

    fn with_key(key: Seq, first: Seq, previous: Seq, before: u64) -> Self {
        let mut text = String::new();
        for number in [key, first, previous, before] {
            text.push_str(&number.to_string());
            text.push(VALUE_END);
        }
        text.push(EVENT_END);
        Self { key, first, previous, before, events: 0, text }
    }

    /// The text to store under [`Self::key`].
    #[must_use]
    pub fn as_text(&self) -> &str {
        &self.text
    }

    /// Reads a stored page; `None` if this is none.
    #[must_use]
    pub fn parse(text: String) -> Option<Self> {
        let (head, events) = text.split_once(EVENT_END)?;
        let mut numbers = head.split(VALUE_END).map(|number| number.parse::<u64>().ok());
        let mut next = || numbers.next()?;
        let (key, first, previous, before) = (next()?, next()?, next()?, next()?);
        let events = events.matches(EVENT_END).count();
        Some(Self { key, first, previous, before, events, text })
    }

    /// The newest event of this page, or before it.
    #[must_use]
    pub fn newest(&self) -> Seq {
        if self.events == 0 { self.previous } else { self.next().saturating_sub(1) }
    }

    /// The number of the next event, if no number is left out.
    fn next(&self) -> Seq {
        self.first.saturating_add(self.events as u64)
    }

    /// How many events were kept up to the end of this page.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.before.saturating_add(self.events as u64)
    }

    /// How many events were kept up to `seq`, which is in this page.
    #[must_use]
    pub fn total_until(&self, seq: Seq) -> u64 {
        self.before.saturating_add(seq.saturating_add(1).saturating_sub(self.first))
    }

    /// Whether it has no events.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events == 0
    }

    /// Whether an event of the number `seq` and about `bytes` can be added.
    #[must_use]
    pub fn has_room_for(&self, seq: Seq, bytes: usize) -> bool {
        self.next() == seq && (self.is_empty() || self.text.len() + bytes <= FULL_BYTES)
    }

    /// Adds an event. Its number is one more than that of the last one.
    pub fn push(&mut self, event: &NewEvent<'_>) {
        let (key, events) = match event.publication {
            Some((key, events)) => (key.as_str(), events.to_string()),
            None => ("", String::new()),
        };
        let at = event.at.to_string();
        for value in [&at, key, &events, &event.audience.to_text(), event.frame] {
            self.text.push_str(value);
            self.text.push(VALUE_END);
        }
        self.text.push(EVENT_END);
        self.events += 1;
    }

    /// Whether a client that has everything up to `seq` has got everything before the rest of this page.
    #[must_use]
    pub fn continues(&self, seq: Seq) -> bool {
        seq == self.previous || (self.first <= seq && seq < self.next())
    }

    /// The events. One that can't be read is `None`.
    pub fn events(&self) -> impl Iterator<Item = Option<KeptEvent<'_>>> {
        self.texts().map(|(seq, text)| kept_event(seq, text))
    }

    fn texts(&self) -> impl Iterator<Item = (Seq, &str)> {
        let events = self.text.split_once(EVENT_END).map_or("", |(_, events)| events);
        let numbered = |(place, text)| (self.first.saturating_add(place as u64), text);
        events.split_terminator(EVENT_END).enumerate().map(numbered)
    }

    /// When the first event was published; `None` if there is none.
    #[must_use]
    pub fn oldest_at(&self) -> Option<Millis> {
        self.times().next()
    }

    /// When each event was published.
    pub fn times(&self) -> impl Iterator<Item = Millis> {
        self.texts().filter_map(|(_, text)| text.split(VALUE_END).next()?.parse().ok())
    }

    /// The same page without its first `events` events.
    #[must_use]
    pub fn without(&self, events: usize) -> Self {
        let first = self.first.saturating_add(events as u64);
        let before = self.before.saturating_add(events as u64);
        let previous = if events == 0 { self.previous } else { first.saturating_sub(1) };
        let mut page = Self::with_key(self.key, first, previous, before);
        for (_, text) in self.texts().skip(events) {
            page.text.push_str(text);
            page.text.push(EVENT_END);
            page.events += 1;
        }
        page
    }

    /// An empty page in the place of this one, whose next event has the number `first`.
    #[must_use]
    pub fn emptied(&self, first: Seq) -> Self {
        Self::with_key(self.key, first, self.newest(), self.total())
    }
}

fn kept_event(seq: Seq, text: &str) -> Option<KeptEvent<'_>> {
    let mut values = text.split(VALUE_END);
    let at = values.next()?.parse().ok()?;
    let key = IdempotencyKey::parse(values.next()?).ok();
    let events = values.next()?.parse().ok();
    let audience = Audience::parse(values.next()?)?;
    Some(KeptEvent { seq, at, publication: key.zip(events), audience, frame: values.next()? })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sorted::SortedSet;
    use crate::wire::frame;

    fn event<'a>(audience: &'a Audience, frame: &'a str, at: Millis) -> NewEvent<'a> {
        NewEvent { at, audience, frame, publication: None }
    }

    /// A page whose first event is 1,005, after 4, with events at these times.
    fn page(times: &[Millis]) -> Page {
        let mut page = Page::new(1_005, 4, 4);
        times.iter().for_each(|at| page.push(&event(&Audience::default(), "{}", *at)));
        page
    }

    fn seqs(page: &Page) -> Vec<Seq> {
        page.events().map(|event| event.unwrap().seq).collect()
    }

    #[test]
    fn p7_4_a_page_goes_on_for_whoever_has_what_came_before_it_or_some_of_it() {
        let page = page(&[7, 8]);
        assert_eq!(seqs(&page), [1_005, 1_006]);
        let continued: Vec<Seq> = (0..2_000).filter(|seq| page.continues(*seq)).collect();
        assert_eq!(continued, [4, 1_005, 1_006], "5 to 1,004 are in the jump");
        assert_eq!((page.newest(), page.total()), (1_006, 6));
        assert_eq!([4, 1_005, 1_006].map(|seq| page.total_until(seq)), [4, 5, 6]);
    }

    #[test]
    fn p7_1_an_event_after_a_jump_begins_another_page() {
        let page = page(&[7]);
        assert!(page.has_room_for(1_006, 100));
        assert!(!page.has_room_for(2_005, 100));
    }

    #[test]
    fn a_page_is_full_at_a_few_kilobytes_and_takes_one_event_of_any_size() {
        let mut page = page(&[]);
        assert!(page.has_room_for(1_005, 1_000_000));
        let large = "x".repeat(8_100);
        page.push(&event(&Audience::default(), &large, 7));
        assert!(page.has_room_for(1_006, 10) && !page.has_room_for(1_006, 100));
    }

    #[test]
    fn p7_2_a_page_without_its_first_events_keeps_its_key_and_the_numbers_of_the_others() {
        let whole = page(&[7, 8, 9]);
        assert_eq!(whole.without(0), whole);
        let rest = whole.without(2);
        assert_eq!((rest.key, seqs(&rest), rest.oldest_at()), (1_005, vec![1_007], Some(9)));
        assert!(rest.continues(1_006) && !rest.continues(4));
        assert_eq!((rest.newest(), rest.total()), (whole.newest(), whole.total()));
    }

    #[test]
    fn p7_2_an_emptied_page_keeps_the_number_of_the_newest_event() {
        let page = page(&[7, 8]).emptied(1_007);
        assert!(page.is_empty() && page.oldest_at().is_none());
        assert_eq!((page.key, page.newest(), page.total()), (1_005, 1_006, 6));
        assert!(page.continues(1_006) && page.has_room_for(1_007, 10));
        assert_eq!(Page::parse(page.as_text().to_owned()), Some(page));
    }

    fn users() -> impl Strategy<Value = SortedSet<UserId>> {
        let user = "[^\\p{Cc}]{1,8}".prop_map(|name| UserId::parse(&name).unwrap());
        proptest::collection::vec(user, 1..4).prop_map(SortedSet::from_iter)
    }

    fn audience() -> impl Strategy<Value = Audience> {
        let audience = (proptest::option::of(users()), proptest::option::of(users()));
        audience.prop_map(|(only, exclude)| Audience {
            only,
            exclude: exclude.unwrap_or_default(),
            ..Audience::default()
        })
    }

    fn publication() -> impl Strategy<Value = Option<(IdempotencyKey, usize)>> {
        let key = "[!-~]{1,20}".prop_map(|key| IdempotencyKey::parse(&key).unwrap());
        proptest::option::of((key, 1_usize..100))
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_was_written(
            first in 1..1_000_000_u64,
            gap in 0..2_000_u64,
            before in 0..1_000_000_u64,
            events in proptest::collection::vec(
                (0..Millis::MAX, audience(), any::<String>(), publication()),
                0..6,
            ),
        ) {
            let mut page = Page::new(first, first.saturating_sub(1 + gap), before);
            let frames: Vec<String> = events
                .iter()
                .map(|(_, _, text, _)| serde_json::to_string(text).unwrap())
                .collect();
            for ((at, audience, _, publication), frame) in events.iter().zip(&frames) {
                let publication = publication.as_ref().map(|(key, events)| (key, *events));
                page.push(&NewEvent { at: *at, audience, frame, publication });
            }
            let read = Page::parse(page.as_text().to_owned()).unwrap();
            prop_assert_eq!(&read, &page);
            let kept: Vec<KeptEvent<'_>> = read.events().map(Option::unwrap).collect();
            prop_assert_eq!(kept.len(), events.len());
            for ((seq, kept), ((at, audience, _, publication), frame)) in
                (first..).zip(kept).zip(events.iter().zip(&frames))
            {
                prop_assert_eq!(kept, KeptEvent {
                    seq,
                    at: *at,
                    publication: publication.clone(),
                    audience: audience.clone(),
                    frame,
                });
            }
        }

        #[test]
        fn no_text_makes_a_page_panic(text in "[0-9a\u{1e}\u{1f}]{0,60}", seq in any::<u64>()) {
            if let Some(page) = Page::parse(text) {
                let readable = page.events().flatten().count();
                prop_assert!(readable <= page.events().count());
                let _ = (page.times().count(), page.without(1), page.emptied(seq));
                let _ = (page.continues(seq), page.total_until(seq), page.has_room_for(seq, 1));
            }
        }
    }

    #[test]
    fn the_separators_are_in_no_frame() {
        let text = "\u{1e}\u{1f}";
        let body = serde_json::json!({ "eventType": "E", "payload": text }).to_string();
        let publication = crate::publication::Publication::parse(body.as_bytes(), None).unwrap();
        let frame = frame::event(&publication.events[0], 7, Some(1));
        assert!(!frame.contains([VALUE_END, EVENT_END]), "{frame:?}");
    }
}
