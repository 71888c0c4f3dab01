//! Updates that leave at once, and are stored a little later, together (P13.5).
//!
//! Rows are the price of text. So what several people type within a few seconds becomes one row, which is the newest one
//! again while that is short. Who has sent an update hears when it is stored.

use validiant_core::Millis;
use validiant_core::member::SocketId;

use super::Document;
use super::edit::Edit;
use super::log::{self, Health, Log, Stored};
use crate::ports::{Key, Sockets, Storage, StorageFailed, Write};
use crate::sealed::{entries_frame, kept};
use crate::update::{Contents, merge};
use crate::visitor::Visitor;

/// The shortest time between two writes, unless somebody leaves.
pub const BETWEEN_WRITES_MS: Millis = 6_000;

/// What is not stored yet, in the order in which it came.
pub(super) struct Unwritten<F> {
    messages: Vec<Message<F>>,
    written_at: Option<Millis>,
    changed_at: Millis,
}

/// A message whose sender waits, or that has something to store.
struct Message<F> {
    from: SocketId,
    frame: F,
    acknowledgement: Acknowledgement,
    /// Where in the frame the update begins; `None` if there is nothing new in it.
    update_at: Option<usize>,
}

/// What the sender gets once its message is stored.
enum Acknowledgement {
    Nothing,
    /// The message.
    Itself,
    /// The number of the entry, with the client's name for it.
    Kept {
        id: u64,
        seq: u64,
    },
}

impl<F> Default for Unwritten<F> {
    fn default() -> Self {
        Self { messages: Vec::new(), written_at: None, changed_at: 0 }
    }
}

impl<F: AsRef<[u8]>> Unwritten<F> {
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    pub fn clear(&mut self) {
        self.messages.clear();
    }

    /// An update that must be stored, and is acknowledged then unless it is an answer.
    pub fn push(&mut self, from: SocketId, edit: Edit<F>, now: Millis) {
        let Edit { frame, update_at, is_answer } = edit;
        let acknowledgement =
            if is_answer { Acknowledgement::Nothing } else { Acknowledgement::Itself };
        self.changed_at = now;
        self.messages.push(Message { from, frame, acknowledgement, update_at: Some(update_at) });
    }

    /// An entry of an encrypted log, in the frame that the others get.
    pub fn push_entry(&mut self, from: SocketId, frame: F, (id, seq): (u64, u64), now: Millis) {
        self.changed_at = now;
        self.messages.push(Message {
            from,
            frame,
            acknowledgement: Acknowledgement::Kept { id, seq },
            update_at: Some(entries_frame().len()),
        });
    }

    /// Whether anything was written since the document woke.
    pub fn was_written(&self) -> bool {
        self.written_at.is_some()
    }

    pub fn len(&self) -> usize {
        self.messages.len()
    }

    /// A message in which nothing is new, but that is not acknowledged before what came earlier.
    pub fn push_known(&mut self, from: SocketId, frame: F) {
        let acknowledgement = Acknowledgement::Itself;
        self.messages.push(Message { from, frame, acknowledgement, update_at: None });
    }

    /// Whether anything came on one of these sockets.
    pub fn has_any_of(&self, sockets: &[(SocketId, Visitor)]) -> bool {
        self.messages.iter().any(|it| sockets.iter().any(|(socket, _)| *socket == it.from))
    }

    /// All updates.
    pub fn updates(&self) -> impl Iterator<Item = &[u8]> {
        self.messages.iter().filter_map(|message| message.frame.as_ref().get(message.update_at?..))
    }
}

impl<S: Sockets, T: Storage> Document<S, T> {
    /// Writes what has gathered, if it is time: see [`super::Due::write_in`]. Then the senders get their updates back.
    pub fn write(&mut self, now: Millis) {
        if self.write_in(now) == Some(0) {
            // If it fails, the document is reset.
            let _ = self.write_all(now);
        }
    }

    /// In how many milliseconds to write; `None` if there is nothing to write.
    pub(super) fn write_in(&self, now: Millis) -> Option<Millis> {
        if self.unwritten.is_empty() {
            return None;
        }
        // Later than now only if the clock was set back.
        let last = self.unwritten.written_at.filter(|at| *at <= now);
        Some(last.map_or(0, |at| at.saturating_add(BETWEEN_WRITES_MS).saturating_sub(now)))
    }

    /// Writes what has gathered, at once.
    pub(super) fn write_all(&mut self, now: Millis) -> Result<(), StorageFailed> {
        if self.unwritten.is_empty() {
            return Ok(());
        }
        self.log()?;
        let Self { log, unwritten, .. } = self;
        let updates: Vec<&[u8]> = unwritten.updates().collect();
        if let Some(log) = log.as_ref().filter(|_| !updates.is_empty()) {
            let stored = together(log, &updates, unwritten.changed_at);
            self.store(stored)?;
            self.unwritten.written_at = Some(now);
            self.arm_telling(now);
            self.consider_compaction_of_long_log();
        }
        for message in std::mem::take(&mut self.unwritten.messages) {
            let Message { from, frame, acknowledgement, .. } = message;
            match acknowledgement {
                Acknowledgement::Nothing => {}
                Acknowledgement::Itself => self.sockets.send(from, &frame),
                Acknowledgement::Kept { id, seq } => self.sockets.send(from, &kept(id, seq).into()),
            }
        }
        Ok(())
    }

    /// Stores updates, in place of the newest row or after it.
    pub(super) fn store(&mut self, updates: Vec<Stored>) -> Result<(), StorageFailed> {
        let rows =
            updates.iter().flat_map(|it| log::rows(&it.data, it.seq, it.changed_at)).collect();
        // An encrypted log is known as one as soon as there is anything in it.
        let log = self.log()?;
        let begun = log.sealed.filter(|_| log.bytes == 0).map(|it| (Key::Sealed, it.began));
        self.put(&Write { rows, numbers: begun.into_iter().collect(), ..Write::default() })?;
        let log = self.log()?;
        updates.into_iter().for_each(|update| log.has_stored(update));
        Ok(())
    }

    pub(super) fn put(&mut self, write: &Write<'_>) -> Result<(), StorageFailed> {
        self.storage.write(write).inspect_err(|_| self.must_be_reset = true)
    }
}

/// The updates in as few as possible: one, in which the newest row is merged too, if there is no doubt about it.
fn together(log: &Log, updates: &[&[u8]], changed_at: Millis) -> Vec<Stored> {
    let newest = log.newest.as_ref();
    let seq = newest.map_or(log.next, |newest| newest.seq);
    let parts: Vec<&[u8]> =
        newest.map(|it| it.data.as_slice()).into_iter().chain(updates.iter().copied()).collect();
    let merged = match log.health {
        Health::Sound if log.sealed.is_some() => Some(parts.concat()),
        Health::Sound => merged(&parts),
        _ => None,
    };
    match merged {
        Some(data) => vec![Stored { seq, changed_at, data }],
        None => one_by_one(log.next, updates, changed_at),
    }
}

fn one_by_one(mut seq: u64, updates: &[&[u8]], changed_at: Millis) -> Vec<Stored> {
    let stored = |update: &&[u8]| {
        let stored = Stored { seq, changed_at, data: update.to_vec() };
        seq += log::rows_of(update.len());
        stored
    };
    updates.iter().map(stored).collect()
}

/// The updates merged, if everything in them is in the result.
pub(super) fn merged(updates: &[&[u8]]) -> Option<Vec<u8>> {
    if let [update] = updates {
        return Some(update.to_vec());
    }
    let merged = merge(updates).ok()?;
    let result = Contents::of(&merged).ok()?;
    let is_in =
        |update: &&[u8]| Contents::of(update).is_ok_and(|contents| result.covers(&contents));
    updates.iter().all(is_in).then_some(merged)
}
