//! The storage in memory.

use std::collections::BTreeMap;
use std::rc::Rc;

use validiant_core::Millis;
use validiant_documents::ports::{Key, Row, Seq, Storage, StorageFailed, Write};

use super::Shared;

/// The rows, numbers and alarm of one object: as they are, and as they would be after a crash.
#[derive(Default)]
pub struct Disk {
    now: State,
    durable: State,
    /// The states after each turn that has written, and is not durable yet.
    turns: Vec<State>,
    is_in_turn: bool,
    /// How many turns that have written are durable.
    durable_turns: usize,
    /// As the runtime counts them: dropped rows and alarms, too.
    pub rows_written: usize,
    /// The next writes fail.
    pub is_full: bool,
    /// See [`super::Flaw::TornSwitch`].
    pub tears_switches: bool,
    /// See [`super::Flaw::ShortLog`].
    pub hides_newest: bool,
}

#[derive(Clone, Default)]
struct State {
    rows: BTreeMap<Seq, Rc<Row>>,
    numbers: BTreeMap<&'static str, u64>,
    alarm: Option<Millis>,
}

impl Disk {
    /// Everything that was written in the turn becomes durable together.
    pub fn end_turn(&mut self) {
        if std::mem::take(&mut self.is_in_turn) {
            self.turns.push(self.now.clone());
        }
    }

    /// Everything is durable.
    pub fn confirm(&mut self) {
        self.end_turn();
        self.crash(usize::MAX);
    }

    /// The first `some` turns that are not durable become so.
    pub fn confirm_some(&mut self, some: usize) {
        let some = some.min(self.turns.len());
        self.durable_turns += some;
        if let Some(state) = self.turns.drain(..some).next_back() {
            self.durable = state;
        }
    }

    /// Only the first `left` turns that are not durable reach the disk.
    pub fn crash(&mut self, left: usize) {
        self.confirm_some(left);
        self.turns.clear();
        self.is_in_turn = false;
        self.now = self.durable.clone();
    }

    /// The rows of the oldest turn that is not durable are lost, and nothing else.
    pub fn lose_beginning(&mut self) {
        self.end_turn();
        let Some(first) = self.turns.first() else { return };
        let lost: Vec<Seq> = first.rows.keys().copied().collect();
        let kept = &self.durable.rows;
        for seq in lost.into_iter().filter(|seq| !kept.contains_key(seq)) {
            self.now.rows.remove(&seq);
        }
        self.is_in_turn = true;
        self.confirm();
    }

    /// How many turns are not durable.
    pub fn pending(&self) -> usize {
        self.turns.len() + usize::from(self.is_in_turn)
    }

    /// How many turns must be durable before something that is sent now leaves.
    pub fn gate(&self) -> usize {
        self.durable_turns + self.pending()
    }

    pub fn durable_turns(&self) -> usize {
        self.durable_turns
    }

    pub fn alarm(&self) -> Option<Millis> {
        self.now.alarm
    }

    /// The alarm goes off.
    pub fn fire(&mut self) {
        self.now.alarm = None;
        self.is_in_turn = true;
    }

    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.now.rows.values().map(AsRef::as_ref)
    }

    pub fn number(&self, key: Key) -> u64 {
        self.now.numbers.get(key.name()).copied().unwrap_or_default()
    }

    /// Damages a row.
    pub fn damage(&mut self, seq: Seq) {
        if let Some(row) = self.now.rows.get_mut(&seq) {
            *row = Rc::new(Row { data: vec![0xff; row.data.len()], ..Row::clone(row) });
        }
        self.is_in_turn = true;
    }

    fn write(&mut self, write: &Write<'_>) {
        self.is_in_turn = true;
        self.rows_written += write.rows.len() + write.numbers.len();
        let is_torn = self.tears_switches && write.drop_before.is_some();
        for row in write.rows.iter().filter(|_| !is_torn) {
            let stored = Row {
                seq: row.seq,
                ends: row.ends,
                changed_at: row.changed_at,
                data: row.data.to_vec(),
            };
            self.now.rows.insert(row.seq, Rc::new(stored));
        }
        for (key, number) in &write.numbers {
            self.now.numbers.insert(key.name(), *number);
        }
        if let Some(seq) = write.drop_before {
            let kept = self.now.rows.split_off(&seq);
            self.rows_written += self.now.rows.len();
            self.now.rows = kept;
        }
    }
}

/// The port to the disk.
pub struct MemoryStorage(pub Shared);

impl Storage for MemoryStorage {
    fn number(&mut self, key: Key) -> Result<u64, StorageFailed> {
        Ok(self.0.borrow().disk.number(key))
    }

    fn rows(&mut self, from: Seq) -> Result<Vec<Row>, StorageFailed> {
        let disk = &self.0.borrow().disk;
        let mut rows: Vec<Row> =
            disk.now.rows.range(from..).map(|(_, row)| Row::clone(row)).collect();
        if disk.hides_newest && rows.len() > 1 {
            rows.pop();
        }
        Ok(rows)
    }

    fn changed_at(&mut self) -> Result<Option<Millis>, StorageFailed> {
        Ok(self.0.borrow().disk.now.rows.values().last().map(|row| row.changed_at))
    }

    fn write(&mut self, write: &Write<'_>) -> Result<(), StorageFailed> {
        let disk = &mut self.0.borrow_mut().disk;
        if disk.is_full {
            return Err(StorageFailed);
        }
        disk.write(write);
        Ok(())
    }

    fn erase(&mut self) -> Result<(), StorageFailed> {
        let disk = &mut self.0.borrow_mut().disk;
        if disk.is_full {
            return Err(StorageFailed);
        }
        disk.is_in_turn = true;
        disk.now = State::default();
        Ok(())
    }

    fn set_alarm(&mut self, at: Millis) {
        let disk = &mut self.0.borrow_mut().disk;
        disk.is_in_turn = true;
        disk.rows_written += 1;
        disk.now.alarm = Some(at);
    }
}
