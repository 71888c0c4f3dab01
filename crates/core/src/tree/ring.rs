//! The newest kept events, as a leaf remembers them for clients that come back (P7.4).

use std::collections::VecDeque;

use super::wire::{Kept, Pulled};
use crate::history::MAX_REPLAY_BYTES;
use crate::history::Retention;
use crate::position::Seq;

/// The newest event, and some before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ring {
    /// The event before the first.
    base: Seq,
    events: VecDeque<Kept>,
    bytes: usize,
}

impl Ring {
    /// Knows that this is the newest event, and nothing before it.
    #[must_use]
    pub fn new(base: Seq) -> Self {
        Self { base, events: VecDeque::new(), bytes: 0 }
    }

    /// The newest event; 0 before the first.
    #[must_use]
    pub fn newest(&self) -> Seq {
        self.events.back().map_or(self.base, |event| event.seq)
    }

    /// The oldest position from which a client can go on.
    #[must_use]
    pub fn base(&self) -> Seq {
        self.base
    }

    /// Whether everything after this position is known. A number that was left out is no position (P7.1).
    #[must_use]
    pub fn goes_on_from(&self, seq: Seq) -> bool {
        seq == self.base || self.events.binary_search_by_key(&seq, |event| event.seq).is_ok()
    }

    /// The events after a position, if they are all known.
    pub fn after(&self, since: Seq) -> Option<impl Iterator<Item = &Kept>> {
        let known = self.events.partition_point(|event| event.seq <= since);
        self.goes_on_from(since).then(|| self.events.range(known..))
    }

    /// Adds the next event. Those that nobody gets any more are forgotten.
    pub fn push(&mut self, event: Kept, retention: Option<Retention>) {
        let (seq, now) = (event.seq, event.at);
        self.bytes += event.frame.len();
        self.events.push_back(event);
        let most = retention.map_or(0, |retention| retention.size.get());
        let is_over = |at| retention.is_none_or(|retention| retention.is_over(at, now));
        while let Some(first) = self.events.front() {
            let is_surplus = self.bytes > MAX_REPLAY_BYTES || self.events.len() as u64 > most;
            // The newest alone stays, however long it is: it is where the leaf stands.
            if first.seq == seq || !(is_surplus || is_over(first.at)) {
                break;
            }
            self.bytes -= first.frame.len();
            self.base = first.seq;
            self.events.pop_front();
        }
    }

    /// Takes over older events, that were asked for. Returns whether they reach those that are known.
    pub fn take_older(&mut self, Pulled { since, events }: Pulled) -> bool {
        let events = events.unwrap_or_default();
        let newest = events.last().map_or(since, |event| event.seq);
        if since >= self.base || newest < self.base {
            return since >= self.base;
        }
        for event in events.into_iter().rev().skip_while(|event| event.seq > self.base) {
            self.bytes += event.frame.len();
            self.events.push_front(event);
        }
        self.base = since;
        true
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU64;

    use proptest::prelude::*;

    use super::*;
    use crate::Millis;
    use crate::publication::audience::Audience;

    fn retention(size: u64) -> Option<Retention> {
        Some(Retention { size: NonZeroU64::new(size).unwrap(), ttl_ms: 1_000 })
    }

    fn kept(seq: Seq, at: Millis, bytes: usize) -> Kept {
        Kept { seq, at, audience: Audience::default(), frame: "x".repeat(bytes) }
    }

    fn ring(base: Seq, seqs: &[Seq]) -> Ring {
        let mut ring = Ring::new(base);
        seqs.iter().for_each(|seq| ring.push(kept(*seq, 7, 1), retention(9)));
        ring
    }

    fn after(ring: &Ring, since: Seq) -> Option<Vec<Seq>> {
        ring.after(since).map(|events| events.map(|event| event.seq).collect())
    }

    #[test]
    fn p7_4_a_client_goes_on_from_each_event_and_from_no_number_that_was_left_out() {
        let ring = ring(4, &[5, 1_005]);
        assert_eq!(after(&ring, 4), Some(vec![5, 1_005]));
        assert_eq!(after(&ring, 5), Some(vec![1_005]));
        assert_eq!(after(&ring, 1_005), Some(vec![]));
        for seq in [0, 3, 6, 1_004, 1_006] {
            assert_eq!(after(&ring, seq), None, "{seq}");
        }
        assert_eq!((ring.newest(), ring.base()), (1_005, 4));
    }

    #[test]
    fn p7_2_no_more_is_remembered_than_is_kept() {
        let mut ring = Ring::new(0);
        (1..=5).for_each(|seq| ring.push(kept(seq, 7, 1), retention(3)));
        assert_eq!((ring.base(), after(&ring, 2)), (2, Some(vec![3, 4, 5])));
        ring.push(kept(6, 1_007, 1), retention(3));
        assert_eq!((ring.base(), ring.newest()), (5, 6), "all others have expired");
        ring.push(kept(7, 1_007, MAX_REPLAY_BYTES + 1), retention(3));
        assert_eq!((ring.base(), ring.newest()), (6, 7));
    }

    #[test]
    fn older_events_come_before_those_that_are_known() {
        let mut ring = ring(4, &[5, 6]);
        let events = Some([3, 4, 5, 6, 7].map(|seq| kept(seq, 7, 1)).to_vec());
        assert!(ring.take_older(Pulled { since: 2, events }));
        assert_eq!(after(&ring, 2), Some(vec![3, 4, 5, 6]), "7 comes with its own call");
        let too_old = Some(vec![kept(1, 7, 1)]);
        assert!(!ring.take_older(Pulled { since: 0, events: too_old }), "2 would be missing");
        assert_eq!(ring.base(), 2);
    }

    proptest! {
        #[test]
        fn whatever_is_answered_is_whole(
            gaps in proptest::collection::vec((1..3_u64, 0..400_u64), 1..40),
            size in 1..20_u64,
            since in 0..80_u64,
        ) {
            let (mut ring, mut all, mut at) = (Ring::new(0), vec![0], 7);
            for (gap, pause) in gaps {
                at += pause;
                let seq = all.last().unwrap() + gap;
                all.push(seq);
                ring.push(kept(seq, at, 1), retention(size));
            }
            prop_assert_eq!(ring.newest(), *all.last().unwrap());
            if let Some(events) = after(&ring, since) {
                let due: Vec<Seq> = all.iter().copied().filter(|seq| *seq > since).collect();
                prop_assert_eq!(events, due);
                prop_assert!(all.contains(&since));
            }
        }
    }
}
