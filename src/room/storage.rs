//! The port to everything that outlives the object: the journal and the roster in its key-value storage, the removals,
//! the key epoch, the revocations and the documents in tables of its SQLite, and its alarm.

use std::rc::Rc;

use validiant_core::Millis;
use validiant_core::encryption::KeyEpoch;
use validiant_core::member::User;
use validiant_core::names::{ConnectionId, DocId, UserId, UserName};
use validiant_core::ports::{
    DocumentNote, Documents, Exclusion, Gate, RosterEntry, Storage, StorageFailed, Write,
};
use validiant_core::presence_data::{LastData, PresenceData};
use validiant_core::room_call::erasure::Erasure;
use validiant_core::room_call::revocation::{Revocation, Scope};
use validiant_core::settings::LogLevel;
use worker::js_sys::{Array, Error, Uint8Array};
use worker::wasm_bindgen::prelude::*;
use worker::worker_sys::{DurableObjectState, DurableObjectStorage};

use super::pages;
use super::sql::{self, Values, number};
use crate::log;

// Constant texts, because the runtime caches a prepared statement by its text.
const TABLES: &str = "SELECT name FROM sqlite_master WHERE type = 'table'";

const CREATE_REMOVALS: &str = "CREATE TABLE IF NOT EXISTS removals (user_id TEXT PRIMARY KEY, \
     until INTEGER NOT NULL) WITHOUT ROWID";
const SAVE_REMOVAL: &str = "INSERT OR REPLACE INTO removals VALUES (?, ?)";
const DROP_REMOVALS: &str = "DELETE FROM removals WHERE until <= ?";
const LOAD_REMOVALS: &str = "SELECT user_id, until FROM removals";

const CREATE_KEY_EPOCH: &str =
    "CREATE TABLE IF NOT EXISTS key_epoch (id INTEGER PRIMARY KEY, least INTEGER NOT NULL)";
const SAVE_KEY_EPOCH: &str = "INSERT OR REPLACE INTO key_epoch VALUES (1, ?)";
const LOAD_KEY_EPOCH: &str = "SELECT least FROM key_epoch";

const CREATE_REVOCATIONS: &str = "CREATE TABLE IF NOT EXISTS revocations (kind INTEGER NOT NULL, \
     name TEXT NOT NULL, before INTEGER NOT NULL, PRIMARY KEY (kind, name)) WITHOUT ROWID";
const SAVE_REVOCATION: &str = "INSERT OR REPLACE INTO revocations VALUES (?, ?, ?)";
const DROP_REVOCATIONS: &str = "DELETE FROM revocations WHERE kind <> 0 AND before < ?";
const LOAD_REVOCATIONS: &str = "SELECT kind, name, before FROM revocations";

const CREATE_DOCUMENTS: &str = "CREATE TABLE IF NOT EXISTS documents (id TEXT PRIMARY KEY, \
     open INTEGER NOT NULL) WITHOUT ROWID";
const OPEN_DOCUMENT: &str = "INSERT INTO documents VALUES (?, 1) ON CONFLICT DO UPDATE SET open = 1 \
     WHERE open = 0";
const KEEP_DOCUMENT: &str = "INSERT OR IGNORE INTO documents VALUES (?, 0)";
const CLOSE_DOCUMENT: &str = "UPDATE documents SET open = 0 WHERE id = ? AND open = 1";
const DROP_DOCUMENT: &str = "DELETE FROM documents WHERE id = ?";
const LOAD_OPEN_DOCUMENTS: &str = "SELECT id FROM documents WHERE open = 1";
const LOAD_DOCUMENTS: &str = "SELECT id FROM documents";

const CREATE_TREE: &str =
    "CREATE TABLE IF NOT EXISTS tree (id INTEGER PRIMARY KEY, objects TEXT NOT NULL)";
const SAVE_TREE: &str = "INSERT OR REPLACE INTO tree VALUES (1, ?)";
const DROP_TREE: &str = "DROP TABLE IF EXISTS tree";
const LOAD_TREE: &str = "SELECT objects FROM tree";

/// What an earlier version kept, in tables.
pub const ERASE_OLD: &str =
    "DROP TABLE IF EXISTS journal; DROP TABLE IF EXISTS epoch; DROP TABLE IF EXISTS roster;";
const ERASE_ALL: &str = "DROP TABLE IF EXISTS journal; DROP TABLE IF EXISTS epoch; \
     DROP TABLE IF EXISTS roster; DROP TABLE IF EXISTS removals; DROP TABLE IF EXISTS key_epoch; \
     DROP TABLE IF EXISTS revocations";

/// The tables that a room can have in its storage. A table is created when something is first written to it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Table {
    Removals,
    KeyEpoch,
    Revocations,
    Documents,
    Tree,
    /// Of an earlier version.
    Journal,
}

const TABLE_NAMES: [(Table, &str); 6] = [
    (Table::Removals, "removals"),
    (Table::KeyEpoch, "key_epoch"),
    (Table::Revocations, "revocations"),
    (Table::Documents, "documents"),
    (Table::Tree, "tree"),
    (Table::Journal, "journal"),
];

/// The object's storage.
pub struct RuntimeStorage {
    state: Rc<DurableObjectState>,
    storage: DurableObjectStorage,
    log_level: LogLevel,
    /// The existing tables; read on first use.
    tables: Option<Vec<Table>>,
}

impl RuntimeStorage {
    pub fn new(
        state: Rc<DurableObjectState>,
        storage: DurableObjectStorage,
        log_level: LogLevel,
    ) -> Self {
        Self { state, storage, log_level, tables: None }
    }

    pub fn state(&self) -> &DurableObjectState {
        &self.state
    }

    /// Whether a table exists.
    pub fn has(&mut self, table: Table) -> Result<bool, StorageFailed> {
        if self.tables.is_none() {
            let names = self.load("load_tables", TABLES, &[], |values| {
                let name = values.next()?;
                Some(TABLE_NAMES.iter().find(|(_, known)| *known == name).map(|(table, _)| *table))
            })?;
            self.tables = Some(names.into_iter().flatten().collect());
        }
        Ok(self.tables.iter().flatten().any(|made| *made == table))
    }

    /// The tables have changed.
    pub fn forget_tables(&mut self) {
        self.tables = None;
    }

    pub fn logged<T>(&self, action: &str, result: Result<T, JsValue>) -> Result<T, StorageFailed> {
        result.map_err(|thrown| {
            log::failure(self.log_level, None, action, &thrown);
            StorageFailed
        })
    }

    /// The value read, or an error if it was not written by this server.
    pub fn understood<T>(&self, action: &str, read: Option<T>) -> Result<T, StorageFailed> {
        self.logged(action, read.ok_or_else(|| Error::new("can't be read").into()))
    }

    /// Runs a statement that returns no rows.
    pub fn run(
        &self,
        action: &str,
        statement: &str,
        bindings: &[JsValue],
    ) -> Result<(), StorageFailed> {
        let bindings: Array = bindings.iter().collect();
        self.logged(action, self.storage.sql().exec(statement, bindings)).map(|_| ())
    }

    /// Runs a statement, and reads the rows that it returns.
    pub fn load<T>(
        &self,
        action: &str,
        statement: &str,
        bindings: &[JsValue],
        parse: impl Fn(&mut Values<'_>) -> Option<T>,
    ) -> Result<Vec<T>, StorageFailed> {
        let rows = self.logged(action, sql::rows(&self.storage, statement, bindings))?;
        self.understood(action, sql::parse(&rows, parse))
    }

    fn make(&mut self, table: Table, create: &str) -> Result<(), StorageFailed> {
        if !self.has(table)? {
            self.run("create_table", create, &[])?;
            self.forget_tables();
        }
        Ok(())
    }
}

impl Storage for RuntimeStorage {
    fn load_roster(&mut self) -> Vec<RosterEntry> {
        let entries = self.logged("load_roster", pages::roster(&self.state)).unwrap_or_default();
        sql::parse(&entries, roster_entry).unwrap_or_default()
    }

    fn write(&mut self, write: &Write<'_>, gate: Gate) -> Result<(), StorageFailed> {
        let changes = pages::changes();
        for page in &write.pages {
            let text = Uint8Array::from(page.as_text().as_bytes());
            pages::set_page(&changes, pages::number(page.key), Some(text));
        }
        for key in &write.dropped {
            pages::set_page(&changes, pages::number(*key), None);
        }
        for (user, entry) in &write.roster {
            let text = entry.as_ref().map(roster_text);
            pages::set_user(&changes, user.as_str(), text.as_deref());
        }
        match gate {
            Gate::Open => {
                pages::write_unconfirmed(&self.state, &changes);
                Ok(())
            }
            Gate::Closed => {
                let thrown = pages::write_first(&self.state, &changes);
                let written = if thrown.is_undefined() { Ok(()) } else { Err(thrown) };
                self.logged("write", written)
            }
        }
    }

    fn load_removals(&mut self) -> Result<Vec<(UserId, Millis)>, StorageFailed> {
        if !self.has(Table::Removals)? {
            return Ok(Vec::new());
        }
        self.load("load_removals", LOAD_REMOVALS, &[], removal)
    }

    fn load_key_epoch(&mut self) -> Result<KeyEpoch, StorageFailed> {
        if !self.has(Table::KeyEpoch)? {
            return Ok(0);
        }
        let epochs =
            self.load("load_key_epoch", LOAD_KEY_EPOCH, &[], |values| values.next()?.parse().ok())?;
        self.understood("load_key_epoch", epochs.first().copied())
    }

    fn save_exclusion(&mut self, exclusion: Exclusion<'_>) -> Result<(), StorageFailed> {
        let Exclusion { until, min_key_epoch } = exclusion;
        let (writes, mut make) = (Array::new(), |table, create| self.make(table, create));
        if let Some((user, until)) = until {
            make(Table::Removals, CREATE_REMOVALS)?;
            sql::push(&writes, SAVE_REMOVAL, &[user.as_str().into(), number(until)]);
        }
        if let Some(epoch) = min_key_epoch {
            make(Table::KeyEpoch, CREATE_KEY_EPOCH)?;
            sql::push(&writes, SAVE_KEY_EPOCH, &[number(epoch.into())]);
        }
        self.logged("save_exclusion", sql::run_all(&self.storage, &writes))
    }

    fn drop_removals(&mut self, now: Millis) -> Result<(), StorageFailed> {
        self.run("drop_removals", DROP_REMOVALS, &[number(now)])
    }

    fn load_revocations(&mut self) -> Result<Vec<Revocation>, StorageFailed> {
        if !self.has(Table::Revocations)? {
            return Ok(Vec::new());
        }
        self.load("load_revocations", LOAD_REVOCATIONS, &[], revocation)
    }

    fn save_revocation(
        &mut self,
        Revocation { scope, before }: &Revocation,
    ) -> Result<(), StorageFailed> {
        self.make(Table::Revocations, CREATE_REVOCATIONS)?;
        let bindings = [scope.kind().into(), scope.name().into(), number(*before)];
        self.run("save_revocation", SAVE_REVOCATION, &bindings)
    }

    fn drop_revocations(&mut self, time: Millis) -> Result<(), StorageFailed> {
        self.run("drop_revocations", DROP_REVOCATIONS, &[number(time)])
    }

    fn note_document(&mut self, document: &DocId, note: DocumentNote) -> Result<(), StorageFailed> {
        let statement = match note {
            DocumentNote::Opened => OPEN_DOCUMENT,
            DocumentNote::Exists => KEEP_DOCUMENT,
            DocumentNote::Closed => CLOSE_DOCUMENT,
            DocumentNote::Gone => DROP_DOCUMENT,
        };
        self.make(Table::Documents, CREATE_DOCUMENTS)?;
        self.run("note_document", statement, &[document.as_str().into()])
    }

    fn load_documents(&mut self, which: Documents) -> Result<String, StorageFailed> {
        if !self.has(Table::Documents)? {
            return Ok(String::new());
        }
        let statement = match which {
            Documents::Open => LOAD_OPEN_DOCUMENTS,
            Documents::All => LOAD_DOCUMENTS,
        };
        self.logged("load_documents", sql::rows(&self.storage, statement, &[]))
    }

    fn load_tree(&mut self) -> Result<Option<String>, StorageFailed> {
        if !self.has(Table::Tree)? {
            return Ok(None);
        }
        // One row of one value, which may have separators in it.
        let objects = self.logged("load_tree", sql::rows(&self.storage, LOAD_TREE, &[]))?;
        Ok(Some(objects).filter(|objects| !objects.is_empty()))
    }

    fn save_tree(&mut self, tree: Option<&str>) -> Result<(), StorageFailed> {
        let Some(objects) = tree else {
            self.run("drop_tree", DROP_TREE, &[])?;
            self.forget_tables();
            return Ok(());
        };
        self.make(Table::Tree, CREATE_TREE)?;
        self.run("save_tree", SAVE_TREE, &[objects.into()])
    }

    fn erase_room(&mut self, erasure: Erasure) -> Result<(), StorageFailed> {
        let statements = match erasure {
            Erasure::ButRefusals => ERASE_OLD,
            Erasure::All => ERASE_ALL,
        };
        self.logged("erase_room", pages::erase_and(&self.state, statements))?;
        self.forget_tables();
        Ok(())
    }

    fn set_alarm(&mut self, at: Millis) {
        // Before what waits for it is written, so that an alarm is lost only together with that.
        let _ = self.logged("set_alarm", pages::set_alarm(&self.state, at as f64));
    }
}

/// The id, the name, when they joined, when they leave unless they come back, and their last connection with its data.
///
/// A new version of the Worker reads what the old one wrote, and the other way round, so values are only ever added at the
/// end.
fn roster_text(entry: &RosterEntry) -> String {
    let RosterEntry { user, joined_at, leaves_at, last } = entry;
    let name = user.name.as_ref().map_or("", UserName::as_str);
    let joined_at = joined_at.to_string();
    let leaves_at = leaves_at.map_or(String::new(), |at| at.to_string());
    let mut values = vec![user.id.as_str(), name, &joined_at, &leaves_at];
    if let Some(LastData { connection_id, data }) = last {
        values.extend([connection_id.as_str(), data.as_json()]);
    }
    values.join(sql::VALUE_END)
}

fn roster_entry(values: &mut Values<'_>) -> Option<RosterEntry> {
    let id = UserId::parse(values.next()?).ok()?;
    let name = UserName::parse(values.next()?).ok();
    let joined_at = values.next()?.parse().ok()?;
    let leaves_at = values.next()?.parse().ok();
    let last = last_data(values);
    // Whether they are verified is known again when they come back.
    Some(RosterEntry { user: User::unverified(id, name), joined_at, leaves_at, last })
}

fn last_data(values: &mut Values<'_>) -> Option<LastData> {
    let connection_id = ConnectionId::parse(values.next()?).ok()?;
    Some(LastData { connection_id, data: PresenceData::parse(values.next()?)? })
}

fn removal(values: &mut Values<'_>) -> Option<(UserId, Millis)> {
    Some((UserId::parse(values.next()?).ok()?, values.next()?.parse().ok()?))
}

fn revocation(values: &mut Values<'_>) -> Option<Revocation> {
    let scope = Scope::from_parts(values.next()?, values.next()?)?;
    Some(Revocation { scope, before: values.next()?.parse().ok()? })
}
