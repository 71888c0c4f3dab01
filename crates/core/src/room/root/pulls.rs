//! What a leaf needs of the history for clients that have missed more than it knows (P7.4).

use super::super::Room;
use super::super::recovery::MAX_REPLAY_BYTES;
use crate::Millis;
use crate::page::KeptEvent;
use crate::ports::{Sockets, Storage};
use crate::position::Seq;
use crate::tree::wire::{Kept, Pulled};

impl<S: Sockets, P: Storage> Room<S, P> {
    /// The events after the first of these positions for which there are any: they are enough for the later ones.
    pub(super) fn pulled(&mut self, positions: &[Seq], now: Millis) -> Vec<Pulled> {
        let mut pulled = Vec::new();
        for since in positions {
            let events = self.kept_after(*since, now);
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
        let history = self.open_history(now).ok()??;
        if since == history.newest() {
            return Some(Vec::new());
        }
        let (retention, beyond) = (history.retention(), history.beyond());
        let mut page = self.page_with(since).ok()??;
        if !page.continues(since) || page.total_until(since) < beyond {
            return None;
        }
        let (mut kept, mut bytes) = (Vec::new(), 0);
        loop {
            for event in page.events() {
                let KeptEvent { seq, at, audience, frame, .. } = event?;
                if seq <= since {
                    continue;
                }
                bytes += frame.len();
                if bytes > MAX_REPLAY_BYTES || retention.is_over(at, now) {
                    return None;
                }
                kept.push(Kept { seq, at, audience, frame: frame.to_owned() });
            }
            match self.page_after(&page).ok()? {
                Some(next) => page = next,
                None => return Some(kept),
            }
        }
    }
}
