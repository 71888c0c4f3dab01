//! What is stored of the document, and what the document remembers of it (P13.13).
//!
//! The storage has a row for each update, or several for a long one. A generation begins with a snapshot, in which all
//! updates before it are merged; the first generation has none.

use validiant_core::Millis;

use super::Document;
use super::sealed::Numbers;
use crate::ports::{Key, NewRow, Row, Seq, Sockets, Storage, StorageFailed};
use crate::update::Contents;

/// The number of the first row of all.
const FIRST: Seq = 1;
/// How many bytes a row has at most.
const ROW_BYTES: usize = 512 * 1024;
/// Up to this size, the newest row is replaced by one that is merged with the next update.
const OPEN_ROW_BYTES: usize = 16 * 1024;
/// A log up to this size is not worth compacting.
const LOG_BYTES: usize = 64 * 1024;
/// A log of more updates than these is worth compacting.
const LOG_UPDATES: usize = 500;

/// A stored update.
pub(super) struct Stored {
    /// Its first row.
    pub seq: Seq,
    pub changed_at: Millis,
    pub data: Vec<u8>,
}

/// What is known of the stored updates, and of those that are not stored yet.
#[derive(Default)]
pub(super) struct Log {
    /// All changes, stored or not, if it is plain.
    pub contents: Contents,
    /// Where it is, if it is encrypted; `None` also while it is empty.
    pub sealed: Option<Numbers>,
    /// The first row that is read: that of the current generation, or of the one before, if the snapshot is damaged.
    pub from: Seq,
    /// The number of the next row.
    pub next: Seq,
    /// The bytes of everything that is read.
    pub bytes: usize,
    /// The bytes of the snapshot in it.
    pub snapshot: usize,
    /// How many updates come after the snapshot.
    pub updates: usize,
    /// The newest update, while it is short enough to be replaced.
    pub newest: Option<Stored>,
    pub changed_at: Millis,
    pub size: Size,
    pub health: Health,
}

/// How large the document is, if everything in it were merged.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Size {
    /// When it was last merged.
    pub measured: usize,
    /// The updates that have come since.
    pub since: usize,
}

/// Whether the document can be compacted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Health {
    #[default]
    Sound,
    /// A compaction has died, or was refused, when there were so many bytes (P13.13).
    Quarantined { at: usize },
    /// Something can't be read. Nothing is dropped from now on.
    Damaged,
}

/// Something that an operator should know of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The last compaction has died. The document works, but is not compacted until it has doubled.
    CompactionDied,
    /// Something that is stored can't be read. The document works without it, and nothing is dropped any more.
    Damaged,
}

impl Size {
    pub fn whole(&self) -> usize {
        self.measured + self.since
    }
}

impl Log {
    /// Reads what is stored.
    ///
    /// # Errors
    /// [`StorageFailed`].
    fn load(storage: &mut impl Storage) -> Result<Self, StorageFailed> {
        let began = storage.number(Key::Sealed)?;
        let sealed = Some(Numbers { began, ..Numbers::default() }).filter(|_| began > 0);
        let start = storage.number(Key::Start)?.max(FIRST);
        let previous = storage.number(Key::Previous)?;
        let compacting = storage.number(Key::Compacting)? as usize;
        let has_snapshot = previous > 0;
        let health =
            if compacting > 0 { Health::Quarantined { at: compacting } } else { Health::Sound };
        let empty = Self { sealed, health, ..Self::default() };
        let log = empty.with(read(storage, start)?, start, has_snapshot);
        if log.health == Health::Damaged && has_snapshot {
            // A plain snapshot is an update like any other. An encrypted one is where the numbers begin, except in the first
            // generation, which has none.
            let has_snapshot = sealed.is_some() && previous > FIRST;
            let empty = Self { sealed, health: Health::Damaged, ..Self::default() };
            return Ok(empty.with(read(storage, previous)?, previous, has_snapshot));
        }
        Ok(log)
    }

    /// `has_snapshot`: whether the first of the updates is one.
    fn with(self, updates: Vec<Stored>, from: Seq, has_snapshot: bool) -> Self {
        let mut log = Self { from, next: from, ..self };
        for (place, update) in updates.into_iter().enumerate() {
            let is_snapshot = has_snapshot && place == 0;
            let read = match &mut log.sealed {
                Some(numbers) => numbers.read(&update.data, is_snapshot),
                None => Contents::of(&update.data).map(|contents| log.contents.add(&contents)),
            };
            if read.is_err() {
                log.health = Health::Damaged;
            }
            if is_snapshot {
                log.begins_with_snapshot(update.seq, update.data.len());
            } else {
                log.has_stored(update);
            }
        }
        log.size = Size { measured: log.snapshot, since: log.bytes - log.snapshot };
        log
    }

    /// A new generation begins.
    pub fn is_compacted(&mut self, start: Seq, bytes: usize) {
        self.from = start;
        self.newest = None;
        self.updates = 0;
        self.health = Health::Sound;
        self.size = Size { measured: bytes, since: 0 };
        self.begins_with_snapshot(start, bytes);
    }

    fn begins_with_snapshot(&mut self, seq: Seq, bytes: usize) {
        self.bytes = bytes;
        self.snapshot = bytes;
        self.next = seq + rows_of(bytes);
    }

    /// An update was stored, in place of the newest one or after it.
    pub fn has_stored(&mut self, update: Stored) {
        match self.newest.take_if(|newest| newest.seq == update.seq) {
            Some(newest) => self.bytes -= newest.data.len(),
            None => self.updates += 1,
        }
        self.bytes += update.data.len();
        self.next = update.seq + rows_of(update.data.len());
        self.changed_at = update.changed_at;
        let may_be_replaced = self.health == Health::Sound && update.data.len() <= OPEN_ROW_BYTES;
        self.newest = Some(update).filter(|_| may_be_replaced);
    }

    /// Whether there is anything in the document.
    pub fn exists(&self) -> bool {
        self.bytes > 0
    }

    fn trouble(&self) -> Option<Trouble> {
        match self.health {
            Health::Sound => None,
            Health::Quarantined { .. } => Some(Trouble::CompactionDied),
            Health::Damaged => Some(Trouble::Damaged),
        }
    }

    pub fn is_worth_compacting(&self) -> bool {
        let is_long = self.bytes - self.snapshot > LOG_BYTES.max(self.snapshot);
        // What is encrypted is compacted by clients.
        self.sealed.is_none()
            && (is_long || self.updates > LOG_UPDATES)
            && match self.health {
                Health::Sound => true,
                Health::Quarantined { at } => self.bytes >= at.saturating_mul(2),
                Health::Damaged => false,
            }
    }
}

/// The rows for an update, from this number on.
pub(super) fn rows(
    update: &[u8],
    seq: Seq,
    changed_at: Millis,
) -> impl Iterator<Item = NewRow<'_>> {
    let last = rows_of(update.len());
    (seq..).zip(update.chunks(ROW_BYTES)).map(move |(at, data)| NewRow {
        seq: at,
        ends: at + 1 == seq + last,
        changed_at,
        data,
    })
}

/// How many rows an update takes.
pub(super) fn rows_of(bytes: usize) -> u64 {
    bytes.div_ceil(ROW_BYTES) as u64
}

/// Reads the updates from a row on.
pub(super) fn read(storage: &mut impl Storage, from: Seq) -> Result<Vec<Stored>, StorageFailed> {
    let mut updates: Vec<Stored> = Vec::new();
    let mut is_open = false;
    for Row { seq, ends, changed_at, mut data } in storage.rows(from)? {
        match updates.last_mut().filter(|_| is_open) {
            Some(update) => {
                update.data.append(&mut data);
                update.changed_at = changed_at;
            }
            None => updates.push(Stored { seq, changed_at, data }),
        }
        is_open = !ends;
    }
    Ok(updates)
}

impl<S: Sockets, T: Storage> Document<S, T> {
    /// What is stored, read on first use.
    pub(super) fn log(&mut self) -> Result<&mut Log, StorageFailed> {
        match &mut self.log {
            Some(log) => Ok(log),
            none => {
                let log = none.insert(Log::load(&mut self.storage)?);
                self.trouble = log.trouble();
                Ok(log)
            }
        }
    }

    /// Whether there is anything in the document.
    pub(super) fn exists(&mut self) -> Result<bool, StorageFailed> {
        match &self.log {
            Some(log) => Ok(log.exists() || !self.unwritten.is_empty()),
            None => Ok(self.storage.changed_at()?.is_some()),
        }
    }

    /// All updates that are stored.
    pub(super) fn stored(&mut self) -> Result<Vec<Stored>, StorageFailed> {
        let Log { from, health, sealed, .. } = *self.log()?;
        let mut updates = read(&mut self.storage, from)?;
        if health == Health::Damaged && sealed.is_none() {
            updates.retain(|update| Contents::of(&update.data).is_ok());
        }
        Ok(updates)
    }
}
