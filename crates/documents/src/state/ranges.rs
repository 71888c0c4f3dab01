use super::StateVector;
use crate::sort::sort_by_key;

/// The changes of one client from one clock up to, but not including, another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct IdRange {
    /// The id of the client.
    pub client: u64,
    /// The first clock.
    pub start: u64,
    /// The clock after the last one.
    pub end: u64,
}

impl IdRange {
    /// That both are of one client, and overlap or touch.
    fn meets(&self, other: &Self) -> bool {
        self.client == other.client && self.start <= other.end && other.start <= self.end
    }

    fn grow(&mut self, other: &Self) {
        self.start = self.start.min(other.start);
        self.end = self.end.max(other.end);
    }
}

/// A set of changes, kept as few ranges.
///
/// All clients share one sorted list: an update of 5 MiB can hold a million clients or ranges, and each costs 24 bytes here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IdRanges {
    /// Sorted. No two of them meet, and none is empty.
    ranges: Vec<IdRange>,
}

/// Up to so many ranges are inserted one by one, and more are merged in one pass over both lists.
const FEW: usize = 8;

impl IdRanges {
    /// The set of all these, which come in any order and may overlap.
    pub fn of(mut ranges: Vec<IdRange>) -> Self {
        sort_by_key(&mut ranges, |range| *range);
        ranges.retain(|range| range.start < range.end);
        ranges.dedup_by(|next, last| {
            let meets = last.meets(next);
            if meets {
                last.grow(next);
            }
            meets
        });
        Self { ranges }
    }

    /// That there is no change in it.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// All ranges, by client and clock.
    pub fn ranges(&self) -> &[IdRange] {
        &self.ranges
    }

    /// The ranges of one client, by clock.
    pub fn of_client(&self, client: u64) -> &[IdRange] {
        let from = self.ranges.partition_point(|range| range.client < client);
        let rest = self.ranges.get(from..).unwrap_or_default();
        let len = rest.partition_point(|range| range.client == client);
        rest.get(..len).unwrap_or_default()
    }

    /// That every change of `other` is in this set.
    pub fn contains_all(&self, other: &Self) -> bool {
        other.ranges.iter().all(|range| self.contains(range))
    }

    fn contains(&self, range: &IdRange) -> bool {
        let end = (range.client, range.end);
        let at = self.ranges.partition_point(|own| (own.client, own.end) < end);
        self.ranges
            .get(at)
            .is_some_and(|own| own.client == range.client && own.start <= range.start)
    }

    /// Adds every change of `other`.
    pub fn union(&mut self, other: &Self) {
        if other.ranges.len() <= FEW {
            other.ranges.iter().for_each(|range| self.insert(range));
        } else {
            self.merge(other);
        }
    }

    fn insert(&mut self, range: &IdRange) {
        let start = (range.client, range.start);
        let at = self.ranges.partition_point(|own| (own.client, own.end) < start);
        let rest = self.ranges.get(at..).unwrap_or_default();
        let met = rest.partition_point(|own| own.meets(range));
        let mut whole = *range;
        rest.iter().take(met).for_each(|own| whole.grow(own));
        self.ranges.splice(at..at + met, [whole]);
    }

    fn merge(&mut self, other: &Self) {
        let mut own = std::mem::take(&mut self.ranges).into_iter().peekable();
        let mut others = other.ranges.iter().copied().peekable();
        while let Some(next) = match (own.peek(), others.peek()) {
            (Some(a), Some(b)) if a <= b => own.next(),
            (_, Some(_)) => others.next(),
            _ => own.next(),
        } {
            match self.ranges.last_mut() {
                Some(last) if last.meets(&next) => last.grow(&next),
                _ => self.ranges.push(next),
            }
        }
    }

    /// How far each client's changes are complete from its first one on.
    pub fn state_vector(&self) -> StateVector {
        let complete = self.ranges.iter().filter(|range| range.start == 0);
        StateVector::of(complete.map(|range| (range.client, range.end)).collect())
    }
}
