//! The positions of clients that come back to a leaf, and have missed more than it knows.

use super::Leaf;
use crate::Millis;
use crate::position::{Position, Seq};
use crate::sorted::SortedSet;
use crate::tree::Readiness;
use crate::tree::wire::Pulled;

/// So many are asked for and remembered at a time.
const MOST: usize = 256;

/// What clients have asked for, and what the root has said to it.
#[derive(Debug, Default)]
pub struct Positions {
    /// The root is to be asked for what came after these.
    wanted: SortedSet<Seq>,
    /// What came after these can't be had.
    gone: Vec<Seq>,
    /// The newest event that the root is known to have.
    newest: Seq,
}

impl Positions {
    pub fn are_wanted(&self) -> bool {
        !self.wanted.is_empty()
    }

    pub fn to_ask(&self) -> Vec<Seq> {
        self.wanted.keys().copied().collect()
    }

    fn want(&mut self, seq: Seq) {
        if self.wanted.len() < MOST {
            self.wanted.insert(seq, ());
        }
    }

    fn is_gone(&mut self, seq: Seq) {
        if self.gone.len() >= MOST {
            self.gone.remove(0);
        }
        self.gone.push(seq);
    }
}

impl Leaf {
    /// Whether a client with this position can connect now. What it lacks is asked for, once for all clients.
    pub fn is_ready_for(&mut self, since: Option<&Position>, now: Millis) -> Readiness {
        let Some(ring) = self.ring.as_ref().filter(|_| self.is_in_step()) else {
            if !self.outbox.is_busy() {
                self.ask(now);
            }
            return Readiness::Later;
        };
        let Some(Position { epoch, seq }) = since else { return Readiness::Now };
        // One of another history is none. One between two events is none, either.
        let is_known = (ring.base()..=ring.newest()).contains(seq);
        if self.epoch.as_ref() != Some(epoch) || is_known || self.positions.gone.contains(seq) {
            return Readiness::Now;
        }
        let is_ahead = *seq > ring.newest();
        // The root has the event, and it is on its way.
        if !(is_ahead && *seq <= self.positions.newest) {
            self.positions.want(*seq);
        }
        Readiness::Later
    }

    /// Takes over what the root has said to the positions `asked`, in ascending order.
    pub(super) fn take_pulled(&mut self, asked: &[Seq], pulled: Vec<Pulled>) {
        let Self { ring: Some(ring), positions, .. } = self else { return };
        let mut answered_until = None;
        // What was asked for in a history that has been erased since then is not asked for any more.
        for pulled in pulled.into_iter().filter(|pulled| asked.contains(&pulled.since)) {
            let Pulled { since, events } = &pulled;
            match events {
                None => positions.is_gone(*since),
                Some(events) => {
                    let newest = events.last().map_or(*since, |event| event.seq);
                    positions.newest = positions.newest.max(newest);
                    if ring.take_older(pulled) {
                        answered_until = Some(newest);
                    }
                }
            }
        }
        for seq in asked {
            positions.wanted.remove(seq);
            let is_answered = answered_until.is_some_and(|newest| *seq <= newest);
            if !is_answered && !positions.gone.contains(seq) {
                positions.is_gone(*seq);
            }
        }
    }
}
