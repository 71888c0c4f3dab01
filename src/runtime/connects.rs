//! Connects to a room. In JavaScript, for the same reasons as the other calls to a room.

use worker::Env;
use worker::js_sys::{Function, Promise};
use worker::wasm_bindgen::{self, prelude::*};

use super::{Judged, Limited};

#[wasm_bindgen(module = "/src/runtime/connects.js")]
extern "C" {
    /// Lets a client connect, to `leaf` if it is known to belong there; if the room does not answer, `unavailable` closes
    /// its socket.
    pub fn connect(
        env: &Env,
        room: &str,
        leaf: Option<&str>,
        admission: &str,
        unavailable: &Function,
        subprotocol: Option<&str>,
        limited: Option<Limited>,
    ) -> Promise;

    /// Lets a client connect if the signature of its token is valid.
    #[wasm_bindgen(js_name = connectIfValid)]
    pub fn connect_if_valid(
        env: &Env,
        room: &str,
        leaf: Option<&str>,
        admission: &str,
        judged: &Judged,
        subprotocol: Option<&str>,
        limited: Option<Limited>,
    ) -> Promise;
}
