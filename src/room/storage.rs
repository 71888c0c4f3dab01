//! The port to everything that outlives the object: the roster, the removals and the revocations in its SQLite, and its
//! alarm.

use validiant_core::Millis;
use validiant_core::member::User;
use validiant_core::names::{UserId, UserName};
use validiant_core::ports::{RosterEntry, Storage, StorageFailed};
use validiant_core::room_call::erasure::Erasure;
use validiant_core::room_call::revocation::{Revocation, Scope};
use validiant_core::settings::LogLevel;
use worker::js_sys::{Array, Date, Error};
use worker::wasm_bindgen::prelude::*;
use worker::worker_sys::DurableObjectStorage;

use super::sql::{self, Values, number};
use crate::log;

// Constant texts, because the runtime caches a prepared statement by its text.
const TABLES: &str = "SELECT name FROM sqlite_master WHERE type = 'table'";

const CREATE_ROSTER: &str = "CREATE TABLE IF NOT EXISTS roster (user_id TEXT PRIMARY KEY, \
     user_name TEXT, joined_at INTEGER NOT NULL, leaves_at INTEGER) WITHOUT ROWID";
const SAVE: &str = "INSERT OR REPLACE INTO roster VALUES (?, ?, ?, ?)";
const ERASE: &str = "DELETE FROM roster WHERE user_id = ?";
const LOAD: &str = "SELECT user_id, user_name, joined_at, leaves_at FROM roster";

const CREATE_REMOVALS: &str = "CREATE TABLE IF NOT EXISTS removals (user_id TEXT PRIMARY KEY, \
     until INTEGER NOT NULL) WITHOUT ROWID";
const SAVE_REMOVAL: &str = "INSERT OR REPLACE INTO removals VALUES (?, ?)";
const DROP_REMOVALS: &str = "DELETE FROM removals WHERE until <= ?";
const LOAD_REMOVALS: &str = "SELECT user_id, until FROM removals";

const CREATE_REVOCATIONS: &str = "CREATE TABLE IF NOT EXISTS revocations (kind INTEGER NOT NULL, \
     name TEXT NOT NULL, before INTEGER NOT NULL, PRIMARY KEY (kind, name)) WITHOUT ROWID";
const SAVE_REVOCATION: &str = "INSERT OR REPLACE INTO revocations VALUES (?, ?, ?)";
const DROP_REVOCATIONS: &str = "DELETE FROM revocations WHERE kind <> 0 AND before < ?";
const LOAD_REVOCATIONS: &str = "SELECT kind, name, before FROM revocations";

const ERASE_BUT_REFUSALS: &str =
    "DROP TABLE IF EXISTS roster; DROP TABLE IF EXISTS journal; DROP TABLE IF EXISTS epoch";
const ERASE_ALL: &str = "DROP TABLE IF EXISTS roster; DROP TABLE IF EXISTS journal; \
     DROP TABLE IF EXISTS epoch; DROP TABLE IF EXISTS removals; DROP TABLE IF EXISTS revocations";

/// The tables that a room can have in its storage. A table is created when something is first written to it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Table {
    Roster,
    Removals,
    Revocations,
    Journal,
}

const TABLE_NAMES: [(Table, &str); 4] = [
    (Table::Roster, "roster"),
    (Table::Removals, "removals"),
    (Table::Revocations, "revocations"),
    (Table::Journal, "journal"),
];

/// The object's storage.
pub struct RuntimeStorage {
    storage: DurableObjectStorage,
    log_level: LogLevel,
    /// The existing tables; read on first use.
    tables: Option<Vec<Table>>,
}

impl RuntimeStorage {
    pub fn new(storage: DurableObjectStorage, log_level: LogLevel) -> Self {
        Self { storage, log_level, tables: None }
    }

    pub fn raw(&self) -> &DurableObjectStorage {
        &self.storage
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

    pub fn made(&mut self, table: Table) {
        self.tables.get_or_insert_default().push(table);
    }

    pub fn unmade(&mut self, table: Table) {
        self.tables.get_or_insert_default().retain(|made| *made != table);
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
            self.made(table);
        }
        Ok(())
    }

    fn write_roster(&mut self, action: &str, statement: &str, bindings: &[JsValue]) {
        if self.make(Table::Roster, CREATE_ROSTER).is_ok() {
            let _ = self.run(action, statement, bindings);
        }
    }
}

impl Storage for RuntimeStorage {
    fn load_roster(&mut self) -> Vec<RosterEntry> {
        if !self.has(Table::Roster).unwrap_or_default() {
            return Vec::new();
        }
        self.load("load_roster", LOAD, &[], roster_entry).unwrap_or_default()
    }

    fn save(&mut self, entry: &RosterEntry) {
        let RosterEntry { user, joined_at, leaves_at } = entry;
        let bindings = [
            user.id.as_str().into(),
            user.name.as_ref().map_or(JsValue::NULL, |name| name.as_str().into()),
            number(*joined_at),
            leaves_at.map_or(JsValue::NULL, number),
        ];
        self.write_roster("save_roster", SAVE, &bindings);
    }

    fn erase(&mut self, user: &UserId) {
        self.write_roster("erase_roster", ERASE, &[user.as_str().into()]);
    }

    fn load_removals(&mut self) -> Result<Vec<(UserId, Millis)>, StorageFailed> {
        if !self.has(Table::Removals)? {
            return Ok(Vec::new());
        }
        self.load("load_removals", LOAD_REMOVALS, &[], removal)
    }

    fn save_removal(&mut self, user: &UserId, until: Millis) -> Result<(), StorageFailed> {
        self.make(Table::Removals, CREATE_REMOVALS)?;
        self.run("save_removal", SAVE_REMOVAL, &[user.as_str().into(), number(until)])
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

    fn erase_room(&mut self, erasure: Erasure) -> Result<(), StorageFailed> {
        let statements = match erasure {
            Erasure::ButRefusals => ERASE_BUT_REFUSALS,
            Erasure::All => ERASE_ALL,
        };
        self.logged("erase_room", sql::erase(&self.storage, statements))?;
        self.tables = None;
        Ok(())
    }

    fn set_alarm(&mut self, at: Millis) {
        // The runtime holds back what the room sends until the alarm is stored, so there is no need to await it.
        let (at, no_options) =
            (Date::new(&(at as f64).into()), JsValue::UNDEFINED.unchecked_into());
        let _ = self.logged("set_alarm", self.storage.set_alarm(at, no_options));
    }
}

fn roster_entry(values: &mut Values<'_>) -> Option<RosterEntry> {
    let id = UserId::parse(values.next()?).ok()?;
    let name = UserName::parse(values.next()?).ok();
    let joined_at = values.next()?.parse().ok()?;
    let leaves_at = values.next()?.parse().ok();
    // Whether they are verified is known again when they come back.
    Some(RosterEntry { user: User::unverified(id, name), joined_at, leaves_at })
}

fn removal(values: &mut Values<'_>) -> Option<(UserId, Millis)> {
    Some((UserId::parse(values.next()?).ok()?, values.next()?.parse().ok()?))
}

fn revocation(values: &mut Values<'_>) -> Option<Revocation> {
    let scope = Scope::from_parts(values.next()?, values.next()?)?;
    Some(Revocation { scope, before: values.next()?.parse().ok()? })
}
