//! The events that the room keeps for clients that reconnect (P7.1, P7.2, P7.6).

use super::Room;
use crate::Millis;
use crate::history::{History, KeptPublication, Retention};
use crate::page::{NewEvent, Page};
use crate::ports::{Gate, Sockets, Storage, StorageFailed};
use crate::position::Seq;
use crate::publication::Publication;
use crate::publication::envelope::Envelope;
use crate::tree::Tree;
use crate::wire::error_code::{ErrorCode, Refusal};
use crate::wire::frame;

impl From<StorageFailed> for Refusal {
    fn from(_: StorageFailed) -> Self {
        ErrorCode::STORAGE_FAILED.into()
    }
}

/// An event's number, if it is kept, and its frame.
pub(super) type Numbered = (Option<Seq>, String);

impl<S: Sockets, P: Storage> Room<S, P> {
    /// The history, opened on first use; `None` if none is kept.
    pub(super) fn open_history(
        &mut self,
        now: Millis,
    ) -> Result<Option<&mut History>, StorageFailed> {
        let Some(retention) = self.settings.retention else { return Ok(None) };
        if self.history.is_none() {
            // A leaf keeps nothing: the root does.
            if let Tree::Leaf(_) = self.tree {
                return Ok(None);
            }
            let history = self.read_history(retention)?;
            self.watch(history.oldest_at(), now);
            self.history = Some(history);
        }
        Ok(self.history.as_mut())
    }

    pub(super) fn read_history(&mut self, retention: Retention) -> Result<History, StorageFailed> {
        let epoch = match self.storage.epoch()? {
            Some(epoch) => epoch,
            None => {
                // A history that has just begun has lost nothing.
                (self.may_have_lost, self.noted_gap) = (false, None);
                self.storage.create()?
            }
        };
        let oldest = self.storage.first_page_from(0)?;
        let newest = self.storage.last_page_until(Seq::MAX)?;
        let may_have_lost = self.may_have_lost_after(newest.as_ref());
        Ok(History::new(epoch, retention, oldest.as_ref(), newest, may_have_lost))
    }

    /// Whether events after the newest page may have been sent and lost (P7.1): if the object has begun without sockets,
    /// as it does after a crash, and no event has been kept since.
    fn may_have_lost_after(&self, newest: Option<&Page>) -> bool {
        let newest = newest.map_or(0, Page::newest);
        self.may_have_lost || self.noted_gap.is_some_and(|after| after >= newest)
    }

    /// What the attachment of a new socket must say, because the room may sleep before it keeps an event: that after this
    /// event numbers are left out.
    #[inline(never)]
    pub(super) fn gap_after(&mut self, now: Millis) -> Option<Seq> {
        match self.open_history(now) {
            Ok(history) => history?.gap_after(),
            // Whatever the newest event is.
            Err(StorageFailed) => Some(Seq::MAX),
        }
    }

    /// Numbers the events, and takes those that are kept into the history. They are written soon (see [`Self::write`]), or
    /// at once if that must come before they are sent (P7.6).
    #[inline(never)]
    pub(super) fn keep(
        &mut self,
        publication: &Publication<'_>,
        now: Millis,
    ) -> Result<Vec<Numbered>, StorageFailed> {
        let events = &publication.events;
        let count = events.iter().filter(|event| !event.ephemeral).count();
        if count == 0 {
            return Ok(unnumbered(events, now));
        }
        if self.settings.retention.is_none() {
            self.erase_history()?;
            return Ok(unnumbered(events, now));
        }
        self.number(publication, count, now)
    }

    #[inline(never)]
    fn number(
        &mut self,
        publication: &Publication<'_>,
        count: usize,
        now: Millis,
    ) -> Result<Vec<Numbered>, StorageFailed> {
        let events = &publication.events;
        let Some(history) = self.open_history(now)? else { return Ok(unnumbered(events, now)) };
        let (mut seqs, has_sent) = (history.next().., !history.is_durable());
        let mut seq_of = |event: &Envelope<'_>| if event.ephemeral { None } else { seqs.next() };
        let numbered: Vec<Numbered> =
            events.iter().map(|event| numbered(event, seq_of(event), now)).collect();
        self.append(publication, &numbered, count, now);
        self.write_first_if_needed(has_sent)?;
        Ok(numbered)
    }

    fn append(
        &mut self,
        publication: &Publication<'_>,
        numbered: &[Numbered],
        count: usize,
        now: Millis,
    ) {
        if self.history.as_ref().is_some_and(|history| history.oldest_at().is_none()) {
            self.has_first_event(now);
        }
        let Some(history) = &mut self.history else { return };
        let key = publication.key.as_ref().map(|key| (key, count));
        let kept = publication.events.iter().zip(numbered).filter(|(_, (seq, _))| seq.is_some());
        for (index, (Envelope { audience, .. }, (_, frame))) in (1..).zip(kept) {
            let publication = key.filter(|_| index == count);
            history.append(&NewEvent { at: now, audience, frame, publication });
        }
        if let Some((key, events)) = key {
            let (key, last, total) = (key.clone(), history.newest(), history.total());
            history.remember(KeptPublication { key, last, events, total, at: now });
        }
    }

    /// `has_sent`: whether events that were sent are not durable yet. Then the room may not forget that.
    fn write_first_if_needed(&mut self, has_sent: bool) -> Result<(), StorageFailed> {
        let Some(history) = &self.history else { return Ok(()) };
        if !history.must_be_written_first() {
            return Ok(());
        }
        self.write_with(Gate::Closed).inspect_err(|_| self.must_be_reset |= has_sent)?;
        self.is_written();
        self.may_have_lost = false;
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

fn unnumbered(events: &[Envelope<'_>], now: Millis) -> Vec<Numbered> {
    events.iter().map(|event| numbered(event, None, now)).collect()
}

fn numbered(event: &Envelope<'_>, seq: Option<Seq>, now: Millis) -> Numbered {
    (seq, frame::event(event, now, seq))
}
