//! Backends that retry a publication (P2.11).

use super::{Delivery, Published, Room};
use crate::Millis;
use crate::ports::{KeptEvent, KeptPublication, Sockets, Storage, StorageFailed};
use crate::position::Seq;
use crate::publication::Publication;
use crate::publication::envelope::Envelope;
use crate::wire::error_code::{ErrorCode, Refusal};
use crate::wire::frame;

impl<S: Sockets, P: Storage> Room<S, P> {
    /// The answer to a publication that was already made with the same key (P2.11).
    pub(super) fn repeated(
        &mut self,
        publication: &Publication<'_>,
        now: Millis,
    ) -> Result<Option<Published>, Refusal> {
        let Some(key) = &publication.key else { return Ok(None) };
        self.learn_publications(now)?;
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

    fn learn_publications(&mut self, now: Millis) -> Result<(), StorageFailed> {
        let is_known = self.open_history(now)?.is_none_or(|history| history.knows_publications());
        if !is_known {
            let publications = self.storage.publications()?;
            if let Some(history) = &mut self.history {
                history.learn_publications(publications);
            }
        }
        Ok(())
    }

    /// Whether the journal has exactly these events, as far as it still has their numbers.
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
}
