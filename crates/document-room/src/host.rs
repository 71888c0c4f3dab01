//! The JavaScript objects through which a document reaches the runtime: those of `src/document-room/`. Their methods do
//! not throw, except where it says `catch`.

use js_sys::{Array, ArrayBuffer};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// `src/document-room/sockets.js`.
    #[wasm_bindgen(js_name = HostSockets)]
    pub type HostSockets;

    /// Finds all sockets again. Their attachments, in the order of their numbers, separated by a record separator (U+001E).
    #[wasm_bindgen(method)]
    pub fn wake(this: &HostSockets) -> String;

    /// Accepts a socket for hibernation. Returns whether the runtime accepted it: an object has at most 32,768.
    #[wasm_bindgen(method)]
    pub fn accept(this: &HostSockets, number: u32, socket: &JsValue, attachment: &str) -> bool;

    /// Replaces the attachment of a socket.
    #[wasm_bindgen(method)]
    pub fn attach(this: &HostSockets, number: u32, attachment: &str);

    #[wasm_bindgen(method)]
    pub fn send(this: &HostSockets, number: u32, frame: &ArrayBuffer);

    /// Sends to all but one.
    #[wasm_bindgen(method, js_name = sendAll)]
    pub fn send_all(this: &HostSockets, but: Option<u32>, frame: &ArrayBuffer);

    /// Forgets a socket.
    #[wasm_bindgen(method)]
    pub fn remove(this: &HostSockets, number: u32);

    /// Closes a socket, and forgets it.
    #[wasm_bindgen(method)]
    pub fn close(this: &HostSockets, number: u32, code: u16, reason: &str);

    /// When the runtime last answered a ping of this socket for us.
    #[wasm_bindgen(method, js_name = lastPing)]
    pub fn last_ping(this: &HostSockets, number: u32) -> Option<f64>;

    /// Lets the runtime answer pings, also while the object hibernates.
    #[wasm_bindgen(method, js_name = answerPings)]
    pub fn answer_pings(this: &HostSockets, ping: &str, pong: &str);
}

#[wasm_bindgen]
extern "C" {
    /// `src/document-room/storage.js`.
    #[wasm_bindgen(js_name = HostStorage)]
    pub type HostStorage;

    /// A stored number; 0 if there is none.
    #[wasm_bindgen(method, catch)]
    pub fn number(this: &HostStorage, key: &str) -> Result<f64, JsValue>;

    /// All rows from this one: four values each, as in the table.
    #[wasm_bindgen(method, catch)]
    pub fn rows(this: &HostStorage, from: f64) -> Result<Array, JsValue>;

    /// When the newest change came; `undefined` if there are no rows.
    #[wasm_bindgen(method, catch, js_name = changedAt)]
    pub fn changed_at(this: &HostStorage) -> Result<Option<f64>, JsValue>;

    /// Writes all or nothing. `rows`: four values each, as in the table; `numbers`: a key and a value each.
    #[wasm_bindgen(method, catch)]
    pub fn write(
        this: &HostStorage,
        rows: &Array,
        numbers: &Array,
        drop_before: Option<f64>,
    ) -> Result<(), JsValue>;

    /// Erases everything and the alarm.
    #[wasm_bindgen(method, catch)]
    pub fn erase(this: &HostStorage) -> Result<(), JsValue>;

    #[wasm_bindgen(method, js_name = setAlarm)]
    pub fn set_alarm(this: &HostStorage, at: f64);
}

#[wasm_bindgen]
extern "C" {
    /// `src/document-room/log.js`. Each method writes a line, if `LOG_LEVEL` allows it.
    #[wasm_bindgen(js_name = HostLog)]
    #[derive(Clone)]
    pub type HostLog;

    #[wasm_bindgen(method)]
    pub fn connected(this: &HostLog, connection: &str, user: Option<&str>, connections: usize);

    #[wasm_bindgen(method)]
    pub fn left(
        this: &HostLog,
        connection: &str,
        user: Option<&str>,
        code: u16,
        connections: usize,
    );

    /// The document was seeded, or erased.
    #[wasm_bindgen(method)]
    pub fn did(this: &HostLog, event: &str);

    #[wasm_bindgen(method)]
    pub fn compacted(this: &HostLog, from: usize, to: usize);

    #[wasm_bindgen(method)]
    pub fn refused(this: &HostLog, code: &str, reason: Option<&str>);

    #[wasm_bindgen(method)]
    pub fn failed(this: &HostLog, action: &str, message: &str);
}

#[wasm_bindgen]
extern "C" {
    /// `src/runtime/response.js`.
    #[wasm_bindgen(js_name = HostAnswers)]
    pub type HostAnswers;

    /// An answer in JSON.
    #[wasm_bindgen(method)]
    pub fn json(this: &HostAnswers, status: u16, body: &str) -> JsValue;

    /// The same with one more header.
    #[wasm_bindgen(method, js_name = jsonWithHeader)]
    pub fn json_with_header(
        this: &HostAnswers,
        status: u16,
        body: &str,
        name: &str,
        value: &str,
    ) -> JsValue;

    /// The 101 that gives the client its end of a socket.
    #[wasm_bindgen(method)]
    pub fn upgrade(this: &HostAnswers, client: &JsValue, subprotocol: Option<&str>) -> JsValue;

    /// A 101 whose socket is closed at once.
    #[wasm_bindgen(method, js_name = closeAtOnce)]
    pub fn close_at_once(
        this: &HostAnswers,
        code: u16,
        reason: &str,
        subprotocol: Option<&str>,
    ) -> JsValue;
}

/// The message of a thrown JavaScript value: never its stack.
pub fn message_of(thrown: &JsValue) -> String {
    let message = js_sys::Reflect::get(thrown, &"message".into()).ok();
    message.and_then(|message| message.as_string()).unwrap_or_else(|| "unknown".to_owned())
}
