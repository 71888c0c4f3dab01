//! The data that a room has written, and what a crash takes of it.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use validiant_core::Millis;
use validiant_core::encryption::KeyEpoch;
use validiant_core::names::{DocId, Epoch, UserId};
use validiant_core::page::{KeptEvent, Page};
use validiant_core::ports::{Gate, RosterEntry, StorageFailed};
use validiant_core::position::Seq;
use validiant_core::presence_data::LastData;
use validiant_core::room_call::revocation::Scope;

/// Data that outlives the object, except for the newest writes: a crash takes any number of those that are not durable,
/// from the newest back.
#[derive(Debug, Clone, Default)]
pub struct Disk {
    pub(super) stored: Stored,
    /// What was stored before each write that is not durable yet, the oldest first.
    before: VecDeque<Stored>,
    /// How many writes there were.
    writes: usize,
    /// How many there were up to the last one that holds back what is sent after it.
    closed: usize,
    /// The same as `closed` for the first such write of the turn, if there is one.
    first_closed: Option<usize>,
    /// Whether something was written in this turn.
    has_written: bool,
    /// When the alarm was set for that is going off now. It goes off again if the server dies meanwhile.
    firing: Option<Millis>,
    /// Whether every write fails, as on a full disk.
    pub is_full: bool,
    /// Whether the removals and the revocations can't be read.
    pub is_unreadable: bool,
    /// Whether the key epoch can't be read.
    pub hides_key_epoch: bool,
    /// Whether it can't be read whether the room has other objects.
    pub hides_tree: bool,
    /// How many rows were written, including the alarm.
    pub rows_written: usize,
    /// Numbers the epoch of the next journal.
    pub(super) epochs: u64,
}

/// What is stored at one moment.
#[derive(Debug, Clone, Default)]
pub(super) struct Stored {
    pub roster: BTreeMap<UserId, RosterEntry>,
    pub removals: BTreeMap<UserId, Millis>,
    pub key_epoch: KeyEpoch,
    pub revocations: BTreeMap<Scope, Millis>,
    /// The documents, and whether each is open.
    pub documents: BTreeMap<DocId, bool>,
    /// What is known of the other objects of the room.
    pub tree: Option<String>,
    pub epoch: Option<Epoch>,
    pub pages: BTreeMap<Seq, Rc<str>>,
    pub alarm: Option<Millis>,
}

impl Stored {
    fn pages(&self) -> impl DoubleEndedIterator<Item = Page> {
        self.pages.values().filter_map(|text| Page::parse(text.to_string()))
    }
}

impl Disk {
    /// Begins a write of so many rows.
    pub(super) fn write(&mut self, rows: usize, gate: Gate) -> Result<&mut Stored, StorageFailed> {
        if self.is_full {
            return Err(StorageFailed);
        }
        if rows > 0 {
            self.rows_written += rows;
            self.begin_write();
        }
        if gate == Gate::Closed {
            self.closed = self.writes;
            self.first_closed = self.first_closed.or(Some(self.writes));
        }
        Ok(&mut self.stored)
    }

    /// All that a turn writes is one commit of the runtime.
    fn begin_write(&mut self) {
        if std::mem::replace(&mut self.has_written, true) {
            return;
        }
        let mut before = self.stored.clone();
        before.alarm = before.alarm.or(self.firing);
        self.before.push_back(before);
        self.writes += 1;
    }

    /// The next journal's epoch is numbered from here on.
    pub(crate) fn number_epochs_from(&mut self, number: u64) {
        self.epochs = number;
    }

    /// A turn of the runtime begins.
    pub(crate) fn begin_turn(&mut self) {
        self.first_closed = None;
        self.has_written = false;
    }

    /// How many writes must be durable before what the turn did for good is.
    pub(crate) fn first_closed(&self) -> Option<usize> {
        self.first_closed
    }

    /// How many writes there were.
    pub(crate) fn writes(&self) -> usize {
        self.writes
    }

    /// How many writes must be durable before something that is sent now leaves.
    pub(super) fn gate(&self) -> usize {
        self.closed
    }

    /// How many writes are durable.
    #[must_use]
    pub fn durable(&self) -> usize {
        self.writes - self.before.len()
    }

    /// How many are not.
    #[must_use]
    pub fn unconfirmed(&self) -> usize {
        self.before.len()
    }

    /// Everything is durable.
    pub fn confirm(&mut self) {
        self.before.clear();
        self.has_written = false;
    }

    /// The last write that holds something back is durable, and all before it.
    pub fn confirm_closed(&mut self) {
        self.confirm_until(self.closed);
    }

    /// So many writes are durable.
    pub(crate) fn confirm_until(&mut self, writes: usize) {
        let confirmed = writes.saturating_sub(self.durable());
        self.before.drain(..confirmed);
        self.has_written &= !self.before.is_empty();
    }

    /// The server dies, and only the first `left` of the writes that are not durable reach the disk.
    pub fn crash(&mut self, left: usize) {
        if let Some(stored) = self.before.get(left) {
            self.stored = stored.clone();
        }
        self.before.clear();
        self.has_written = false;
        self.stored.alarm = self.stored.alarm.or(self.firing.take());
        self.closed = self.writes;
    }

    /// A crash that can't happen: only the first write that is not durable is lost, as far as it wrote pages.
    pub(crate) fn lose_beginning(&mut self) {
        let after = self.before.get(1).unwrap_or(&self.stored).pages.clone();
        if let Some(before) = self.before.front() {
            for (key, page) in
                after.iter().filter(|(key, page)| before.pages.get(*key) != Some(*page))
            {
                if self.stored.pages.get(key) == Some(page) || self.before.len() > 1 {
                    self.stored.pages.remove(key);
                }
            }
        }
        self.crash(usize::MAX);
    }

    /// Replaces the disk with an empty one. Epochs are random, so none comes twice.
    pub fn lose(&mut self) {
        *self = Self { epochs: self.epochs, writes: self.writes, ..Self::default() };
        self.closed = self.writes;
    }

    /// Whether nothing is known of anybody.
    pub(crate) fn is_blank(&self) -> bool {
        let Stored { roster, removals, revocations, .. } = &self.stored;
        roster.is_empty() && removals.is_empty() && revocations.is_empty()
    }

    /// Breaks the disk: who is kept out is lost.
    pub(crate) fn forget_refusals(&mut self) {
        self.stored.removals.clear();
        self.stored.revocations.clear();
    }

    /// Breaks the disk: which other objects the room has is lost.
    pub(crate) fn forget_tree(&mut self) {
        self.stored.tree = None;
    }

    /// What is stored of the room's other objects.
    #[must_use]
    pub fn tree(&self) -> Option<&str> {
        self.stored.tree.as_deref()
    }

    /// When the alarm goes off.
    #[must_use]
    pub fn alarm(&self) -> Option<Millis> {
        self.stored.alarm
    }

    /// The alarm begins to go off.
    pub fn fire(&mut self) {
        self.firing = self.stored.alarm.take();
    }

    /// The alarm has gone off. That it is over is written, too.
    pub fn has_fired(&mut self) {
        if self.firing.is_some() && self.stored.alarm.is_none() {
            self.begin_write();
        }
        self.firing = None;
    }

    /// How many revocations are stored.
    #[must_use]
    pub fn revocation_rows(&self) -> usize {
        self.stored.revocations.len()
    }

    /// The documents that the room knows, and whether each is open.
    pub fn documents(&self) -> impl Iterator<Item = (&DocId, bool)> {
        self.stored.documents.iter().map(|(document, is_open)| (document, *is_open))
    }

    /// The epoch of the newest journal that was ever begun.
    pub(crate) fn newest_epoch(&self) -> String {
        name_of_epoch(self.epochs)
    }

    /// The epoch of the journal, if there is one.
    pub(crate) fn epoch(&self) -> Option<&str> {
        self.stored.epoch.as_ref().map(Epoch::as_str)
    }

    /// The roster: each user, and when they leave unless they come back.
    pub(crate) fn roster(&self) -> impl Iterator<Item = (&UserId, Option<Millis>)> {
        self.stored.roster.iter().map(|(user, entry)| (user, entry.leaves_at))
    }

    /// What the last connections have said of the users who may come back: the connection, and JSON.
    pub(crate) fn last_data(&self) -> impl Iterator<Item = (&UserId, &str, &str)> {
        self.stored.roster.iter().filter_map(|(user, entry)| {
            let LastData { connection_id, data } = entry.last.as_ref()?;
            Some((user, connection_id.as_str(), data.as_json()))
        })
    }

    /// The oldest event that is written, if there is any, and the newest there was; 0 before the first.
    pub(crate) fn range(&self) -> (Option<Seq>, Seq) {
        let first = |page: Page| page.events().flatten().next().map(|event| event.seq);
        let newest = self.stored.pages().next_back().map_or(0, |page| page.newest());
        (self.stored.pages().find_map(first), newest)
    }

    /// When the oldest event was published, if there is any.
    #[must_use]
    pub fn oldest_at(&self) -> Option<Millis> {
        self.stored.pages().find_map(|page| page.oldest_at())
    }

    /// Hands out the events that are written, in order.
    pub fn each_event(&self, mut take: impl FnMut(Option<KeptEvent<'_>>)) {
        self.stored.pages().for_each(|page| page.events().for_each(&mut take));
    }

    /// The newest event that is written and can't be lost any more; 0 before the first. `None` without a history.
    #[must_use]
    pub fn newest_durable(&self) -> Option<Seq> {
        self.newest_durable_of(self.durable())
    }

    /// The same once so many writes are durable.
    pub(crate) fn newest_durable_of(&self, writes: usize) -> Option<Seq> {
        let more = writes.saturating_sub(self.durable());
        let durable = self.before.get(more).unwrap_or(&self.stored);
        durable.epoch.as_ref()?;
        Some(durable.pages().next_back().map_or(0, |page| page.newest()))
    }

    /// How many pages the journal has.
    #[must_use]
    pub fn pages(&self) -> usize {
        self.stored.pages.len()
    }
}

/// What the epoch of a journal is called, by its number.
pub(super) fn name_of_epoch(number: u64) -> String {
    format!("epoch{number}")
}
