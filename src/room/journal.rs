//! The port to the journal (P7): a ring of rows in the object's SQLite, one for each kept event. A new event overwrites
//! the row of the oldest one, so the file does not grow, and one row is written per event.

use std::ops::RangeInclusive;

use js_sys::Array;
use validiant_core::Millis;
use validiant_core::audience::Audience;
use validiant_core::names::{Epoch, IdempotencyKey};
use validiant_core::ports::{
    Journal, KeptEvent, KeptPublication, NewEvent, OpenedJournal, StorageFailed,
};
use validiant_core::position::Seq;
use wasm_bindgen::prelude::*;

use super::sql::{self, Values, number};
use super::storage::{RuntimeStorage, Table};
use crate::runtime;

const CREATE_EPOCH: &str = "CREATE TABLE IF NOT EXISTS epoch (epoch TEXT NOT NULL)";
const SAVE_EPOCH: &str = "INSERT INTO epoch SELECT ? WHERE NOT EXISTS (SELECT 1 FROM epoch)";
// In the order of seq, so that the first and the last are found without a scan. The frame is last, so that the columns
// before it can be read without it.
const CREATE: &str = "CREATE TABLE IF NOT EXISTS journal (seq INTEGER PRIMARY KEY, \
     at INTEGER NOT NULL, key TEXT, events INTEGER, audience TEXT NOT NULL, frame TEXT NOT NULL)";
const OPEN: &str = "SELECT (SELECT epoch FROM epoch), \
     (SELECT min(seq) FROM journal), (SELECT max(seq) FROM journal)";
const INSERT: &str = "INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?)";
const REPLACE: &str = "UPDATE journal \
     SET seq = ?, at = ?, key = ?, events = ?, audience = ?, frame = ? WHERE seq = ?";
const READ: &str = "SELECT at, audience, frame, octet_length(frame) FROM journal \
     WHERE seq BETWEEN ? AND ? ORDER BY seq";
const NEWEST_UNTIL: &str = "SELECT ifnull(max(seq), 0) FROM journal WHERE at <= ?";
const PUBLICATIONS: &str =
    "SELECT key, seq, events, at FROM journal WHERE key IS NOT NULL ORDER BY seq";
const DROP_UNTIL: &str = "DELETE FROM journal WHERE seq <= ?";
const ERASE: &str = "DROP TABLE IF EXISTS journal; DROP TABLE IF EXISTS epoch";

impl Journal for RuntimeStorage {
    fn open(&mut self) -> Result<OpenedJournal, StorageFailed> {
        if !self.has(Table::Journal)? {
            self.create_journal()?;
        }
        let opened = self.load("open_journal", OPEN, &[], opened)?;
        opened.into_iter().next().ok_or(StorageFailed)
    }

    fn append(&mut self, events: &[NewEvent<'_>]) -> Result<(), StorageFailed> {
        let rows = events.iter().map(row_of).collect();
        let thrown = sql::write(self.raw(), INSERT, REPLACE, &rows);
        self.logged("append_to_journal", if thrown.is_undefined() { Ok(()) } else { Err(thrown) })
    }

    fn read(
        &self,
        range: RangeInclusive<Seq>,
        max_bytes: usize,
    ) -> Result<Option<Vec<KeptEvent>>, StorageFailed> {
        let bindings = [number(*range.start()), number(*range.end())];
        let rows = sql::rows_up_to(self.raw(), READ, max_bytes, &bindings);
        match self.logged("read_journal", rows)? {
            Some(rows) => self.understood("read_journal", sql::parse(&rows, kept_event)).map(Some),
            None => Ok(None),
        }
    }

    fn newest_until(&self, time: Millis) -> Result<Seq, StorageFailed> {
        let newest = self.load("read_journal", NEWEST_UNTIL, &[number(time)], value::<Seq>)?;
        newest.into_iter().next().ok_or(StorageFailed)
    }

    fn publications(&self) -> Result<Vec<KeptPublication>, StorageFailed> {
        self.load("read_journal", PUBLICATIONS, &[], kept_publication)
    }

    fn drop_until(&mut self, seq: Seq) -> Result<(), StorageFailed> {
        self.run("shorten_journal", DROP_UNTIL, &[number(seq)])
    }

    fn erase_all(&mut self) -> Result<(), StorageFailed> {
        if self.has(Table::Journal)? {
            self.run("erase_journal", ERASE, &[])?;
            self.unmade(Table::Journal);
        }
        Ok(())
    }
}

impl RuntimeStorage {
    /// The journal's table is created last: if it exists, so does the epoch.
    fn create_journal(&mut self) -> Result<(), StorageFailed> {
        self.run("create_journal", CREATE_EPOCH, &[])?;
        self.run("create_journal", SAVE_EPOCH, &[fresh_epoch()])?;
        self.run("create_journal", CREATE, &[])?;
        self.made(Table::Journal);
        Ok(())
    }
}

/// The last 48 bits of a version 4 UUID, which are all random.
fn fresh_epoch() -> JsValue {
    let uuid = runtime::random_uuid();
    uuid.rsplit('-').next().unwrap_or_default().into()
}

/// The row of an event for `sql::write`.
fn row_of(event: &NewEvent<'_>) -> Array {
    let NewEvent { seq, replaces, at, audience, frame, publication } = event;
    let (key, events) = publication.map_or((JsValue::NULL, JsValue::NULL), |(key, events)| {
        (key.as_str().into(), number(events as u64))
    });
    let replaces = replaces.map_or(JsValue::UNDEFINED, number);
    let audience = audience.to_text().into();
    let row = [replaces, number(*seq), number(*at), key, events, audience, (*frame).into()];
    row.into_iter().collect()
}

fn value<T: std::str::FromStr>(values: &mut Values<'_>) -> Option<T> {
    values.next()?.parse().ok()
}

fn opened(values: &mut Values<'_>) -> Option<OpenedJournal> {
    let epoch = Epoch::parse(values.next()?).ok()?;
    let kept = value(values).zip(value(values));
    Some(OpenedJournal { epoch, kept })
}

fn kept_event(values: &mut Values<'_>) -> Option<KeptEvent> {
    let at = value(values)?;
    let audience = Audience::parse(values.next()?)?;
    Some(KeptEvent { at, audience, frame: values.next()?.to_owned() })
}

fn kept_publication(values: &mut Values<'_>) -> Option<KeptPublication> {
    let key = IdempotencyKey::parse(values.next()?).ok()?;
    Some(KeptPublication { key, last: value(values)?, events: value(values)?, at: value(values)? })
}
