//! The text of what both directions have: where things stand, and all that keeps clients out.

use super::{Reader, Writer};
use crate::names::Epoch;
use crate::tree::Places;
use crate::tree::wire::{Controls, Head};

impl Writer {
    #[inline(never)]
    pub(super) fn head(&mut self, Head { epoch, seq, controls, places, others }: &Head) {
        self.text(epoch.as_ref().map_or("", Epoch::as_str));
        self.number(*seq);
        self.number(*controls);
        self.text(&places.to_text());
        self.counts(*others);
    }

    #[inline(never)]
    pub(super) fn snapshot(&mut self, snapshot: Option<&Controls>) {
        let Some(Controls { number, removals, revocations, min_key_epoch }) = snapshot else {
            return self.flag(false);
        };
        self.flag(true);
        self.number(*number);
        self.length(removals.len());
        for (user, until) in removals {
            self.text(user.as_str());
            self.number(*until);
        }
        self.length(revocations.len());
        revocations.iter().for_each(|revocation| self.revocation(revocation));
        self.number(u64::from(*min_key_epoch));
    }
}

impl Reader<'_> {
    #[inline(never)]
    pub(super) fn head(&mut self) -> Option<Head> {
        Some(Head {
            epoch: Epoch::parse(self.text()?).ok(),
            seq: self.long()?,
            controls: self.long()?,
            places: Places::parse(self.text()?)?,
            others: self.counts()?,
        })
    }

    #[inline(never)]
    pub(super) fn snapshot(&mut self) -> Option<Option<Controls>> {
        if !self.flag()? {
            return Some(None);
        }
        Some(Some(Controls {
            number: self.long()?,
            removals: self.list(|it| Some((it.user_id()?, it.long()?)))?,
            revocations: self.list(Self::revocation)?,
            min_key_epoch: self.number()?,
        }))
    }
}
