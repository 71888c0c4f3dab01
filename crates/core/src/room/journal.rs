//! What the room writes for clients that reconnect (P7.1, P7.2, P7.6).

use super::Room;
use crate::Millis;
use crate::history::{History, Place};
use crate::ports::{KeptPublication, NewEvent, Sockets, Storage, StorageFailed};
use crate::publication::Publication;
use crate::publication::envelope::Envelope;
use crate::wire::error_code::{ErrorCode, Refusal};
use crate::wire::frame;

impl From<StorageFailed> for Refusal {
    fn from(_: StorageFailed) -> Self {
        ErrorCode::STORAGE_FAILED.into()
    }
}

/// An event with its place in the journal, if it has one, and its frame.
pub(super) type Numbered = (Option<Place>, String);

impl<S: Sockets, P: Storage> Room<S, P> {
    /// The history, opened on first use; `None` if none is kept.
    pub(super) fn open_history(
        &mut self,
        now: Millis,
    ) -> Result<Option<&mut History>, StorageFailed> {
        let Some(retention) = self.settings.retention else { return Ok(None) };
        if self.history.is_none() {
            let opened = self.storage.open()?;
            let (oldest_at, is_watched) = (opened.oldest_at, opened.is_watched);
            let mut history = History::new(opened, retention);
            if let Some(surplus) = history.surplus() {
                self.storage.drop_until(surplus)?;
                history.dropped_until(surplus);
            }
            self.history = Some(history);
            self.watch(oldest_at, is_watched, now);
        }
        Ok(self.history.as_mut())
    }

    /// Numbers the events, and writes those that are kept before any of them is sent, so that an event that a client saw
    /// is never forgotten (P7.6).
    pub(super) fn keep(
        &mut self,
        publication: &Publication<'_>,
        now: Millis,
    ) -> Result<Vec<Numbered>, StorageFailed> {
        let events = &publication.events;
        let unnumbered = || events.iter().map(|event| numbered(event, None, now)).collect();
        if events.iter().all(|event| event.ephemeral) {
            return Ok(unnumbered());
        }
        if self.open_history(now)?.is_none() {
            self.erase_history()?;
            return Ok(unnumbered());
        }
        let kept = events.iter().filter(|event| !event.ephemeral).count();
        let over = self.rows_over(kept, now);
        let Some(history) = &self.history else { return Ok(unnumbered()) };
        let mut places = history.places(over);
        let mut place_of =
            |event: &Envelope<'_>| if event.ephemeral { None } else { places.next() };
        let numbered: Vec<Numbered> =
            events.iter().map(|event| numbered(event, place_of(event), now)).collect();
        self.append(publication, &numbered, now)?;
        Ok(numbered)
    }

    fn append(
        &mut self,
        publication: &Publication<'_>,
        numbered: &[Numbered],
        now: Millis,
    ) -> Result<(), StorageFailed> {
        let places = || numbered.iter().filter_map(|(place, _)| *place);
        let Some(Place { seq: last, .. }) = places().next_back() else { return Ok(()) };
        let key = publication.key.as_ref().map(|key| (key, places().count()));
        let pairs = publication.events.iter().zip(numbered);
        let events: Vec<NewEvent<'_>> = pairs
            .filter_map(|(Envelope { audience, .. }, (place, frame))| {
                let Place { seq, replaces } = (*place)?;
                let publication = key.filter(|_| seq == last);
                Some(NewEvent { seq, replaces, at: now, audience, frame, publication })
            })
            .collect();
        if self.storage.append(&events).is_err() {
            // Open the journal again next time: its state is uncertain.
            self.history = None;
            return Err(StorageFailed);
        }
        if let Some(history) = &mut self.history {
            let is_first = !history.has_events();
            places().for_each(|place| history.appended(place, now));
            if let Some((key, events)) = key {
                history.remember(KeptPublication { key: key.clone(), last, events, at: now });
            }
            if is_first {
                self.has_first_event(now);
            }
        }
        Ok(())
    }

    /// The setting is 0: an older history would have gaps from here on.
    pub(super) fn erase_history(&mut self) -> Result<(), StorageFailed> {
        if !self.is_history_erased {
            self.storage.erase_all()?;
            self.is_history_erased = true;
        }
        Ok(())
    }
}

fn numbered(event: &Envelope<'_>, place: Option<Place>, now: Millis) -> Numbered {
    (place, frame::event(event, now, place.map(|place| place.seq)))
}
