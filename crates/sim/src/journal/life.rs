//! A history of a room, with the POSTs that had a key.

use std::collections::BTreeMap;
use std::rc::Rc;

use validiant_core::Millis;
use validiant_core::position::Seq;

use crate::publication::{Event, Posted};

/// One history of a room.
#[derive(Debug, Clone, Default)]
pub struct Life {
    /// Its kept events, without those that a crash has taken.
    pub events: Vec<Rc<Event>>,
    /// How many of them, from the first, are no longer in the storage.
    pub dropped: usize,
    /// How many had expired when an event was taken, so that they may have been dropped since, wherever the clock is now.
    pub expired: usize,
    pub epoch: Option<String>,
    pub keyed: Vec<Keyed>,
    /// Up to this event a backend was told that all are durable.
    pub answered: Seq,
    /// The events that anybody has seen, lost ones too, by their number: each by its order.
    pub seen: BTreeMap<Seq, u64>,
}

impl Life {
    pub fn newest(&self) -> Seq {
        self.events.last().map_or(0, number)
    }

    /// How many events there are up to a number.
    pub fn count_until(&self, seq: Seq) -> usize {
        self.events.partition_point(|event| number(event) <= seq)
    }
}

/// The number of an event; 0 if it is not kept.
pub fn number(event: &Rc<Event>) -> Seq {
    event.place.map_or(0, |place| place.seq)
}

/// An accepted POST with a key.
#[derive(Debug, Clone)]
pub struct Keyed {
    pub posted: Posted,
    pub first: Seq,
    pub last: Seq,
    pub at: Millis,
}
