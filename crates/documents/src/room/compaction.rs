//! Compaction (P13.13): everything that is stored becomes one snapshot, in which deleted text is dropped.
//!
//! It takes two steps. The first writes a mark, and the second removes it in the transaction in which the snapshot
//! replaces the log. So if the second dies, in a trap or for want of memory, the mark is found on waking; then the document
//! is served from its log, until that has doubled. The generation before is kept until the next compaction.

use validiant_core::Millis;

use super::Document;
use super::log::{self, Health, Stored};
use super::writes::merged;
use crate::ports::{Key, Sockets, Storage, StorageFailed, Write};
use crate::update::Contents;

/// What a compaction did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compacted {
    /// The snapshot has replaced the log.
    Done {
        /// The bytes before.
        from: usize,
        /// The bytes after.
        to: usize,
    },
    /// There was nothing to do any more.
    NotNeeded,
    /// The log can't be merged into a snapshot with the same contents. It stays as it is.
    Refused,
}

impl<S: Sockets, T: Storage> Document<S, T> {
    /// The first step: marks that a compaction begins. Returns whether it does; then the caller waits until the mark is
    /// durable.
    pub fn begin_compaction(&mut self) -> bool {
        if self.is_compacting {
            return false;
        }
        let Ok(log) = self.log() else { return false };
        let bytes = log.bytes as u64;
        if log.updates == 0 || log.health == Health::Damaged || log.sealed.is_some() {
            return false;
        }
        let mark = Write { numbers: vec![(Key::Compacting, bytes)], ..Write::default() };
        self.is_compacting = self.put(&mark).is_ok();
        self.is_compacting
    }

    /// The second step, in a turn of its own.
    ///
    /// # Errors
    /// [`StorageFailed`].
    pub fn compact(&mut self, now: Millis) -> Result<Compacted, StorageFailed> {
        self.is_compacting = false;
        // So that what is stored is what the contents say.
        self.write_all(now)?;
        let stored = self.stored()?;
        let updates: Vec<&[u8]> = stored.iter().map(|update| update.data.as_slice()).collect();
        let log = self.log()?;
        if updates.is_empty() {
            return Ok(Compacted::NotNeeded);
        }
        let from = log.bytes;
        let snapshot = merged(&updates).filter(|it| has_same_contents(it, &log.contents));
        let Some(snapshot) = snapshot else {
            log.health = Health::Quarantined { at: from };
            log.newest = None;
            return Ok(Compacted::Refused);
        };
        drop(stored);
        self.switch_to(&snapshot, Vec::new())?;
        Ok(Compacted::Done { from, to: snapshot.len() })
    }

    /// A new generation begins with the snapshot, and the updates after it, if there are any. The one before the last is
    /// dropped.
    pub(super) fn switch_to(
        &mut self,
        snapshot: &[u8],
        rest: Vec<u8>,
    ) -> Result<(), StorageFailed> {
        let previous = self.storage.number(Key::Previous)?;
        let log = self.log()?;
        let (old_start, start, changed_at) = (log.from, log.next, log.changed_at);
        let seq = start + log::rows_of(snapshot.len());
        let rows = log::rows(snapshot, start, changed_at);
        self.put(&Write {
            rows: rows.chain(log::rows(&rest, seq, changed_at)).collect(),
            numbers: vec![(Key::Start, start), (Key::Previous, old_start), (Key::Compacting, 0)],
            drop_before: Some(old_start).filter(|_| previous > 0),
        })?;
        let log = self.log()?;
        log.is_compacted(start, snapshot.len());
        if !rest.is_empty() {
            log.size.since = rest.len();
            log.has_stored(Stored { seq, changed_at, data: rest });
        }
        Ok(())
    }

    /// If it is worth it, asks the caller to compact.
    pub(super) fn consider_compaction(&mut self) {
        let is_worth_it = self.log().is_ok_and(|log| log.is_worth_compacting());
        self.wants_compaction |= is_worth_it;
    }

    /// A document that stays open for days must not outgrow the memory.
    pub(super) fn consider_compaction_of_long_log(&mut self) {
        let max = self.settings.max_bytes;
        if self.log.as_ref().is_some_and(|log| log.bytes - log.snapshot > max) {
            self.consider_compaction();
        }
    }
}

fn has_same_contents(snapshot: &[u8], contents: &Contents) -> bool {
    Contents::of(snapshot).is_ok_and(|it| it.covers(contents) && contents.covers(&it))
}
