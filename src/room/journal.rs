//! The port to the journal (P7): a ring of rows in the object's SQLite, one for each kept event. A new event overwrites
//! the row of the oldest one, so the file does not grow, and one row is written per event.

use std::ops::RangeInclusive;

use validiant_core::Millis;
use validiant_core::names::{Epoch, IdempotencyKey};
use validiant_core::ports::{
    Journal, KeptEvent, KeptPublication, NewEvent, OpenedJournal, StorageFailed,
};
use validiant_core::position::Seq;
use validiant_core::publication::audience::Audience;
use worker::js_sys::Array;
use worker::wasm_bindgen::prelude::*;

use super::sql::{self, Values, number};
use super::storage::{RuntimeStorage, Table};
use crate::random;

const CREATE_EPOCH: &str = "CREATE TABLE IF NOT EXISTS epoch (epoch TEXT NOT NULL)";
// The rowid says whether an alarm is set while there are events: 2 if so, 1 in what an earlier version left.
const SAVE_EPOCH: &str =
    "INSERT INTO epoch (rowid, epoch) SELECT 2, ? WHERE NOT EXISTS (SELECT 1 FROM epoch)";
const WATCH: &str = "UPDATE epoch SET rowid = 2";
const WATCHED: u64 = 2;
// In the order of seq, so that the first and the last are found without a scan. The frame is last, so that the columns
// before it can be read without it.
const CREATE: &str = "CREATE TABLE IF NOT EXISTS journal (seq INTEGER PRIMARY KEY, \
     at INTEGER NOT NULL, key TEXT, events INTEGER, audience TEXT NOT NULL, frame TEXT NOT NULL)";
// When the newest event is dropped its row stays, for its number, with an `at` of 0.
const OPEN: &str = "SELECT epoch, rowid, (SELECT max(seq) FROM journal), first.seq, nullif(first.at, 0) \
     FROM epoch LEFT JOIN (SELECT seq, at FROM journal ORDER BY seq LIMIT 1) AS first LIMIT 1";
const OLDEST_AT: &str = "SELECT nullif(at, 0) FROM journal ORDER BY seq LIMIT 1";
const TIMES: &str = "SELECT at FROM journal WHERE seq BETWEEN ? AND ? ORDER BY seq";
const INSERT: &str = "INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?)";
const REPLACE: &str = "UPDATE journal \
     SET seq = ?, at = ?, key = ?, events = ?, audience = ?, frame = ? WHERE seq = ?";
const READ: &str = "SELECT at, audience, frame, octet_length(frame) FROM journal \
     WHERE seq BETWEEN ? AND ? ORDER BY seq";
const NEWEST_UNTIL: &str = "SELECT ifnull(max(seq), 0) FROM journal WHERE at <= ?";
const PUBLICATIONS: &str =
    "SELECT key, seq, events, at FROM journal WHERE key IS NOT NULL ORDER BY seq";
const DROP_UNTIL: &str =
    "DELETE FROM journal WHERE seq <= ? AND seq < (SELECT max(seq) FROM journal)";
const EMPTY_UNTIL: &str = "UPDATE journal \
     SET at = 0, key = NULL, events = NULL, audience = '', frame = '' WHERE seq <= ? AND at > 0";
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

    fn times(&self, range: RangeInclusive<Seq>) -> Result<Vec<Millis>, StorageFailed> {
        let bindings = [number(*range.start()), number(*range.end())];
        self.load("read_journal", TIMES, &bindings, value)
    }

    fn oldest_at(&mut self) -> Result<Option<Millis>, StorageFailed> {
        if !self.has(Table::Journal)? {
            return Ok(None);
        }
        let oldest = self.load("read_journal", OLDEST_AT, &[], |values| Some(value(values)))?;
        Ok(oldest.into_iter().next().flatten())
    }

    fn is_watched_from_now_on(&mut self) -> Result<(), StorageFailed> {
        self.run("watch_journal", WATCH, &[])
    }

    fn publications(&self) -> Result<Vec<KeptPublication>, StorageFailed> {
        self.load("read_journal", PUBLICATIONS, &[], kept_publication)
    }

    fn drop_until(&mut self, seq: Seq) -> Result<(), StorageFailed> {
        self.run("shorten_journal", DROP_UNTIL, &[number(seq)])?;
        self.run("shorten_journal", EMPTY_UNTIL, &[number(seq)])
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
        self.run("create_journal", SAVE_EPOCH, &[fresh_epoch()?])?;
        self.run("create_journal", CREATE, &[])?;
        self.made(Table::Journal);
        Ok(())
    }
}

/// The last 48 bits of a version 4 UUID, which are all random.
fn fresh_epoch() -> Result<JsValue, StorageFailed> {
    let uuid = random::uuid().ok_or(StorageFailed)?;
    Ok(uuid.rsplit('-').next().unwrap_or_default().into())
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
    let is_watched = value::<u64>(values)? >= WATCHED;
    let (newest, oldest) = (value(values), value(values));
    Some(OpenedJournal { epoch, kept: oldest.zip(newest), oldest_at: value(values), is_watched })
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
