//! The whole document, for a backend (P13.11).

use validiant_core::Millis;

use super::Document;
use super::log::Stored;
use crate::Unreadable;
use crate::ports::{Sockets, Storage, StorageFailed};
use crate::sync;
use crate::text::text;
use crate::update::{Contents, merge};

/// Why the document can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotRead {
    /// There is nothing in it.
    NoDocument,
    /// It is encrypted.
    Encrypted,
    /// It can't be merged, or the storage failed.
    Failed,
}

/// Why the document was not seeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotSeeded {
    /// There is something in it already.
    Exists,
    /// It is encrypted, or would have to be.
    Encrypted,
    /// It is not an update.
    Unreadable,
    /// It is larger than the document may be.
    TooLarge,
    /// The storage failed.
    Failed,
}

impl From<StorageFailed> for NotRead {
    fn from(_: StorageFailed) -> Self {
        Self::Failed
    }
}

impl From<Unreadable> for NotRead {
    fn from(_: Unreadable) -> Self {
        Self::Failed
    }
}

impl From<StorageFailed> for NotSeeded {
    fn from(_: StorageFailed) -> Self {
        Self::Failed
    }
}

impl<S: Sockets, T: Storage> Document<S, T> {
    /// The whole document as one update.
    ///
    /// # Errors
    /// [`NotRead`].
    pub fn read(&mut self) -> Result<Vec<u8>, NotRead> {
        if !self.exists()? {
            return Err(NotRead::NoDocument);
        }
        if self.is_sealed()? {
            return Err(NotRead::Encrypted);
        }
        let stored = self.stored()?;
        Ok(merge(&self.with_unwritten(&stored))?)
    }

    /// The plain text of a root type; empty if there is no such type.
    ///
    /// # Errors
    /// [`NotRead`].
    pub fn text(&mut self, name: &str) -> Result<String, NotRead> {
        Ok(text(&self.read()?, name)?.unwrap_or_default())
    }

    /// Puts its first content into an empty document. Who has it open gets it at once.
    ///
    /// # Errors
    /// [`NotSeeded`]; then nothing has changed.
    pub fn seed(&mut self, update: &[u8], now: Millis) -> Result<(), NotSeeded> {
        if update.len() > self.settings.max_bytes {
            return Err(NotSeeded::TooLarge);
        }
        let contents = Contents::of(update).map_err(|Unreadable| NotSeeded::Unreadable)?;
        if self.is_sealed()? || self.takes_only_sealed() {
            return Err(NotSeeded::Encrypted);
        }
        if self.exists()? {
            return Err(NotSeeded::Exists);
        }
        let seq = self.log()?.next;
        self.has_changed(now);
        self.store(vec![Stored { seq, changed_at: now, data: update.to_vec() }])?;
        let log = self.log()?;
        log.contents.add(&contents);
        log.size.since += update.len();
        self.arm_telling(now);
        self.sockets.send_all(None, &sync::update(update).into());
        Ok(())
    }
}
