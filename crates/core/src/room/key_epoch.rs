//! The lowest key epoch of an encrypted project (P14.2 to P14.5): raised by a backend, and checked on everything that comes.

use super::Room;
use crate::Millis;
use crate::answer::Raised;
use crate::encryption::{KeyEpoch, Sealed};
use crate::ports::{Documents, Exclusion, Sockets, Storage, StorageFailed};
use crate::publication::{self, Publication};
use crate::tree::root::tickets::Answer;
use crate::tree::wire::Control;
use crate::wire::error_code::{ErrorCode, KeyHint, Refusal};
use crate::wire::frame;

impl<S: Sockets, P: Storage> Room<S, P> {
    /// Raises the lowest key epoch that is still taken, and tells everybody. A lower one than that in force changes nothing.
    ///
    /// # Errors
    /// [`StorageFailed`]; then nothing has changed.
    pub fn raise_key_epoch(
        &mut self,
        epoch: KeyEpoch,
        now: Millis,
    ) -> Result<Raised, StorageFailed> {
        self.begin(now);
        self.know_tree(now)?;
        let documents = self.storage.load_documents(Documents::Open)?;
        self.number_control()?;
        let higher = self.higher(epoch)?;
        if higher.is_some() {
            self.storage.save_exclusion(Exclusion { until: None, min_key_epoch: higher })?;
        }
        self.has_key_epoch(higher, now);
        let min_key_epoch = self.min_key_epoch()?;
        let raised = Raised { min_key_epoch, documents, ticket: None };
        let answer = || Answer::Raised(raised.clone());
        let ticket = self.tell_control(|| Control::KeyEpoch(min_key_epoch), answer);
        Ok(Raised { ticket, ..raised })
    }

    /// The epoch, if it is higher than the one in force.
    pub(super) fn higher(&mut self, epoch: KeyEpoch) -> Result<Option<KeyEpoch>, StorageFailed> {
        Ok((epoch > self.min_key_epoch()?).then_some(epoch))
    }

    /// The epoch has been raised, if there is one, and is stored.
    pub(super) fn has_key_epoch(&mut self, raised: Option<KeyEpoch>, now: Millis) {
        if let Some(epoch) = raised {
            self.min_key_epoch = raised;
            let frame = frame::key_epoch(epoch, now);
            self.send_to(&frame, |_| true);
        }
    }

    /// The lowest key epoch that is taken; 0 if the project is not encrypted.
    pub(super) fn min_key_epoch(&mut self) -> Result<KeyEpoch, StorageFailed> {
        match self.min_key_epoch {
            Some(known) => Ok(known),
            None => self.load_key_epoch(),
        }
    }

    #[inline(never)]
    fn load_key_epoch(&mut self) -> Result<KeyEpoch, StorageFailed> {
        let stored = self.storage.load_key_epoch()?;
        self.min_key_epoch = Some(stored);
        Ok(stored)
    }

    /// Checks that all events of a backend may be sent (P14.4).
    pub(super) fn may_send_all(&mut self, publication: &Publication<'_>) -> Result<(), Refusal> {
        match self.min_key_epoch()? {
            0 => Ok(()),
            least => judge_all(publication, least),
        }
    }

    /// Judges a client event that a leaf has judged before the epoch went up there (P14.2, P15.8).
    #[inline(never)]
    pub(super) fn judge_again(&mut self, frame: &str) -> Result<(), Refusal> {
        match self.min_key_epoch()? {
            0 => Ok(()),
            least => judge_event(frame::payload_of_client_event(frame), least),
        }
    }

    /// The same as [`Self::min_key_epoch`], for a client's message.
    pub(super) fn min_key_epoch_for_client(&mut self) -> Result<KeyEpoch, ErrorCode> {
        self.min_key_epoch().map_err(|StorageFailed| ErrorCode::ROOM_UNAVAILABLE)
    }
}

#[inline(never)] // A project that is not encrypted does not wait until this is compiled.
fn judge_all(publication: &Publication<'_>, least: KeyEpoch) -> Result<(), Refusal> {
    for (place, event) in publication.events.iter().enumerate() {
        if event.plaintext {
            continue;
        }
        let epoch = Sealed::parse(event.payload).map(|sealed| sealed.epoch);
        let of_list = |refusal| match publication.is_batch {
            true => publication::at(place, refusal),
            false => refusal,
        };
        judge(epoch, least).map_err(of_list)?;
    }
    Ok(())
}

/// Judges an event of a client (P14.5).
#[inline(never)]
pub(super) fn judge_event(payload: &str, least: KeyEpoch) -> Result<(), Refusal> {
    let sealed = Sealed::parse(payload);
    judge(sealed.map(|sealed| sealed.epoch), least).map_err(|mut refusal| {
        if let (Some(hint), Some(sealed)) = (&mut refusal.key_hint, sealed) {
            hint.nonce = Some(sealed.nonce.into());
        }
        refusal
    })
}

/// Judges something by the epoch of its key; `None` if it is not encrypted.
pub(super) fn judge(epoch: Option<KeyEpoch>, least: KeyEpoch) -> Result<(), Refusal> {
    let code = match epoch {
        Some(epoch) if epoch >= least => return Ok(()),
        Some(_) => ErrorCode::STALE_KEY_EPOCH,
        None => ErrorCode::NOT_ENCRYPTED,
    };
    let hint = KeyHint { min_key_epoch: least, nonce: None };
    Err(Refusal { key_hint: Some(Box::new(hint)), ..code.into() })
}
