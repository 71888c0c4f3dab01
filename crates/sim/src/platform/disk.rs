//! The data that a room has written.

use std::collections::BTreeMap;

use validiant_core::Millis;
use validiant_core::names::{Epoch, IdempotencyKey, UserId};
use validiant_core::ports::{RosterEntry, StorageFailed};
use validiant_core::position::Seq;
use validiant_core::publication::audience::Audience;
use validiant_core::room_call::revocation::Scope;

/// Data that outlives everything but the loss of the disk.
#[derive(Debug, Clone, Default)]
pub struct Disk {
    pub(super) roster: BTreeMap<UserId, RosterEntry>,
    pub(super) removals: BTreeMap<UserId, Millis>,
    pub(super) revocations: BTreeMap<Scope, Millis>,
    pub(super) epoch: Option<Epoch>,
    /// Whether the room has recorded that it drops expired events.
    pub(super) is_watched: bool,
    pub(super) journal: BTreeMap<Seq, Row>,
    /// When the alarm goes off.
    pub alarm: Option<Millis>,
    /// Whether every write fails, as on a full disk.
    pub is_full: bool,
    /// Whether the removals and the revocations can't be read.
    pub is_unreadable: bool,
    /// How many rows were written, including the alarm.
    pub rows_written: usize,
    /// Numbers the epoch of the next journal.
    pub epochs: u64,
}

/// An event in the journal, or what is left of the newest: its number.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    /// 0 if nothing else is left.
    pub at: Millis,
    pub audience: Audience,
    pub frame: String,
    pub publication: Option<(IdempotencyKey, usize)>,
}

impl Disk {
    pub(super) fn write(&mut self, rows: usize) -> Result<(), StorageFailed> {
        if self.is_full {
            return Err(StorageFailed);
        }
        self.rows_written += rows;
        Ok(())
    }

    /// Replaces the disk with another. Epochs are random, so none comes twice.
    pub fn replace(&mut self, other: Self) {
        let epochs = self.epochs;
        *self = other;
        self.epochs = epochs;
    }

    /// How many revocations are stored.
    #[must_use]
    pub fn revocation_rows(&self) -> usize {
        self.revocations.len()
    }

    /// When the oldest event was published, if there is any.
    #[must_use]
    pub fn oldest_at(&self) -> Option<Millis> {
        self.events().next().map(|(_, at)| at)
    }

    /// The events that are written, and when each was published.
    pub fn events(&self) -> impl Iterator<Item = (Seq, Millis)> {
        self.journal.iter().filter(|(_, row)| row.at > 0).map(|(seq, row)| (*seq, row.at))
    }

    /// All is as an earlier version left it, which dropped nothing and set no alarm for it.
    pub fn downgrade(&mut self) {
        self.is_watched = false;
        self.alarm = None;
    }

    /// How many rows the journal has.
    #[must_use]
    pub fn journal_rows(&self) -> usize {
        self.journal.len()
    }
}
