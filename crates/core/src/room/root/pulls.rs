//! What a leaf needs of the history for clients that have missed more than it knows (P7.4).

use super::super::Room;
use crate::Millis;
use crate::page::KeptEvent;
use crate::ports::{Sockets, Storage};
use crate::position::Seq;
use crate::tree::Place;
use crate::tree::wire::{Kept, Pulled};

impl<S: Sockets, P: Storage> Room<S, P> {
    /// The events after the first of these positions for which there are any: they are enough for the later ones. There are
    /// none for a leaf that does not know yet that the history is erased in which it asks.
    pub(super) fn pulled(&mut self, by: Place, positions: &[Seq], now: Millis) -> Vec<Pulled> {
        let session = self.root().and_then(|root| root.session(by));
        let is_over = session.is_none_or(|session| !session.ended.is_empty());
        let mut pulled = Vec::new();
        for since in positions {
            let events = if is_over { None } else { self.kept_after(*since, now) };
            let is_enough = events.is_some();
            pulled.push(Pulled { since: *since, events });
            if is_enough {
                break;
            }
        }
        pulled
    }

    /// All events after a position, whoever they are for, within the limits of a replay (P7.5).
    #[inline(never)]
    fn kept_after(&mut self, since: Seq, now: Millis) -> Option<Vec<Kept>> {
        let mut kept = Vec::new();
        self.each_after(since, now, &mut |KeptEvent { seq, at, audience, frame, .. }| {
            kept.push(Kept { seq, at, audience, frame: frame.to_owned() });
        })?;
        Some(kept)
    }
}
