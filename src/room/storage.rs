//! The port to what outlives the object: a roster in its SQLite, and its alarm.

use js_sys::Reflect;
use serde::Deserialize;
use validiant_core::Millis;
use validiant_core::member::User;
use validiant_core::names::{UserId, UserName};
use validiant_core::ports::{RosterEntry, Storage};
use validiant_core::settings::LogLevel;
use wasm_bindgen::prelude::*;

use crate::log;
use crate::runtime::{ObjectStorage, SqlCursor};

// Constant texts: the runtime caches the prepared statement by its text.
const CREATE: &str = "CREATE TABLE IF NOT EXISTS roster (user_id TEXT PRIMARY KEY, \
     user_name TEXT, joined_at INTEGER NOT NULL, leaves_at INTEGER) WITHOUT ROWID";
const SAVE: &str = "INSERT OR REPLACE INTO roster VALUES (?, ?, ?, ?)";
const ERASE: &str = "DELETE FROM roster WHERE user_id = ?";
// SQLite builds one text, because each value that crosses into WASM alone costs a call.
const LOAD: &str = "SELECT json_group_array(json_array(user_id, user_name, joined_at, leaves_at)) \
     AS roster FROM roster";
// A room in which nobody was ever present has no table, so that a broadcast into it writes nothing.
const HAS_TABLE: &str =
    "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'roster') AS has_table";

/// The object's storage.
pub struct RuntimeStorage {
    storage: ObjectStorage,
    log_level: LogLevel,
    has_table: bool,
}

#[derive(Deserialize)]
struct Row(UserId, Option<UserName>, Millis, Option<Millis>);

impl From<Row> for RosterEntry {
    fn from(Row(id, name, joined_at, leaves_at): Row) -> Self {
        Self { user: User { id, name }, joined_at, leaves_at }
    }
}

impl RuntimeStorage {
    pub fn new(storage: ObjectStorage, log_level: LogLevel) -> Self {
        Self { storage, log_level, has_table: false }
    }

    fn exec(&self, query: &str, bindings: &[JsValue]) -> Result<SqlCursor, JsValue> {
        self.storage.sql().exec(query, bindings)
    }

    /// The one value of a query that answers one row of one column.
    fn query(&self, query: &str, column: &str) -> Result<JsValue, JsValue> {
        let row = self.exec(query, &[])?.one()?;
        Reflect::get(&row, &column.into())
    }

    fn load(&mut self) -> Result<Vec<RosterEntry>, JsValue> {
        self.has_table = self.query(HAS_TABLE, "has_table")?.is_truthy();
        if !self.has_table {
            return Ok(Vec::new());
        }
        let text = self.query(LOAD, "roster")?.as_string().unwrap_or_default();
        let rows: Vec<Row> =
            serde_json::from_str(&text).map_err(|_| "the roster can not be read")?;
        Ok(rows.into_iter().map(RosterEntry::from).collect())
    }

    fn write(&mut self, action: &str, query: &str, bindings: &[JsValue]) {
        if !self.has_table {
            self.has_table = self.logged(action, self.exec(CREATE, &[])).is_some();
        }
        let _ = self.logged(action, self.exec(query, bindings));
    }

    fn logged<T>(&self, action: &str, result: Result<T, JsValue>) -> Option<T> {
        result.inspect_err(|thrown| log::failure(self.log_level, None, action, thrown)).ok()
    }
}

impl Storage for RuntimeStorage {
    fn load_roster(&mut self) -> Vec<RosterEntry> {
        let loaded = self.load();
        self.logged("load_roster", loaded).unwrap_or_default()
    }

    fn save(&mut self, entry: &RosterEntry) {
        let RosterEntry { user, joined_at, leaves_at } = entry;
        let bindings = [
            user.id.as_str().into(),
            user.name.as_ref().map_or(JsValue::NULL, |name| name.as_str().into()),
            number(*joined_at),
            leaves_at.map_or(JsValue::NULL, number),
        ];
        self.write("save_roster", SAVE, &bindings);
    }

    fn erase(&mut self, user: &UserId) {
        self.write("erase_roster", ERASE, &[user.as_str().into()]);
    }

    fn set_alarm(&mut self, at: Millis) {
        // The runtime holds back what the room sends until the alarm is stored: no need to await.
        let _ = self.logged("set_alarm", self.storage.set_alarm(at as f64));
    }
}

/// Milliseconds since 1970 are far below 2^53, up to which a JavaScript number is exact.
fn number(millis: Millis) -> JsValue {
    JsValue::from_f64(millis as f64)
}
