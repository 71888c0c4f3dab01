//! The object's key-value storage (`pages.js`). In JavaScript, because workers-rs 0.8.7 has neither its synchronous reads
//! nor `transactionSync`, and takes the options of a write only with a promise to await.

use validiant_core::position::Seq;
use worker::js_sys::Uint8Array;
use worker::wasm_bindgen::{self, prelude::*};
use worker::worker_sys::DurableObjectState;

#[wasm_bindgen(module = "/src/room/pages.js")]
extern "C" {
    /// What is to be written at once.
    pub type Changes;

    #[wasm_bindgen(catch)]
    pub fn epoch(state: &DurableObjectState) -> Result<Option<String>, JsValue>;

    #[wasm_bindgen(catch, js_name = firstPageFrom)]
    pub fn first_page_from(
        state: &DurableObjectState,
        number: f64,
    ) -> Result<Option<Vec<u8>>, JsValue>;

    #[wasm_bindgen(catch, js_name = lastPageUntil)]
    pub fn last_page_until(
        state: &DurableObjectState,
        number: f64,
    ) -> Result<Option<Vec<u8>>, JsValue>;

    /// The entries of the roster, for `sql::parse`.
    #[wasm_bindgen(catch)]
    pub fn roster(state: &DurableObjectState) -> Result<String, JsValue>;

    pub fn changes() -> Changes;

    #[wasm_bindgen(js_name = setEpoch)]
    pub fn set_epoch(changes: &Changes, text: &str);

    /// `page`: `None` to delete it.
    #[wasm_bindgen(js_name = setPage)]
    pub fn set_page(changes: &Changes, number: f64, page: Option<Uint8Array>);

    /// `entry`: `None` to delete it.
    #[wasm_bindgen(js_name = setUser)]
    pub fn set_user(changes: &Changes, user: &str, entry: Option<&str>);

    /// Writes, and lets nothing wait for it. If it fails, the object is reset.
    #[wasm_bindgen(js_name = writeUnconfirmed)]
    pub fn write_unconfirmed(state: &DurableObjectState, changes: &Changes);

    /// Writes all or nothing, before anything that is sent later leaves. Returns what was thrown.
    #[wasm_bindgen(js_name = writeFirst)]
    pub fn write_first(state: &DurableObjectState, changes: &Changes) -> JsValue;

    /// Sets the one alarm, and lets nothing wait for it; milliseconds since the Unix epoch.
    #[wasm_bindgen(catch, js_name = setAlarm)]
    pub fn set_alarm(state: &DurableObjectState, at: f64) -> Result<(), JsValue>;

    /// Deletes the journal, the roster and the alarm, and runs erasing statements: all or nothing.
    #[wasm_bindgen(catch, js_name = eraseAnd)]
    pub fn erase_and(state: &DurableObjectState, statements: &str) -> Result<(), JsValue>;

    /// Deletes the journal with its epoch.
    #[wasm_bindgen(catch, js_name = eraseJournal)]
    pub fn erase_journal(state: &DurableObjectState) -> Result<(), JsValue>;
}

/// The largest exact number of JavaScript, and the last that a page can have.
const LAST: Seq = (1 << 53) - 2;

/// A number for JavaScript.
pub fn number(number: Seq) -> f64 {
    number.min(LAST) as f64
}
