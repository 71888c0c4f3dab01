//! A page of the journal: events that follow each other, in one value of the storage (P7.2).
//!
//! A storage bills by the value, so several events share one. A page is written again with each event that is added to
//! it, and is full at a few kilobytes, so that writing it again stays cheap.

use crate::Millis;
use crate::names::{IdempotencyKey, UserId};
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
    /// Whether it is for a user.
    #[must_use]
    pub fn is_for(&self, user: Option<&UserId>) -> bool {
        self.audience.verdict(user) == Verdict::Send
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
        (self.first..).zip(events.split_terminator(EVENT_END))
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
