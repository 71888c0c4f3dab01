//! What the room keeps for clients that return (P7), and for backends that repeat themselves (P2.11).

use super::{Delivery, Published, Room};
use crate::Millis;
use crate::audience::Verdict;
use crate::envelope::Envelope;
use crate::error_code::{ErrorCode, Refusal};
use crate::frame;
use crate::history::{History, Place};
use crate::member::{SocketId, User};
use crate::ports::{KeptEvent, KeptPublication, NewEvent, Sockets, Storage, StorageFailed};
use crate::position::{Position, Seq};
use crate::publication::Publication;

/// A client that has missed more than this fetches anew for less (P7.5).
pub const MAX_REPLAY_BYTES: usize = 1_048_576;

impl From<StorageFailed> for Refusal {
    fn from(_: StorageFailed) -> Self {
        ErrorCode::STORAGE_FAILED.into()
    }
}

/// An event with its place in the journal, if it has one, and its frame.
pub(super) type Numbered = (Option<Place>, String);

impl<S: Sockets, P: Storage> Room<S, P> {
    /// The history, opened when it is first needed; `None` if none is kept.
    pub(super) fn open_history(&mut self) -> Result<Option<&mut History>, StorageFailed> {
        let Some(retention) = self.settings.retention else { return Ok(None) };
        if self.history.is_none() {
            let mut history = History::new(self.storage.open()?, retention);
            if let Some(surplus) = history.surplus() {
                self.storage.drop_until(surplus)?;
                history.dropped_until(surplus);
            }
            self.history = Some(history);
        }
        Ok(self.history.as_mut())
    }

    /// Numbers the events, and writes those that are to be kept: before any of them is sent, so that an event
    /// that a client saw is never forgotten (P7.6).
    pub(super) fn keep(
        &mut self,
        publication: &Publication<'_>,
        now: Millis,
    ) -> Result<Vec<Numbered>, StorageFailed> {
        let Some(history) = self.open_history()? else {
            self.erase_history()?;
            return Ok(publication.events.iter().map(|event| numbered(event, None, now)).collect());
        };
        let mut places = history.places();
        let mut place_of =
            |event: &Envelope<'_>| if event.ephemeral { None } else { places.next() };
        let numbered: Vec<Numbered> =
            publication.events.iter().map(|event| numbered(event, place_of(event), now)).collect();
        self.append(publication, &numbered, now)?;
        Ok(numbered)
    }

    fn append(
        &mut self,
        publication: &Publication<'_>,
        numbered: &[Numbered],
        now: Millis,
    ) -> Result<(), StorageFailed> {
        let kept = || numbered.iter().filter_map(|(place, _)| *place);
        let Some(last) = kept().next_back() else { return Ok(()) };
        let key = publication.key.as_ref().map(|key| (key, kept().count()));
        let events: Vec<NewEvent<'_>> = publication
            .events
            .iter()
            .zip(numbered)
            .filter_map(|(event, (place, frame))| {
                let Place { seq, replaces } = (*place)?;
                let publication = key.filter(|_| seq == last.seq);
                Some(NewEvent {
                    seq,
                    replaces,
                    at: now,
                    audience: &event.audience,
                    frame,
                    publication,
                })
            })
            .collect();
        if self.storage.append(&events).is_err() {
            // What the journal has now is its to say.
            self.history = None;
            return Err(StorageFailed);
        }
        if let Some(history) = &mut self.history {
            kept().for_each(|place| history.appended(place));
            if let Some((key, events)) = key {
                history.remember(KeptPublication {
                    key: key.clone(),
                    last: last.seq,
                    events,
                    at: now,
                });
            }
        }
        Ok(())
    }

    /// What was kept while the setting was not 0 has holes from here on.
    fn erase_history(&mut self) -> Result<(), StorageFailed> {
        if !self.is_history_erased {
            self.storage.erase_all()?;
            self.is_history_erased = true;
        }
        Ok(())
    }

    /// The answer to a publication that was made before under the same key (P2.11).
    pub(super) fn repeated(
        &mut self,
        publication: &Publication<'_>,
        now: Millis,
    ) -> Result<Option<Published>, Refusal> {
        let Some(key) = &publication.key else { return Ok(None) };
        self.learn_publications()?;
        let Some(first) = self.history.as_ref().and_then(|history| history.find(key, now)) else {
            return Ok(None);
        };
        let KeptPublication { last, events, .. } = *first;
        let first = last.saturating_sub(events as Seq).saturating_add(1);
        let kept = || publication.events.iter().filter(|event| !event.ephemeral);
        if kept().count() != events || !self.is_kept_as(kept().zip(first..=last))? {
            return Err(ErrorCode::IDEMPOTENCY_CONFLICT.into());
        }
        let mut seqs = first..=last;
        let delivery = |event: &Envelope<'_>| Delivery {
            event_type: event.event_type.clone(),
            recipients: 0,
            excluded: 0,
            seq: if event.ephemeral { None } else { seqs.next() },
        };
        let deliveries = publication.events.iter().map(delivery).collect();
        Ok(Some(Published { deliveries, is_batch: publication.is_batch, duplicate: true }))
    }

    fn learn_publications(&mut self) -> Result<(), StorageFailed> {
        let is_known = self.open_history()?.is_none_or(|history| history.knows_publications());
        if !is_known {
            let publications = self.storage.publications()?;
            if let Some(history) = &mut self.history {
                history.learn_publications(publications);
            }
        }
        Ok(())
    }

    /// Whether the journal has just these events, as far as it still has those numbers.
    fn is_kept_as<'a>(
        &self,
        events: impl Iterator<Item = (&'a Envelope<'a>, Seq)> + Clone,
    ) -> Result<bool, StorageFailed> {
        let oldest =
            self.history.as_ref().and_then(|history| history.oldest_kept(0)).unwrap_or_default();
        let mut events = events.skip_while(|(_, seq)| *seq < oldest).peekable();
        let Some((_, first)) = events.peek().copied() else { return Ok(false) };
        let last = events.clone().last().map_or(first, |(_, seq)| seq);
        let kept = self.storage.read(first..=last, usize::MAX)?.unwrap_or_default();
        let is_same = |((event, seq), kept): ((&Envelope<'_>, Seq), &KeptEvent)| {
            event.audience == kept.audience && frame::event(event, kept.at, Some(seq)) == kept.frame
        };
        Ok(events.zip(&kept).all(is_same))
    }

    /// All that happened after `position`, if it is still there (P7.4).
    pub(super) fn missed_after(
        &mut self,
        position: &Position,
        now: Millis,
    ) -> Option<Vec<KeptEvent>> {
        let history = self.open_history().ok()??;
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

    /// The oldest event that a client may have missed and still gets.
    pub(super) fn oldest_kept(&mut self, now: Millis) -> Option<Seq> {
        let retention = self.open_history().ok()??.retention();
        let over = self.storage.newest_until(now.checked_sub(retention.ttl_ms)?).ok()?;
        self.history.as_ref()?.oldest_kept(over)
    }

    /// Sends a client what it has missed.
    pub(super) fn replay(&mut self, to: SocketId, frames: &[String], takes_batches: bool) {
        if takes_batches && frames.len() > 1 {
            let bytes = frames.iter().map(|frame| frame.len() + 1).sum::<usize>() + 1;
            self.sockets.send(to, &frame::array(frames.iter().map(String::as_str), bytes));
        } else {
            frames.iter().for_each(|frame| self.sockets.send(to, frame));
        }
    }
}

fn numbered(event: &Envelope<'_>, place: Option<Place>, now: Millis) -> Numbered {
    (place, frame::event(event, now, place.map(|place| place.seq)))
}

/// The frames of those events that are for a user, as on the day they were sent.
pub(super) fn addressed(events: Vec<KeptEvent>, user: Option<&User>) -> Vec<String> {
    let user = user.map(|user| &user.id);
    let is_theirs = |event: &KeptEvent| event.audience.verdict(user) == Verdict::Send;
    events.into_iter().filter(is_theirs).map(|event| event.frame).collect()
}
