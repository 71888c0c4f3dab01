//! Backends that retry a publication (P2.11).

use std::borrow::Cow;
use std::collections::VecDeque;

use super::Room;
use crate::Millis;
use crate::answer::{Delivery, Published};
use crate::history::{History, KeptPublication};
use crate::names::IdempotencyKey;
use crate::page::{KeptEvent, Page};
use crate::ports::{Sockets, Storage, StorageFailed};
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
        match &publication.key {
            Some(key) => self.repeated_with(key, publication, now),
            None => Ok(None),
        }
    }

    #[inline(never)] // Not a part of every broadcast.
    fn repeated_with(
        &mut self,
        key: &IdempotencyKey,
        publication: &Publication<'_>,
        now: Millis,
    ) -> Result<Option<Published>, Refusal> {
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
        Ok(Some(Published {
            deliveries,
            is_batch: publication.is_batch,
            duplicate: true,
            is_partial: false,
            ticket: None,
        }))
    }

    fn learn_publications(&mut self, now: Millis) -> Result<(), StorageFailed> {
        let is_known = self.open_history(now)?.is_none_or(|history| history.knows_publications());
        if !is_known {
            let publications = self.publications()?;
            if let Some(history) = &mut self.history {
                history.learn_publications(publications);
            }
        }
        Ok(())
    }

    fn publications(&self) -> Result<VecDeque<KeptPublication>, StorageFailed> {
        let mut publications = VecDeque::new();
        let mut next = self.first_page()?;
        while let Some(page) = next {
            for KeptEvent { seq, at, publication, .. } in page.events().flatten() {
                let total = page.total_until(seq);
                publications.extend(publication.map(|(key, events)| KeptPublication {
                    key,
                    last: seq,
                    events,
                    total,
                    at,
                }));
            }
            next = self.page_after(&page)?;
        }
        Ok(publications)
    }

    /// Whether the journal has exactly these events, as far as it still has their numbers.
    fn is_kept_as<'a>(
        &self,
        events: impl Iterator<Item = (&'a Envelope<'a>, Seq)>,
    ) -> Result<bool, StorageFailed> {
        let beyond = self.history.as_ref().map_or(0, History::beyond);
        let mut next: Option<Cow<'_, Page>> = None;
        for (event, seq) in events {
            if next.as_ref().is_none_or(|page| page.newest() < seq) {
                next = self.page_with(seq)?;
            }
            let Some(page) = &next else { continue };
            let kept = page.events().flatten().find(|kept| kept.seq == seq);
            let is_kept = |kept: &KeptEvent<'_>| page.total_until(kept.seq) > beyond;
            let Some(kept) = kept.filter(is_kept) else { continue };
            let is_same = event.audience == kept.audience
                && frame::event(event, kept.at, Some(seq)) == kept.frame;
            if !is_same {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
