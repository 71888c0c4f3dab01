//! What a reconnecting client has missed (P7.3 to P7.5).

use super::Room;
use crate::Millis;
use crate::member::{SocketId, User};
use crate::ports::{KeptEvent, Sockets, Storage};
use crate::position::{Position, Seq};
use crate::publication::audience::Verdict;
use crate::wire::frame;

/// A client that has missed more than this is cheaper to serve if it fetches everything again (P7.5).
pub const MAX_REPLAY_BYTES: usize = 1_048_576;

impl<S: Sockets, P: Storage> Room<S, P> {
    /// Everything that happened after `position`, if it is all still there (P7.4).
    pub(super) fn missed_after(
        &mut self,
        position: &Position,
        now: Millis,
    ) -> Option<Vec<KeptEvent>> {
        let history = self.open_history(now).ok()??;
        if !history.reaches_back_to(position) {
            return None;
        }
        let (newest, retention) = (history.newest(), history.retention());
        if position.seq == newest {
            return Some(Vec::new());
        }
        let range = position.seq.saturating_add(1)..=newest;
        let missed = self.storage.read(range, MAX_REPLAY_BYTES).ok()??;
        let is_complete = missed.len() as Seq == newest.saturating_sub(position.seq);
        let is_over = |event: &KeptEvent| retention.is_over(event.at, now);
        (is_complete && !missed.iter().any(is_over)).then_some(missed)
    }

    /// The oldest missed event that a client can still get.
    pub(super) fn oldest_kept(&mut self, now: Millis) -> Option<Seq> {
        let retention = self.open_history(now).ok()??.retention();
        let over = self.storage.newest_until(now.checked_sub(retention.ttl_ms)?).ok()?;
        self.history.as_ref()?.oldest_kept(over)
    }

    /// Sends a client what it missed.
    pub(super) fn replay(&mut self, to: SocketId, frames: &[String], takes_batches: bool) {
        if takes_batches && frames.len() > 1 {
            let bytes = frames.iter().map(|frame| frame.len() + 1).sum::<usize>() + 1;
            self.sockets.send(to, &frame::array(frames.iter().map(String::as_str), bytes));
        } else {
            frames.iter().for_each(|frame| self.sockets.send(to, frame));
        }
    }
}

/// The frames of the events that are for a user, exactly as they were first sent.
pub(super) fn addressed(events: Vec<KeptEvent>, user: Option<&User>) -> Vec<String> {
    let user = user.map(|user| &user.id);
    let is_theirs = |event: &KeptEvent| event.audience.verdict(user) == Verdict::Send;
    events.into_iter().filter(is_theirs).map(|event| event.frame).collect()
}
